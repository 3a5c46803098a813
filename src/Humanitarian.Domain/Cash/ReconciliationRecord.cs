using System.Security.Cryptography;

namespace Humanitarian.Domain.Cash;

/// <summary>
/// The import of one report file: what it says in sum, as finance signs it, and how much of that is recorded. A file is imported
/// once; its batches are versions of this record.
/// </summary>
/// <param name="File">SHA-256 of the file.</param>
/// <param name="Format">Name of the file's format.</param>
/// <param name="Lines">Lines of the file.</param>
/// <param name="DeliveredMinor">What the file says was delivered, in minor units.</param>
/// <param name="FailedMinor">What the file says was not, in minor units.</param>
/// <param name="RecordedLines">Lines recorded so far; those that the ledger knew already are not among them.</param>
/// <param name="RecordedDeliveredMinor">What left the ledger by it so far.</param>
/// <param name="RecordedFailedMinor">What came back to the budget by it so far.</param>
public sealed record ReconciliationRecord(
    Id Id, Id Disbursement, Hash32 File, string Format, long Lines, long DeliveredMinor, long FailedMinor, long RecordedLines, long RecordedDeliveredMinor,
    long RecordedFailedMinor, Id ImportedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Reconciliation;
    public override Id Parent => Disbursement;

    /// <summary>The id of a file's import for a disbursement.</summary>
    public static Id IdOf(Id disbursement, Hash32 file) =>
        Id.FromBytes(SHA256.HashData([.. "reconciliation"u8, .. disbursement.ToBytes(), .. file.ToArray()]));

    /// <summary>As it is signed: before anything was recorded.</summary>
    public ReconciliationRecord Announced => this with { RecordedLines = 0, RecordedDeliveredMinor = 0, RecordedFailedMinor = 0 };
}
