using Humanitarian.Domain;
using Humanitarian.Domain.Grants;

namespace Humanitarian.Grains.Reading;

/// <summary>What a line of a plan is for.</summary>
public enum BudgetPurpose
{
    /// <summary>A budget line: direct costs and providers' fees.</summary>
    Cost = 1,

    /// <summary>Indirect costs, by the grant's rate.</summary>
    IndirectCosts = 2,

    /// <summary>What is for people: the commitment less what costs may take.</summary>
    Assistance = 3,
}

/// <summary>A part of what was assisted, at the rate its money was booked at; minor units of the program's currency, and of the grant's.</summary>
/// <param name="Conversion">The conversion; none where grant and program count in one currency.</param>
/// <param name="Rate">The agreed rate: whole units of the program's currency for one of the grant's; null where they count in one currency.</param>
public sealed record BookedPart(Id Conversion, string? Rate, long CommittedMinor, long ActualMinor, long LocalCommittedMinor, long LocalActualMinor);

/// <summary>A line of a grant's plan beside what became of it, in minor units of the grant's currency.</summary>
/// <param name="Code">The budget line's code; empty for the other purposes.</param>
/// <param name="CommittedMinor">Released for people and not yet paid.</param>
/// <param name="ActualMinor">Paid: costs charged; for people, what they were credited or paid out, less what expired.</param>
/// <param name="Booked">What is for people, by the rates that its money was booked at; nothing is valued anew.</param>
public sealed record BudgetReportLine(
    BudgetPurpose Purpose, string Code, string Unit, long PlannedMinor, long CommittedMinor, long ActualMinor, IReadOnlyList<BookedPart> Booked)
{
    /// <summary>What of the plan is neither committed nor spent; negative for a line that is overspent.</summary>
    public long LeftMinor => checked(PlannedMinor - CommittedMinor - ActualMinor);
}

/// <summary>A grant's plan beside what became of it.</summary>
public static class BudgetReport
{
    /// <param name="trace">The grant's money, exact or as its donor is told it.</param>
    /// <param name="underWay">The disbursements that are released and not over.</param>
    public static IReadOnlyList<BudgetReportLine> Of(GrantRecord grant, TraceNode trace, IReadOnlySet<Id> underWay)
    {
        var limits = grant.BudgetLines.Aggregate((Int128)0, (sum, line) => sum + line.LimitMinor);
        var indirect = limits * grant.IndirectRate / GrantRecord.MaximumIndirectRate;
        var lines = grant.BudgetLines
            .Select(line => new BudgetReportLine(BudgetPurpose.Cost, line.Code, grant.Unit, line.LimitMinor, 0, line.SpentMinor, [])).ToList();
        if (grant.HasCostTerms)
        {
            lines.Add(new BudgetReportLine(BudgetPurpose.IndirectCosts, "", grant.Unit, Fitting(indirect), 0, grant.IndirectMinor, []));
        }

        BookedPart[] booked = [.. trace.Children.Where(child => child.Children.Count > 0).Select(child => Booked(child, underWay))];
        lines.Add(new BudgetReportLine(
            BudgetPurpose.Assistance, "", grant.Unit, Fitting(grant.CommitmentMinor - limits - indirect), booked.Sum(part => part.CommittedMinor),
            booked.Sum(part => part.ActualMinor), ByRate(booked)));
        return lines;
    }

    // Receipts of a grant in the program's currency were booked at no rate, and are one part.
    private static IReadOnlyList<BookedPart> ByRate(BookedPart[] booked) =>
    [
        .. booked.GroupBy(part => (part.Conversion, part.Rate)).Select(same => new BookedPart(
            same.Key.Conversion, same.Key.Rate, same.Sum(part => part.CommittedMinor), same.Sum(part => part.ActualMinor),
            same.Sum(part => part.LocalCommittedMinor), same.Sum(part => part.LocalActualMinor))),
    ];

    private static BookedPart Booked(TraceNode money, IReadOnlySet<Id> underWay)
    {
        var local = money.Local ?? money;
        return new BookedPart(
            money.Local is null ? Id.None : money.Id, money.Rate, money.Children.Sum(child => Committed(child, underWay)), Actual(money),
            local.Children.Sum(child => Committed(child, underWay)), Actual(local));
    }

    private static long Committed(TraceNode disbursement, IReadOnlySet<Id> underWay) => underWay.Contains(disbursement.Id)
        ? disbursement.DonatedMinor - disbursement.DisbursedMinor - disbursement.DeliveredMinor
        : disbursement.InstructedMinor;

    private static long Actual(TraceNode money) => money.DisbursedMinor - money.ExpiredMinor + money.DeliveredMinor;

    private static long Fitting(Int128 amount) => (long)Int128.Clamp(amount, 0, long.MaxValue);
}
