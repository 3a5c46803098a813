namespace Humanitarian.Domain;

/// <summary>What a record is; part of its canonical encoding, so values are never reused.</summary>
public enum RecordKind
{
    Ledger = 1,
    Organisation = 2,
    Member = 3,
    Unit = 4,
    Account = 5,
    Household = 6,
    Program = 7,
    Grant = 8,
    Lot = 9,
    Accreditation = 10,
    Enrolment = 11,
    Device = 12,
    Disbursement = 13,
    Hold = 14,
    Redaction = 15,
    CashLine = 16,
    Reconciliation = 17,
    Contradiction = 18,
    InstructionFile = 19,
    Conversion = 40,
    Succession = 43,
    Invitation = 52,
    Screening = 53,
    Emergency = 54,
    Guidance = 55,
    Credential = 60,
    Confirmation = 61,
    PayoutDetails = 62,
    Payout = 63,
    Redemption = 64,
    Case = 65,
    DeliveryException = 85,
    DeliveryBacklog = 86,
    Sample = 87,
    PrivacyNotice = 66,
    Overlap = 70,
    OverlapMark = 71,
    MatchingTally = 72,
    Cost = 80,
    Forgetting = 95,
}

/// <summary>Names a record on its ledger.</summary>
public readonly record struct RecordKey(RecordKind Kind, Id Id);

/// <summary>
/// Something with versions that decisions read: who may do what, under which terms. A transaction writes whole new versions and
/// names the versions it read, so that the sequencer can refuse what was decided on an older one.
/// </summary>
public abstract record Record(Id Id)
{
    public abstract RecordKind Kind { get; }

    /// <summary>The record this one is listed under, such as a member's organisation.</summary>
    public virtual Id Parent => Id.None;

    /// <summary>True when the record belongs in the closed part of a transaction.</summary>
    public virtual bool NamesPerson => false;

    public RecordKey Key => new(Kind, Id);
}

/// <summary>A record as a decision finds it; version 0 stands for a record that does not exist.</summary>
public readonly record struct Versioned<T>(uint Version, T? Record)
    where T : Record;

/// <summary>A version that a decision read; 0 when it relied on the record's absence.</summary>
public readonly record struct RecordRead(RecordKey Key, uint Version, bool NamesPerson);

/// <summary>A new version of a record; the first is 1.</summary>
public sealed record RecordWrite(uint Version, Record Record);
