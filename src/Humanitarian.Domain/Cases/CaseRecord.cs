namespace Humanitarian.Domain.Cases;

/// <summary>What a case is about.</summary>
public enum CaseKind
{
    /// <summary>Somebody asks.</summary>
    Question = 1,

    /// <summary>Somebody complains.</summary>
    Complaint = 2,

    /// <summary>Somebody says that a redemption or another entry of their account was not theirs, or is wrong.</summary>
    Dispute = 3,

    /// <summary>Somebody asks to see, mend or delete what is kept of them.</summary>
    Data = 4,
}

/// <summary>Where a case stands.</summary>
public enum CaseStatus
{
    /// <summary>Nobody has begun.</summary>
    Open = 1,

    /// <summary>Somebody works on it.</summary>
    InProgress = 2,

    /// <summary>Answered; it may be taken up again.</summary>
    Resolved = 3,

    /// <summary>Ended for good.</summary>
    Closed = 4,
}

/// <summary>A beneficiary's case. What is said in it is kept elsewhere; the ledger has salted hashes of it, and who did what when.</summary>
/// <param name="Account">The beneficiary's.</param>
/// <param name="Redemption">What is disputed; none for others.</param>
/// <param name="Sensitive">True for what only protection and administrators see.</param>
/// <param name="Content">Salted hash of the newest text.</param>
public sealed record CaseRecord(
    Id Id, Id Organisation, Id Account, Id Redemption, CaseKind CaseKind, CaseStatus Status, bool Sensitive, Hash32 Content, Id OpenedBy, Id ChangedBy) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Case;
    public override Id Parent => Account;
    public override bool NamesPerson => true;

    /// <summary>Number of the account's entry that is disputed; 0 for none.</summary>
    public ulong Entry { get; init; }
}
