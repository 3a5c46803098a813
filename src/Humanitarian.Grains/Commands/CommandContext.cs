using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Commands;

/// <summary>Who asks for what, under which idempotency key.</summary>
/// <param name="Principal">The member or service account, never a credential.</param>
/// <param name="Key">The client's idempotency key, 1 to 255 bytes of UTF-8; scoped to the principal.</param>
/// <param name="Content">SHA-256 over the operation's name and its canonical input, signature left out: what the key is bound to.</param>
/// <param name="Signature">The member's own EIP-712 signature where the command needs one.</param>
[GenerateSerializer, Immutable, Alias("CommandContext")]
public sealed record CommandContext(
    [property: Orleans.Id(0)] Id Principal,
    [property: Orleans.Id(1)] string Key,
    [property: Orleans.Id(2)] Hash32 Content,
    [property: Orleans.Id(3)] Signature? Signature)
{
    /// <summary>True for a rehearsal: everything is decided and nothing is ordered. It needs no signature of a member.</summary>
    [Orleans.Id(4)]
    public bool DryRun { get; init; }

    /// <summary>True for a part of a unit: it is decided and reserved, and answered with what to submit; see <see cref="CommandUnit"/>.</summary>
    [Orleans.Id(5)]
    public bool OfUnit { get; init; }
}

/// <summary>What the principal must sign before the command can be decided.</summary>
[GenerateSerializer, Immutable, Alias("ToSign")]
public sealed record ToSign(
    [property: Orleans.Id(0)] string Action,
    [property: Orleans.Id(1)] Hash32 Object,
    [property: Orleans.Id(2)] long TotalMinor,
    [property: Orleans.Id(3)] uint RoleVersion)
{
    public static ToSign Of(DecisionToSign decision) => new(decision.Action, decision.Object, decision.TotalMinor, decision.RoleVersion);
}

/// <summary>How a command ended: a refusal, or the place of the transaction that carries it out.</summary>
/// <param name="ToSign">With SIGNATURE_REQUIRED and SIGNATURE_INVALID: the words to sign.</param>
/// <param name="Transaction">Hash of the transaction; zero when refused.</param>
/// <param name="Replayed">True when the command had succeeded before and this is its first outcome.</param>
[GenerateSerializer, Immutable, Alias("CommandResult")]
public sealed record CommandResult(
    [property: Orleans.Id(0)] Refusal? Refusal,
    [property: Orleans.Id(1)] ToSign? ToSign,
    [property: Orleans.Id(2)] Hash32 Transaction,
    [property: Orleans.Id(3)] ulong Height,
    [property: Orleans.Id(4)] int Position,
    [property: Orleans.Id(5)] bool Replayed)
{
    /// <summary>True when it was a rehearsal that found nothing against it: it has no transaction.</summary>
    [Orleans.Id(6)]
    public bool Rehearsed { get; init; }

    /// <summary>Of a part of a unit that is decided and reserved: what to submit; null otherwise.</summary>
    [Orleans.Id(7)]
    public Submission? SetAside { get; init; }

    public static CommandResult Refused(Refusal refusal, ToSign? toSign = null) => new(refusal, toSign, default, 0, 0, false);

    public static CommandResult Done(Hash32 transaction, ulong height, int position, bool replayed = false) =>
        new(null, null, transaction, height, position, replayed);

    public static CommandResult WouldBeDone() => new(null, null, default, 0, 0, false) { Rehearsed = true };
}

/// <summary>A drafted disbursement: a part of an imported list that is to be credited in a program.</summary>
/// <param name="FirstRow">First good row of the list to use, from 0.</param>
/// <param name="Rows">How many good rows to use from there.</param>
/// <param name="Grants">Grants to draw on and the amount of each in minor units; they sum to the rows' total.</param>
/// <param name="ExpiresAt">Unix milliseconds; <see cref="long.MaxValue"/> leaves it to the program's terms.</param>
/// <param name="Purpose">What it is to the entitlement of its period.</param>
[GenerateSerializer, Immutable, Alias("DisbursementDraft")]
public sealed record DisbursementDraft(
    [property: Orleans.Id(0)] Id Program,
    [property: Orleans.Id(1)] Id List,
    [property: Orleans.Id(2)] long FirstRow,
    [property: Orleans.Id(3)] long Rows,
    [property: Orleans.Id(4)] bool InPerson,
    [property: Orleans.Id(5)] IReadOnlyList<GrantShare> Grants,
    [property: Orleans.Id(6)] string Period,
    [property: Orleans.Id(7)] string AssistanceKind,
    [property: Orleans.Id(8)] long ExpiresAt,
    [property: Orleans.Id(9)] DisbursementPurpose Purpose = DisbursementPurpose.Regular)
{
    /// <summary>A provider's float account for cash; none for vouchers.</summary>
    [Orleans.Id(10)]
    public Id Float { get; init; }

    /// <summary>For cash, the disbursement whose undelivered rests this one brings; none for a first one.</summary>
    [Orleans.Id(11)]
    public Id FollowsUp { get; init; }
}

/// <summary>How much of a disbursement a grant bears, in minor units.</summary>
[GenerateSerializer, Immutable, Alias("GrantShare")]
public readonly record struct GrantShare([property: Orleans.Id(0)] Id Grant, [property: Orleans.Id(1)] long AmountMinor);

/// <summary>A field agent's signed delivery of one line.</summary>
/// <param name="OccurredAt">Unix milliseconds by the device's clock.</param>
/// <param name="Deadline">Unix milliseconds after which it may not be ordered.</param>
/// <param name="Signature">By the device's key over the EIP-712 <c>Delivery</c>.</param>
[GenerateSerializer, Immutable, Alias("DeliveryRequest")]
public sealed record DeliveryRequest(
    [property: Orleans.Id(0)] Id Device,
    [property: Orleans.Id(1)] Id Disbursement,
    [property: Orleans.Id(2)] Id Account,
    [property: Orleans.Id(3)] long AmountMinor,
    [property: Orleans.Id(4)] long OccurredAt,
    [property: Orleans.Id(5)] long Deadline,
    [property: Orleans.Id(6)] ulong Counter,
    [property: Orleans.Id(7)] Signature Signature);

/// <summary>A till's request.</summary>
/// <param name="ReceiptHash">Hash of the item receipt; the ledger keeps a salted hash of it. Zero for none.</param>
[GenerateSerializer, Immutable, Alias("RedemptionRequest")]
public sealed record RedemptionRequest(
    [property: Orleans.Id(0)] Id Program,
    [property: Orleans.Id(1)] Id Beneficiary,
    [property: Orleans.Id(2)] Id Vendor,
    [property: Orleans.Id(3)] long AmountMinor,
    [property: Orleans.Id(4)] IReadOnlyList<string> Categories,
    [property: Orleans.Id(5)] Hash32 ReceiptHash)
{
    /// <summary>The beneficiary's word; a PIN has been compared before. Null for none.</summary>
    [Orleans.Id(6)]
    public Confirmation? Confirmation { get; init; }

    /// <summary>What is bought; empty where the terms do not ask for it.</summary>
    [Orleans.Id(7)]
    public IReadOnlyList<BoughtItem> Items { get; init; } = [];
}

/// <summary>How far a disbursement is. A draft is not on the ledger yet.</summary>
/// <param name="Object">What approver and releaser sign; zero before validation.</param>
/// <param name="PaidLines">Lines credited so far.</param>
/// <param name="Unpaid">Lines that could not be paid, by refusal code.</param>
[GenerateSerializer, Immutable, Alias("DisbursementStatus")]
public sealed record DisbursementStatus(
    [property: Orleans.Id(0)] Id Id,
    [property: Orleans.Id(1)] Id Program,
    [property: Orleans.Id(2)] int State,
    [property: Orleans.Id(3)] bool InPerson,
    [property: Orleans.Id(4)] long Lines,
    [property: Orleans.Id(5)] long TotalMinor,
    [property: Orleans.Id(6)] Hash32 ListRoot,
    [property: Orleans.Id(7)] Hash32 Object,
    [property: Orleans.Id(8)] string Period,
    [property: Orleans.Id(9)] string AssistanceKind,
    [property: Orleans.Id(10)] long ExpiresAt,
    [property: Orleans.Id(11)] Id CreatedBy,
    [property: Orleans.Id(12)] Id ApprovedBy,
    [property: Orleans.Id(13)] Id ReleasedBy,
    [property: Orleans.Id(14)] long PaidLines,
    [property: Orleans.Id(15)] long PaidMinor,
    [property: Orleans.Id(16)] IReadOnlyDictionary<string, long> Unpaid,
    [property: Orleans.Id(17)] DisbursementPurpose Purpose)
{
    /// <summary>The provider's float account for cash; none for vouchers. Paid lines are then those instructed, what is paid what was delivered.</summary>
    [Orleans.Id(18)]
    public Id Float { get; init; }

    [Orleans.Id(19)]
    public Id FollowsUp { get; init; }

    /// <summary>Who approved before the last approver, where its amount needs several.</summary>
    [Orleans.Id(20)]
    public IReadOnlyList<Id> CoApprovers { get; init; } = [];
}
