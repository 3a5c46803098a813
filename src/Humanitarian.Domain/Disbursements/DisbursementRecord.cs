namespace Humanitarian.Domain.Disbursements;

/// <summary>The life of a disbursement. A draft and its validation are not on the ledger; approval freezes and hashes the list.</summary>
public enum DisbursementState
{
    /// <summary>Not checked yet, and not on the ledger.</summary>
    Draft = 1,

    /// <summary>Checked against its list, grants and terms; it can be approved.</summary>
    Validated = 2,

    /// <summary>Its list is frozen and signed; it can be released.</summary>
    Approved = 3,

    /// <summary>Its budget is drawn.</summary>
    Released = 4,

    /// <summary>Its lines are being paid.</summary>
    Executing = 5,

    /// <summary>Over; what was not delivered went back to its grants.</summary>
    Completed = 6,

    /// <summary>Given up before anything was paid.</summary>
    Cancelled = 7,

    /// <summary>Some of the members whose approval its amount needs have approved.</summary>
    PartlyApproved = 8,

    /// <summary>Released, and nothing of it is paid until it goes on.</summary>
    Paused = 9,
}

/// <summary>How a disbursement's lines reach people.</summary>
public enum DeliveryMode
{
    /// <summary>Credited in bulk after release.</summary>
    Bulk = 1,

    /// <summary>Credited one by one by field agents.</summary>
    InPerson = 2,

    /// <summary>Paid out by a financial service provider.</summary>
    Cash = 3,
}

/// <summary>A batch of credits to beneficiaries from a frozen list.</summary>
/// <param name="ListRoot">Merkle root over the chunks' line roots of the frozen list.</param>
/// <param name="Lines">Number of lines.</param>
/// <param name="TotalMinor">Sum of the lines, in minor units.</param>
/// <param name="ChunkRoots">Root and total of every chunk, in order: its boundaries are frozen with the list.</param>
/// <param name="Grants">The grants it draws on, with the amount of each; they sum to the total.</param>
/// <param name="Period">The calendar period it assists for, such as 2026-11.</param>
/// <param name="AssistanceKind">The kind of assistance, of which a household gets one per period.</param>
/// <param name="Lot">The lot its credits form, from release on.</param>
/// <param name="Hold">The hold on the pool that is its budget, from release on.</param>
/// <param name="ExpiresAt">When its credits expire, in Unix milliseconds.</param>
public sealed record DisbursementRecord(
    Id Id, Id Program, DisbursementState State, DeliveryMode Mode, Hash32 ListRoot, long Lines, long TotalMinor, IReadOnlyList<ChunkHead> ChunkRoots,
    IReadOnlyList<Lots.LotPart> Grants, string Period, string AssistanceKind, Id Lot, Id Hold, long ExpiresAt,
    Id CreatedBy, Id ApprovedBy, Id ReleasedBy) : Record(Id)
{
    /// <summary>The provider's part; present for cash and only then.</summary>
    public Cash.CashPlan? Cash { get; init; }

    public override RecordKind Kind => RecordKind.Disbursement;

    /// <summary>What it is to the entitlement of its period.</summary>
    public DisbursementPurpose Purpose { get; init; } = DisbursementPurpose.Regular;

    /// <summary>Who approved before <see cref="ApprovedBy"/>, where its amount needs several.</summary>
    public IReadOnlyList<Id> CoApprovers { get; init; } = [];

    /// <summary>The auditor's commitment to a sample, as the first approval found it; zero for none.</summary>
    public Hash32 Sample { get; init; }

    /// <summary>What the auditor could not know when committing: of the first approval's command key. None without a commitment.</summary>
    public Id SampleNonce { get; init; }

    public override Id Parent => Program;

    /// <summary>True for one of the members who approved it.</summary>
    public bool IsApprovedBy(Id member) => !member.IsNone && (ApprovedBy == member || CoApprovers.Contains(member));

    /// <summary>Equal in every field, lists by their elements.</summary>
    internal bool IsAs(DisbursementRecord other) =>
        this == other with { ChunkRoots = ChunkRoots, Grants = Grants, CoApprovers = CoApprovers }
        && ChunkRoots.SequenceEqual(other.ChunkRoots) && Grants.SequenceEqual(other.Grants) && CoApprovers.SequenceEqual(other.CoApprovers);
}

/// <summary>What is frozen of one chunk of a list: its line root, number of lines and total in minor units.</summary>
public sealed record ChunkHead(Hash32 Root, int Lines, long TotalMinor);
