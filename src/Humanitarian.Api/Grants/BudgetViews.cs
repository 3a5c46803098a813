using System.Globalization;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Grants;

/// <summary>A part of what is for people, at the rate that its money was booked at. Nothing is valued anew.</summary>
/// <param name="ConversionId">The conversion's lot; null where grant and program count in one currency.</param>
/// <param name="Rate">The agreed rate: whole units of the program's currency for one of the grant's; null where they count in one currency.</param>
/// <param name="Committed">Released and not yet paid, in the grant's currency.</param>
/// <param name="Actual">Paid and not expired, in the grant's currency.</param>
/// <param name="LocalCommitted">Released and not yet paid, in the program's currency.</param>
/// <param name="LocalActual">Paid and not expired, in the program's currency.</param>
[Name("BookedPart")]
public sealed record BookedPartView(Id? ConversionId, string? Rate, Money Committed, Money Actual, Money LocalCommitted, Money LocalActual);

/// <summary>A line of a plan beside what became of it: planned = committed + actual + left.</summary>
/// <param name="Purpose">What it is for.</param>
/// <param name="Code">The budget line's code; null for what is no budget line.</param>
/// <param name="Planned">What was agreed: the line's limit, the indirect rate of all limits, or the commitment less both.</param>
/// <param name="Committed">Released for people and not yet paid.</param>
/// <param name="Actual">Costs charged; for people, what they were credited or paid out and has not expired.</param>
/// <param name="Left">What is neither; negative when overspent.</param>
/// <param name="CommittedPercent">Of what was planned, with two decimal places rounded down; null when nothing was.</param>
/// <param name="ActualPercent">Of what was planned, likewise.</param>
/// <param name="LeftPercent">Of what was planned, likewise.</param>
/// <param name="Booked">What is for people, by the rates that its money was booked at; empty for costs, which are charged in the grant's currency.</param>
[Name("BudgetReportLine")]
public sealed record BudgetReportLineView(
    BudgetPurpose Purpose, string? Code, Money Planned, Money Committed, Money Actual, Money Left, string? CommittedPercent, string? ActualPercent, string? LeftPercent,
    IReadOnlyList<BookedPartView> Booked)
{
    internal static BudgetReportLineView Of(BudgetReportLine line, string programUnit)
    {
        Money In(long amountMinor) => new(amountMinor, line.Unit);
        return new BudgetReportLineView(
            line.Purpose, line.Code.Length == 0 ? null : line.Code, In(line.PlannedMinor), In(line.CommittedMinor), In(line.ActualMinor), In(line.LeftMinor),
            Percent(line.CommittedMinor, line.PlannedMinor), Percent(line.ActualMinor, line.PlannedMinor), Percent(line.LeftMinor, line.PlannedMinor),
            [.. line.Booked.Select(part => new BookedPartView(
                part.Conversion.IsNone ? null : part.Conversion, part.Rate, In(part.CommittedMinor), In(part.ActualMinor),
                new Money(part.LocalCommittedMinor, programUnit), new Money(part.LocalActualMinor, programUnit)))]);
    }

    /// <summary>Hundredths of a percent, rounded down, as text.</summary>
    internal static string? Percent(long amountMinor, long plannedMinor) => plannedMinor == 0
        ? null
        : ((decimal)Int128.Clamp(FloorOf((Int128)amountMinor * 10_000, plannedMinor), long.MinValue, long.MaxValue) / 100).ToString("0.00", CultureInfo.InvariantCulture);

    private static Int128 FloorOf(Int128 amount, Int128 by) => amount >= 0 ? amount / by : -((-amount + by - 1) / by);
}

/// <summary>A grant's plan beside what became of it, line by line, in the grant's currency.</summary>
/// <param name="GrantId">The grant.</param>
/// <param name="Currency">The grant's currency.</param>
/// <param name="ProgramCurrency">The program's currency.</param>
/// <param name="Lines">Budget lines first, then indirect costs where the grant's terms speak of costs, then what is for people.</param>
/// <param name="LeastHouseholds">Fewest households that a figure covers for you; null where figures are exact: for who runs the program.</param>
[Name("GrantBudget")]
public sealed record GrantBudgetView(Id GrantId, string Currency, string ProgramCurrency, IReadOnlyList<BudgetReportLineView> Lines, int? LeastHouseholds)
{
    internal static GrantBudgetView Of(SeenBudget seen) => new(
        seen.Grant.Id, seen.Grant.Unit, seen.Program.Unit, [.. seen.Lines.Select(line => BudgetReportLineView.Of(line, seen.Program.Unit))], seen.LeastHouseholds);
}

/// <summary>The plans of a program's grants beside what became of them.</summary>
/// <param name="ProgramId">The program.</param>
/// <param name="Currency">The program's currency.</param>
/// <param name="Lines">The grants' lines summed by purpose, code and currency; amounts of different currencies are never added.</param>
/// <param name="Grants">Grant by grant: all for who runs the program, a donor's own.</param>
[Name("ProgramBudget")]
public sealed record ProgramBudgetView(Id ProgramId, string Currency, IReadOnlyList<BudgetReportLineView> Lines, IReadOnlyList<GrantBudgetView> Grants);

/// <summary>Plans beside what became of them.</summary>
public sealed class BudgetQueries(BudgetReads budgets) : IQueries
{
    /// <summary>A grant's plan beside what became of it. A donor is never told of few households.</summary>
    /// <param name="grantId">The grant.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<GrantBudgetView?> GrantBudget(Id grantId, CancellationToken cancellationToken) =>
        await budgets.OfGrantAsync(grantId, cancellationToken) is { } seen ? GrantBudgetView.Of(seen) : null;

    /// <summary>The plans of a program's grants beside what became of them; a donor sees their grants' part.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<ProgramBudgetView?> ProgramBudget(Id programId, CancellationToken cancellationToken) =>
        await budgets.OfProgramAsync(programId, cancellationToken) is var (program, grants)
            ? new ProgramBudgetView(
                program.Id, program.Unit, [.. Summed(grants).Select(line => BudgetReportLineView.Of(line, program.Unit))], [.. grants.Select(GrantBudgetView.Of)])
            : null;

    private static IEnumerable<BudgetReportLine> Summed(IReadOnlyList<SeenBudget> grants) => grants.SelectMany(grant => grant.Lines)
        .GroupBy(line => (line.Purpose, line.Code, line.Unit))
        .OrderBy(same => same.Key.Purpose)
        .Select(same => new BudgetReportLine(
            same.Key.Purpose, same.Key.Code, same.Key.Unit, same.Sum(line => line.PlannedMinor), same.Sum(line => line.CommittedMinor), same.Sum(line => line.ActualMinor),
            [.. same.SelectMany(line => line.Booked)]));
}
