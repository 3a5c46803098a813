using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;

namespace Humanitarian.Api.Cash;

/// <summary>
/// Compares a report with what was instructed as it is read, all errors with their lines. Lines are looked up in batches; memory
/// grows by 12 bytes for each, which repeats are found by.
/// </summary>
/// <param name="find">The lines of the disbursement among some references.</param>
internal sealed class ReportMatch(ReportReader reader, Func<IReadOnlyList<Id>, Task<IReadOnlyDictionary<Id, CashLineRecord>>> find, string currency, int exponent)
    : IAsyncDisposable
{
    private readonly ErrorLog errors = new(overflow: null);
    private readonly SeenIdentifiers seen = new();

    /// <summary>The first 10,000 errors, in the order of the file.</summary>
    public IReadOnlyList<ListError> Errors => errors.Kept;

    /// <summary>All errors; what refuses the file whole is the last of them.</summary>
    public long ErrorsTotal => errors.Total;

    /// <summary>Lines that say what became of a payment.</summary>
    public long Lines { get; private set; }

    /// <summary>Lines that say that nothing is known yet.</summary>
    public long UnderWay { get; private set; }

    /// <summary>Lines that say what the ledger knows already.</summary>
    public long AlreadyRecorded { get; private set; }

    /// <summary>Lines that say otherwise than what theirs ended with.</summary>
    public long Contradicting { get; private set; }

    public long DeliveredMinor { get; private set; }

    /// <summary>What the good lines say was not delivered, in minor units.</summary>
    public long FailedMinor { get; private set; }

    /// <summary>The good lines in batches of at most <see cref="Reconciliations.MaximumLines"/>; the figures are whole at the end.</summary>
    public async IAsyncEnumerable<Report[]> ReportsAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var rows = new List<ReportRow>(Reconciliations.MaximumLines);
        await foreach (var row in reader.RowsAsync(cancellationToken))
        {
            rows.Add(row);
            if (rows.Count == Reconciliations.MaximumLines)
            {
                yield return await MatchAsync(rows, cancellationToken);
                rows.Clear();
            }
        }

        if (rows.Count > 0)
        {
            yield return await MatchAsync(rows, cancellationToken);
        }

        if (reader.Refusal is { } refusal)
        {
            await errors.AddAsync(refusal, cancellationToken);
        }
    }

    /// <summary>Reads to the end for the figures alone.</summary>
    public async Task<ReportMatch> ReadAsync(CancellationToken cancellationToken = default)
    {
        await foreach (var _ in ReportsAsync(cancellationToken))
        {
        }

        return this;
    }

    public ValueTask DisposeAsync() => errors.DisposeAsync();

    private async Task<Report[]> MatchAsync(List<ReportRow> rows, CancellationToken cancellationToken)
    {
        var reports = new List<Report>(rows.Count);
        var lines = await find([.. rows.Select(row => ReferenceOf(row)).OfType<Id>().Distinct()]);
        foreach (var row in rows)
        {
            bool? delivered = null;
            var amount = 0L;
            var fault = Line(row, lines, out var line) ?? Status(row, out delivered) ?? (delivered is { } paid ? Amount(row, line!, paid, exponent, out amount) : null);
            if (fault is not null)
            {
                await errors.AddAsync(fault, cancellationToken);
            }
            else if (delivered is null)
            {
                UnderWay++;
            }
            else
            {
                reports.Add(new Report(line!.Id, amount, amount == line.AmountMinor ? "" : CashWords.ReasonOf(row.Reason, row.Status)));
                Count(line, amount);
            }
        }

        return [.. reports];
    }

    private void Count(CashLineRecord line, long deliveredMinor)
    {
        Lines++;
        DeliveredMinor = checked(DeliveredMinor + deliveredMinor);
        FailedMinor = checked(FailedMinor + line.AmountMinor - deliveredMinor);
        if (line.State != CashLineState.Instructed)
        {
            _ = deliveredMinor == line.DeliveredMinor ? AlreadyRecorded++ : Contradicting++;
        }
    }

    private static Id? ReferenceOf(ReportRow row) => Id.TryParse(row.Reference.ToLowerInvariant(), out var id) ? id : null;

    private ListError? Line(ReportRow row, IReadOnlyDictionary<Id, CashLineRecord> lines, out CashLineRecord? line)
    {
        line = ReferenceOf(row) is { } id ? lines.GetValueOrDefault(id) : null;
        if (line is null)
        {
            return Error(row, "reference", CashCodes.ReferenceUnknown, "No line of this disbursement has this reference.");
        }

        var hash = BinaryPrimitives.ReadUInt128BigEndian(line.Id.ToBytes());
        if (seen.Line(hash) is > 0 and var first)
        {
            return Error(row, "reference", CashCodes.ReferenceRepeated, $"The reference is on line {first} already.");
        }

        seen.Add(hash, row.Line);
        return row.Currency.Length > 0 && row.Currency != currency ? Error(row, "currency", CashCodes.CurrencyMismatch, $"The disbursement is in {currency}.") : null;
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
