using System.Security.Cryptography;

namespace Humanitarian.Domain.Cash;

/// <summary>Where a line with a provider stands. It ends once; after that only a person's correction changes it.</summary>
public enum CashLineState
{
    /// <summary>Held on the provider's float; nothing is known of it yet.</summary>
    Instructed = 1,

    /// <summary>Paid out in full.</summary>
    Delivered = 2,

    /// <summary>Delivered in part; the rest came back.</summary>
    PartlyDelivered = 3,

    /// <summary>Not paid out; it came back.</summary>
    Failed = 4,

    /// <summary>Unclaimed for as long as the program's terms allow.</summary>
    Recalled = 5,
}

/// <summary>
/// One line of a cash disbursement as a hold on the provider's float: instructed, then ended with what was delivered. Its id is the
/// reference that the provider sees and reports; it names nobody to whom does not know the account.
/// </summary>
/// <param name="Place">Place of the line in its chunk.</param>
/// <param name="BeforeMinor">What the lines that this one follows up have delivered, in minor units.</param>
/// <param name="Until">First moment, in Unix milliseconds, at which it is recalled when nothing was reported.</param>
/// <param name="Reason">Code of why it was not delivered in full; empty otherwise.</param>
/// <param name="Evidence">SHA-256 of the report that ended it; zero while instructed and when recalled.</param>
/// <param name="FollowedBy">The disbursement that brings the rest; none while nobody does.</param>
/// <param name="Claims">What it took of the program's terms; open again once nothing at all was delivered.</param>
public sealed record CashLineRecord(
    Id Id, Id Disbursement, int Chunk, int Place, Id Account, Id Household, long AmountMinor, long DeliveredMinor, long BeforeMinor, long Until,
    CashLineState State, string Reason, Hash32 Evidence, Id FollowedBy, IReadOnlyList<Claim> Claims) : Record(Id)
{
    /// <summary>Most characters of a reason.</summary>
    public const int MaximumReason = 40;

    public override RecordKind Kind => RecordKind.CashLine;
    public override Id Parent => Disbursement;
    public override bool NamesPerson => true;

    /// <summary>What was not delivered of an ended line, in minor units.</summary>
    public long RestMinor => State == CashLineState.Instructed ? 0 : AmountMinor - DeliveredMinor;

    /// <summary>True while what it claimed stays claimed: it is under way, or something was delivered by it or before it.</summary>
    public bool HoldsClaims => State == CashLineState.Instructed || BeforeMinor + DeliveredMinor > 0;

    /// <summary>The id of an account's line in a disbursement, of which there is one.</summary>
    public static Id IdOf(Id disbursement, Id account) =>
        Id.FromBytes(SHA256.HashData([.. "cash line"u8, .. disbursement.ToBytes(), .. account.ToBytes()]));

    /// <summary>The line as a report ends it.</summary>
    public CashLineRecord Ended(long deliveredMinor, string reason, Hash32 evidence) => this with
    {
        DeliveredMinor = deliveredMinor,
        State = deliveredMinor == AmountMinor ? CashLineState.Delivered : deliveredMinor > 0 ? CashLineState.PartlyDelivered : CashLineState.Failed,
        Reason = deliveredMinor == AmountMinor ? "" : reason,
        Evidence = evidence,
    };

    /// <summary>Equality with the claims compared one by one.</summary>
    internal bool Is(CashLineRecord other) => this with { Claims = other.Claims } == other && Claims.SequenceEqual(other.Claims);

    /// <summary>True for a stable code: capital letters, digits and underscores.</summary>
    public static bool IsReason(string code) =>
        code.Length is > 0 and <= MaximumReason && code.All(c => c is (>= 'A' and <= 'Z') or (>= '0' and <= '9') or '_');
}
