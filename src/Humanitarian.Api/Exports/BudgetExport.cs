using Humanitarian.Api.Grants;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Exports;

/// <summary>
/// Plans beside what became of them: a row for each line of each grant, and under what is for people a row for each rate that its money was
/// booked at. Of a grant, or of all of a program that the caller sees.
/// </summary>
public sealed class BudgetExport(BudgetReads budgets, LedgerInfo ledger)
{
    private static readonly string[] Columns =
    [
        "number", "grant", "purpose", "line", "currency", "planned", "committed", "actual", "left", "committed_percent", "actual_percent", "left_percent",
        "rate", "local_currency", "local_committed", "local_actual",
    ];

    /// <summary>Null when there is no such grant or program to be seen.</summary>
    internal async Task<ExportTable?> OfAsync(Id id, ExportRange range, CancellationToken cancellationToken)
    {
        var grants = await budgets.OfGrantAsync(id, cancellationToken) is { } one ? [one] : (await budgets.OfProgramAsync(id, cancellationToken))?.Grants;
        if (grants is null)
        {
            return null;
        }

        var rows = new List<object?[]>();
        foreach (var grant in grants)
        {
            var (own, local) = (await ExponentAsync(grant.Grant.Unit), await ExponentAsync(grant.Program.Unit));
            foreach (var line in grant.Lines)
            {
                rows.Add([(long)rows.Count + 1, grant.Grant.Id.ToString(), .. Row(line, own)]);
                rows.AddRange(line.Booked.Select((part, place) => (object?[])[(long)rows.Count + 1 + place, grant.Grant.Id.ToString(), .. Row(line, part, own, grant.Program.Unit, local)]));
            }
        }

        var from = (int)Math.Min(range.After ?? 0, rows.Count);
        var to = (int)Math.Min((long)from + range.Rows, rows.Count);
        return new ExportTable("budget", $"budget-{id}", Columns, rows[from..to].ToAsyncEnumerable(), to < rows.Count ? to : null);
    }

    private static object?[] Row(BudgetReportLine line, int exponent) =>
    [
        ExportAmount.Word(line.Purpose), line.Code, line.Unit, ExportAmount.Of(line.PlannedMinor, exponent), ExportAmount.Of(line.CommittedMinor, exponent),
        ExportAmount.Of(line.ActualMinor, exponent), ExportAmount.Of(line.LeftMinor, exponent), Percent(line.CommittedMinor, line), Percent(line.ActualMinor, line),
        Percent(line.LeftMinor, line), null, null, null, null,
    ];

    private static object?[] Row(BudgetReportLine line, BookedPart part, int exponent, string localUnit, int localExponent) =>
    [
        "BOOKED", "", line.Unit, null, ExportAmount.Of(part.CommittedMinor, exponent), ExportAmount.Of(part.ActualMinor, exponent), null, null, null, null,
        part.Rate, localUnit, ExportAmount.Of(part.LocalCommittedMinor, localExponent), ExportAmount.Of(part.LocalActualMinor, localExponent),
    ];

    private static object? Percent(long amountMinor, BudgetReportLine line) => BudgetReportLineView.Percent(amountMinor, line.PlannedMinor) is { } text
        ? decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture)
        : null;

    private async Task<int> ExponentAsync(string unit) =>
        await ledger.UnitAsync(unit) is { } known ? known.Exponent : throw new InvalidDataException($"The unit {unit} is not defined.");
}
