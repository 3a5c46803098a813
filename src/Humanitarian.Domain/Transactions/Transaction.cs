using Orleans;

namespace Humanitarian.Domain.Transactions;

/// <summary>What a transaction does; part of its canonical encoding, so values are never reused.</summary>
public enum TransactionKind
{
    /// <summary>The ledger's first: its record, the operator and the first administrator.</summary>
    Genesis = 1,

    /// <summary>Names a new sealer or recovery group.</summary>
    KeyChange = 2,

    /// <summary>Writes records of organisations, members, units, accounts, programs, grants, vendors or devices.</summary>
    Registry = 3,

    /// <summary>Opens beneficiaries' accounts and households and enrols them.</summary>
    Enrolment = 4,

    /// <summary>Money enters under a grant and opens a lot.</summary>
    Receipt = 5,

    /// <summary>Freezes a list, signed by its approver.</summary>
    DisbursementApproval = 6,

    /// <summary>Draws on the grants, opens the disbursement's lot and sets its budget aside.</summary>
    DisbursementRelease = 7,

    /// <summary>Credits the lines of one chunk of the frozen list.</summary>
    DisbursementChunk = 8,

    /// <summary>A field agent delivers one line.</summary>
    Delivery = 9,

    /// <summary>A delivery that came too late waits for a person.</summary>
    DeliveryException = 86,

    /// <summary>An approver pays a late delivery, or rejects it.</summary>
    DeliveryExceptionDecision = 87,

    /// <summary>Ends a disbursement; what was not delivered goes back to the lots it came from.</summary>
    DisbursementCompletion = 10,

    /// <summary>A beneficiary pays a vendor.</summary>
    Redemption = 11,

    /// <summary>An account pays another.</summary>
    Transfer = 12,

    /// <summary>Sets units aside until their vendor is paid outside.</summary>
    SettlementRequest = 13,

    /// <summary>A vendor has been paid outside; the units leave the ledger.</summary>
    Settlement = 14,

    /// <summary>A hold ends without its purpose: released by a decision.</summary>
    HoldRelease = 15,

    /// <summary>A hold ends because its time has passed.</summary>
    HoldExpiry = 16,

    /// <summary>Expired value goes to its grants' return queue.</summary>
    LotExpiry = 17,

    /// <summary>A cost is charged to a grant; the money leaves.</summary>
    Cost = 18,

    /// <summary>Money goes back to the donor.</summary>
    GrantReturn = 19,

    /// <summary>An ordered decision to delete closed parts whose retention has ended.</summary>
    Redaction = 20,

    /// <summary>Instructs a financial service provider for the lines of one chunk.</summary>
    CashInstruction = 21,

    /// <summary>Ends lines as a provider's report says.</summary>
    CashReconciliation = 22,

    /// <summary>Takes back lines that nobody claimed in time.</summary>
    CashRecall = 23,

    /// <summary>A person decides what a contradicting report is worth.</summary>
    CashCorrection = 24,

    /// <summary>A provider's fee is charged to a grant; the money leaves.</summary>
    ProviderFee = 25,

    /// <summary>Records an instruction file's hash before the file leaves.</summary>
    InstructionFile = 26,

    /// <summary>A disbursement is cancelled before its release, or pauses or goes on after it.</summary>
    DisbursementChange = 27,

    /// <summary>A payer sets units aside for a payee who has yet to accept.</summary>
    PendingPayment = 30,

    /// <summary>The payee accepts: what was set aside is theirs.</summary>
    PaymentAcceptance = 31,

    /// <summary>A member leaves the program: the commons fund takes over their balance, and the account closes.</summary>
    Departure = 32,

    /// <summary>What melted of an account's balance goes to the commons fund.</summary>
    Demurrage = 35,

    /// <summary>Money paid in opens as many units of a local currency; the program's pool keeps it as reserve.</summary>
    Deposit = 36,

    /// <summary>Units of a local currency are converted back into money, less a fee.</summary>
    ConversionOut = 37,

    /// <summary>A grant's money passes from the donor's currency into the program's.</summary>
    Conversion = 40,

    /// <summary>Members leave a household and form a new one.</summary>
    HouseholdSplit = 41,

    /// <summary>Households become one.</summary>
    HouseholdMerge = 42,

    /// <summary>A household's member has died; somebody succeeds.</summary>
    Death = 43,

    /// <summary>What a deceased member's account holds passes to the successor's.</summary>
    Succession = 44,

    /// <summary>A vendor's pay-out came back; the units are the vendor's again.</summary>
    PayoutReturn = 60,

    /// <summary>A vendor takes a redemption back; the beneficiary has the units again.</summary>
    Refund = 61,

    /// <summary>The program takes back for a beneficiary what a vendor charged too much.</summary>
    Recovery = 62,

    /// <summary>A suspicion that households of two organisations are one.</summary>
    OverlapSuspicion = 70,

    /// <summary>An organisation's word on a suspicion, or its appeal.</summary>
    OverlapDecision = 71,

    /// <summary>A cost that a grant bore is charged to another instead.</summary>
    CostRecharge = 80,

    /// <summary>A program is over; what is unspent in its pool passes to its return queue.</summary>
    ProgramClosure = 81,

    /// <summary>Approved terms of a program take effect because their time has come.</summary>
    TermsAmendment = 82,

    /// <summary>Anchors the hash of a trail of requests.</summary>
    AuditAnchor = 85,
}

/// <summary>Which part of a balance a posting moves.</summary>
public enum Bucket
{
    Available = 0,

    /// <summary>Set aside by a hold.</summary>
    Held = 1,
}

/// <summary>A signed amount on one account, in minor units. For each unit, the postings of a transaction sum to zero.</summary>
/// <param name="OfPerson">True when the account is a person's: its id is then in the closed part only.</param>
public readonly record struct Posting(Id Account, bool OfPerson, string Unit, Id Lot, long AmountMinor, Bucket Bucket = Bucket.Available);

/// <summary>The command that a transaction answers: keyed hashes of scope and key, and of the content.</summary>
public readonly record struct CommandKey(Claim Key, Claim Content);

/// <summary>A member's signature on a decision, by the key their record held at <paramref name="RoleVersion"/>.</summary>
/// <param name="Signer">The member, or the device of a field agent.</param>
/// <param name="RoleVersion">Version of the signer's record.</param>
public readonly record struct Authorisation(Id Signer, uint RoleVersion, Signature Signature);

/// <summary>One line of a disbursement's list, as frozen at approval.</summary>
/// <param name="Salt">128 random bits, so that a proof for one line tells nothing about another.</param>
[GenerateSerializer, Immutable, Alias("Line")]
public readonly record struct Line(
    [property: Orleans.Id(0)] Id Account, [property: Orleans.Id(1)] Id Household, [property: Orleans.Id(2)] long AmountMinor, [property: Orleans.Id(3)] Id Salt);

/// <summary>A line that was not paid, by its place in the chunk, and the refusal's code.</summary>
[GenerateSerializer, Immutable, Alias("UnpaidLine")]
public readonly record struct UnpaidLine([property: Orleans.Id(0)] int Index, [property: Orleans.Id(1)] string Code);

/// <summary>
/// A chunk of a disbursement's list. The root commits to its lines; unpaid ones are marked, not left out. A delivery in person
/// carries its one line with the proof that it stands under the chunk's root.
/// </summary>
public sealed record Chunk(int Index, Hash32 Root, IReadOnlyList<Line> Lines, IReadOnlyList<UnpaidLine> Unpaid, IReadOnlyList<Hash32> Proof);

/// <summary>What a field agent's device signs beside the amounts: when it happened, until when it may be ordered, its running number.</summary>
/// <param name="OccurredAt">Unix milliseconds by the device's clock.</param>
/// <param name="Deadline">Unix milliseconds after which it may not be ordered.</param>
public sealed record DeviceStatement(Id Device, long OccurredAt, long Deadline, ulong Counter);

/// <summary>
/// What a decision recorded: only what the payer knew. It has no height and no entry number; those are the sequencer's and stand
/// beside it in the block. Immutable once built.
/// </summary>
public sealed record Transaction
{
    private TransactionEffects.Place effects;

    public required Id Ledger { get; init; }
    public required TransactionKind Kind { get; init; }

    /// <summary>Unix milliseconds at which it was decided.</summary>
    public required long DecidedAt { get; init; }

    /// <summary>Unix milliseconds after which the sequencer does not order it.</summary>
    public required long ValidUntil { get; init; }

    /// <summary>The member or service account that asked for it; none for the ledger's own due work.</summary>
    public Id Principal { get; init; }
    public Id Program { get; init; }

    /// <summary>What it is about: a disbursement, a grant, a settlement's hold.</summary>
    public Id Subject { get; init; }
    public uint TermsVersion { get; init; }

    /// <summary>Free of meaning to rules but one: categories of goods, a cost's budget line.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
    public CommandKey? Command { get; init; }

    /// <summary>What may happen only once and happens here; the command's key is not repeated in it.</summary>
    public IReadOnlyList<Claim> Claims { get; init; } = [];

    /// <summary>Claims that this transaction gives back by undoing the one that took them.</summary>
    public IReadOnlyList<Claim> Reopens { get; init; } = [];
    public IReadOnlyList<RecordRead> Reads { get; init; } = [];
    public IReadOnlyList<RecordWrite> Writes { get; init; } = [];
    public IReadOnlyList<Posting> Postings { get; init; } = [];
    public IReadOnlyList<Hash32> Evidence { get; init; } = [];
    public IReadOnlyList<Authorisation> Authorisations { get; init; } = [];
    public Chunk? Chunk { get; init; }
    public DeviceStatement? Device { get; init; }

    /// <summary>128 random bits of the closed part.</summary>
    public Id Salt { get; init; }

    /// <summary>False for a transaction read without its closed part: persons' ids, their records and a chunk's lines are missing.</summary>
    public bool HasClosedPart { get; init; } = true;

    internal TransactionEffects Effects => effects.Of(this);
}
