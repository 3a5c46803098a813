using System.Security.Cryptography;

namespace Humanitarian.Domain.Cash;

/// <summary>Where a contradiction stands.</summary>
public enum ContradictionState
{
    /// <summary>Nobody has decided yet.</summary>
    Open = 1,

    /// <summary>The later report holds; the line was corrected.</summary>
    Accepted = 2,

    /// <summary>The line stays as it was recorded first.</summary>
    Dismissed = 3,
}

/// <summary>A report that says otherwise than what a line ended with. It changes nothing until a person decides.</summary>
/// <param name="File">SHA-256 of the report.</param>
/// <param name="DeliveredMinor">What the report says was delivered, in minor units.</param>
/// <param name="Reason">The report's code of why it was not delivered in full; empty otherwise.</param>
/// <param name="Resolution">The code that the member gave as reason; empty while open.</param>
public sealed record ContradictionRecord(
    Id Id, Id Disbursement, Id Line, Hash32 File, long DeliveredMinor, string Reason, ContradictionState State, Id ResolvedBy, string Resolution) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Contradiction;
    public override Id Parent => Disbursement;
    public override bool NamesPerson => true;

    /// <summary>SHA-256 of the report by which the line stood when this one came; zero for one that was recalled.</summary>
    public Hash32 Against { get; init; }

    /// <summary>The id of what a file says against a line.</summary>
    public static Id IdOf(Id line, Hash32 file) => Id.FromBytes(SHA256.HashData([.. "contradiction"u8, .. line.ToBytes(), .. file.ToArray()]));
}
