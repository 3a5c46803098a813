namespace Humanitarian.Domain.Households;

/// <summary>Why what is kept of a person is deleted.</summary>
public enum ForgettingReason
{
    /// <summary>The day until which they were told that it is kept has passed.</summary>
    RetentionEnded = 1,

    /// <summary>They ask for it, and the ground on which it is kept lets them.</summary>
    Request = 2,
}

/// <summary>
/// Two members' decision to delete what is kept of a person beside the ledger. Its id is the account's, which stays as a pseudonym that
/// leads to nobody.
/// </summary>
/// <param name="ProposedAt">Unix milliseconds.</param>
/// <param name="ForgottenBy">Who confirmed it; none before.</param>
/// <param name="ForgottenAt">Unix milliseconds; 0 before.</param>
public sealed record ForgettingRecord(Id Id, Id Organisation, ForgettingReason Reason, Id ProposedBy, long ProposedAt, Id ForgottenBy, long ForgottenAt) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Forgetting;
    public override Id Parent => Organisation;
    public override bool NamesPerson => true;

    /// <summary>True once both have decided.</summary>
    public bool IsForgotten => !ForgottenBy.IsNone;
}
