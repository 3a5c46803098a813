using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs;

/// <summary>What a movement of value is to the rules of a program.</summary>
public enum MovementKind
{
    /// <summary>Money is drawn from grants into a new lot.</summary>
    Issue = 1,

    /// <summary>A beneficiary or member receives from the program.</summary>
    Credit = 2,

    /// <summary>A beneficiary pays a vendor.</summary>
    Redeem = 3,

    /// <summary>One member pays another.</summary>
    Transfer = 4,

    /// <summary>Units leave the ledger to a vendor.</summary>
    Settle = 5,

    /// <summary>Value is set aside for a payment that waits for the payee's word.</summary>
    Promise = 30,

    /// <summary>The payee accepts a payment that was set aside.</summary>
    Accept = 31,

    /// <summary>A member leaves, and the commons fund takes over their balance.</summary>
    Depart = 32,

    /// <summary>Money paid in opens units on an account.</summary>
    Deposit = 35,

    /// <summary>Units leave for money.</summary>
    ConvertOut = 36,
}

/// <summary>A movement of value as the rules see it: the same when it is decided and when it is replayed.</summary>
public sealed record Movement
{
    public required MovementKind Kind { get; init; }
    public required ProgramRecord Program { get; init; }

    /// <summary>Minor units, positive.</summary>
    public required long AmountMinor { get; init; }

    /// <summary>Decision time in Unix milliseconds.</summary>
    public required long At { get; init; }

    /// <summary>The account that pays; null for an issue.</summary>
    public AccountRecord? Payer { get; init; }

    /// <summary>The account that is paid; null for an issue.</summary>
    public AccountRecord? Payee { get; init; }
    public Id Household { get; init; }

    /// <summary>Suspicions that the household is another organisation's too; empty where the terms do not ask.</summary>
    public IReadOnlyList<OverlapRecord> Overlaps { get; init; } = [];

    /// <summary>The calendar period that an assistance is for.</summary>
    public string Period { get; init; } = "";
    public string AssistanceKind { get; init; } = "";

    /// <summary>How many payments for the period came before it: 0 for the first and for the only one.</summary>
    public int Instalment { get; init; }

    /// <summary>What a credit is to the entitlement of its period.</summary>
    public DisbursementPurpose Purpose { get; init; } = DisbursementPurpose.Regular;

    /// <summary>What the payee was paid for the period before; null for a regular credit, which is the first, and where a view does not answer for it.</summary>
    public PaidSoFar? Paid { get; init; }

    /// <summary>Categories of the goods bought.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>True when an item receipt's hash is recorded.</summary>
    public bool HasReceipt { get; init; }

    /// <summary>The beneficiary's word for a redemption; null for none, and without the closed part.</summary>
    public ConfirmationRecord? Confirmation { get; init; }

    /// <summary>What was bought; empty where the terms do not ask for it, and without the closed part.</summary>
    public IReadOnlyList<BoughtItem> Items { get; init; } = [];

    /// <summary>The member at the till.</summary>
    public Id ServedBy { get; init; }

    /// <summary>The lots that are spent, or drawn from by an issue.</summary>
    public IReadOnlyList<LotPart> Lots { get; init; } = [];

    /// <summary>When an issue's new lot expires, in Unix milliseconds.</summary>
    public long ExpiresAt { get; init; } = long.MaxValue;

    /// <summary>When a payment that is set aside goes back to its payer, in Unix milliseconds.</summary>
    public long Until { get; init; }

    /// <summary>What rules add beside the movement itself: levies, bonuses. They sum to zero.</summary>
    public IReadOnlyList<Posting> Legs { get; init; } = [];

    /// <summary>What leaves the payer's available balance, what rules add included; what was set aside before left it then. Minor units.</summary>
    public Int128 OutwardMinor => Legs
        .Where(leg => leg.Account == Payer?.Id && leg.Unit == Program.Unit)
        .Aggregate(Kind == MovementKind.Accept ? (Int128)0 : AmountMinor, (sum, leg) => sum - leg.AmountMinor);
}
