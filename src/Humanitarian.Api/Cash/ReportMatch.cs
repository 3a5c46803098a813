using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;

namespace Humanitarian.Api.Cash;

/// <summary>What a report means to a disbursement: its good lines, and everything that is wrong with the others.</summary>
/// <param name="UnderWay">Lines that say that nothing is known yet.</param>
/// <param name="FailedMinor">What the good lines say was not delivered, in minor units.</param>
internal sealed record MatchedReport(IReadOnlyList<Report> Reports, IReadOnlyList<ListError> Errors, long UnderWay, long DeliveredMinor, long FailedMinor);

/// <summary>Compares a report with what was instructed, all errors at once, each with its line.</summary>
internal static class ReportMatch
{
    public static MatchedReport Of(ReportFile file, IReadOnlyDictionary<Id, CashLineRecord> lines, string currency, int exponent)
    {
        var (reports, errors, seen) = (new List<Report>(), new List<ListError>(file.Errors), new HashSet<Id>());
        long underWay = 0, delivered = 0, failed = 0;
        foreach (var row in file.Rows)
        {
            var fault = Line(row, lines, seen, currency, out var line) ?? Status(row, out var status);
            if (fault is not null)
            {
                errors.Add(fault);
            }
            else if (!CashWords.TryRead(row.Status, out var paid) || paid is null)
            {
                underWay++;
            }
            else if (Amount(row, line!, paid.Value, exponent, out var amount) is { } wrong)
            {
                errors.Add(wrong);
            }
            else
            {
                reports.Add(new Report(line!.Id, amount, amount == line.AmountMinor ? "" : CashWords.ReasonOf(row.Reason, row.Status)));
                delivered = checked(delivered + amount);
                failed = checked(failed + line.AmountMinor - amount);
            }
        }

        return new MatchedReport(reports, errors, underWay, delivered, failed);
    }

    private static ListError? Line(
        ReportRow row, IReadOnlyDictionary<Id, CashLineRecord> lines, HashSet<Id> seen, string currency, out CashLineRecord? line)
    {
        line = Id.TryParse(row.Reference.ToLowerInvariant(), out var id) ? lines.GetValueOrDefault(id) : null;
        return line is null ? Error(row, "reference", CashCodes.ReferenceUnknown, "No line of this disbursement has this reference.")
            : !seen.Add(id) ? Error(row, "reference", CashCodes.ReferenceRepeated, "The reference stands in the file already.")
            : row.Currency.Length > 0 && row.Currency != currency ? Error(row, "currency", CashCodes.CurrencyMismatch, $"The disbursement is in {currency}.")
            : null;
    }

    private static ListError? Status(ReportRow row, out bool? delivered) => CashWords.TryRead(row.Status, out delivered)
        ? null
        : Error(row, "status", CashCodes.StatusUnknown, "The status is none of those that docs/cash.md lists.");

    private static ListError? Amount(ReportRow row, CashLineRecord line, bool delivered, int exponent, out long amount)
    {
        amount = delivered ? line.AmountMinor : 0;
        if (row.Amount.Length == 0 || row.Amount.All(c => c is '0' or '.'))
        {
            return row.Amount.Length > 0 && delivered
                ? Error(row, "amount", CashCodes.StatusContradictsAmount, "The status says delivered, the amount is zero.")
                : null;
        }

        if (AmountCell.Read(row.Amount, exponent, out var read) is { } fault)
        {
            return Error(row, "amount", fault.Code, fault.Reason);
        }

        if (read > line.AmountMinor)
        {
            return Error(row, "amount", CashCodes.AmountAboveInstructed, "The amount is more than was instructed.");
        }

        // A failed payment is reported with what should have been paid.
        amount = delivered ? read : 0;
        return null;
    }

    private static ListError Error(ReportRow row, string column, string code, string reason) => new(row.Line, column, "", code, reason);
}
