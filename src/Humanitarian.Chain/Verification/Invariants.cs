using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Verification;

/// <summary>The first thing found that cannot be.</summary>
/// <param name="Invariant">Number of the broken invariant (see <see cref="Invariants"/>); 0 for the structure itself.</param>
/// <param name="Name">The invariant's short name.</param>
/// <param name="Height">Height of the block.</param>
/// <param name="Position">Place of the transaction in its block; null when the block itself is broken.</param>
public sealed record VerificationFailure(int Invariant, string Name, ulong Height, int? Position, string Message);

/// <summary>The ledger's invariants by number, and which of them a refusal at replay breaks.</summary>
public static class Invariants
{
    public const int Structure = 0;
    public const int SumsToZero = 1;
    public const int Limits = 2;
    public const int CommandKeys = 3;
    public const int Numbers = 4;
    public const int Seals = 5;
    public const int Durability = 6;
    public const int Replay = 7;
    public const int Disbursements = 8;
    public const int Donations = 9;
    public const int CurrentReads = 10;
    public const int Separation = 11;
    public const int NobodyNamed = 12;

    private static readonly string[] Names =
    [
        "structure and encoding",
        "postings sum to zero, balances are issued less retired",
        "accounts stay within their limits, holds end once",
        "a command key succeeds once",
        "heights and entry numbers have no gap and no repeat",
        "hashes, roots and seals bind the chain",
        "what was acknowledged stays",
        "every rule agrees again at replay",
        "a disbursement pays each line at most once, within entitlement and budget",
        "a donation's parts sum to the donation",
        "reads after an acknowledgement are current",
        "decisions carry their members' own signatures, by separate people",
        "nothing names a person outside a closed part",
    ];

    /// <summary>The short name of an invariant.</summary>
    public static string NameOf(int invariant) => Names[invariant];

    internal static VerificationFailure Fail(int invariant, ulong height, int? position, string message) =>
        new(invariant, NameOf(invariant), height, position, message);

    /// <summary>Which invariant a transaction breaks that is refused at its ordered place.</summary>
    internal static int Of(Refusal refusal, Transaction transaction, LedgerState state) => refusal.Code switch
    {
        RefusalCode.SignatureInvalid or RefusalCode.SignatureRequired =>
            transaction.Kind is TransactionKind.KeyChange or TransactionKind.Redaction ? Seals : Separation,
        RefusalCode.RolesIncompatible or RefusalCode.Forbidden or RefusalCode.EnrollerCannotDeliver or RefusalCode.DeviceUnknown
            or RefusalCode.DeviceRevoked or RefusalCode.DeviceCounterReplayed or RefusalCode.AgentSiteMismatch => Separation,
        RefusalCode.AccountUnknown or RefusalCode.AccountClosed or RefusalCode.AccountFrozen or RefusalCode.AccountNotEmpty
            or RefusalCode.InsufficientFunds or RefusalCode.CreditLimitReached or RefusalCode.AccountNotOfProgram or RefusalCode.AmountOverflow or RefusalCode.AgentLimitExceeded or RefusalCode.HoldEnded => Limits,
        RefusalCode.ClaimTaken => transaction.Command is { } command && state.IsTaken(command.Key) ? CommandKeys : OfKind(transaction.Kind),
        RefusalCode.EntitlementExceeded or RefusalCode.AlreadyAssisted or RefusalCode.OverlapSuspected or RefusalCode.NotEnrolled or RefusalCode.NotYetAssisted => Disbursements,
        RefusalCode.BudgetExceeded or RefusalCode.GrantIneligible or RefusalCode.RechargeForbidden => Donations,
        RefusalCode.Tampered => Checks.SumsToZero(transaction) is null ? OfKind(transaction.Kind) : SumsToZero,
        _ => Replay,
    };

    private static int OfKind(TransactionKind kind) => kind switch
    {
        TransactionKind.DisbursementApproval or TransactionKind.DisbursementRelease or TransactionKind.DisbursementChunk
            or TransactionKind.Delivery or TransactionKind.DeliveryException or TransactionKind.DeliveryExceptionDecision or TransactionKind.DisbursementCompletion or TransactionKind.CashInstruction
            or TransactionKind.InstructionFile or TransactionKind.DisbursementChange => Disbursements,
        TransactionKind.Receipt or TransactionKind.Conversion or TransactionKind.LotExpiry or TransactionKind.Cost or TransactionKind.GrantReturn
            or TransactionKind.ProviderFee or TransactionKind.CostRecharge or TransactionKind.ProgramClosure => Donations,
        TransactionKind.HouseholdSplit or TransactionKind.HouseholdMerge or TransactionKind.Death or TransactionKind.Succession
            or TransactionKind.OverlapSuspicion or TransactionKind.OverlapDecision => Disbursements,
        TransactionKind.SettlementRequest or TransactionKind.Settlement or TransactionKind.PayoutReturn or TransactionKind.Refund
            or TransactionKind.Recovery or TransactionKind.HoldRelease or TransactionKind.HoldExpiry
            or TransactionKind.PendingPayment or TransactionKind.PaymentAcceptance or TransactionKind.Departure
            or TransactionKind.Demurrage or TransactionKind.Deposit or TransactionKind.ConversionOut
            or TransactionKind.CashReconciliation or TransactionKind.CashRecall or TransactionKind.CashCorrection => Limits,
        TransactionKind.KeyChange or TransactionKind.Genesis => Seals,
        _ => Replay,
    };
}
