using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;

namespace Humanitarian.Chain.Authority;

/// <summary>What members and devices sign, as EIP-712 typed data under the ledger's domain.</summary>
public static class SignedObjects
{
    /// <summary>A member's decision: what is done, to which object, over which total, by the key of which version of the member's record.</summary>
    public static readonly TypedStruct Authorisation = new(
        "Authorisation", ("action", "string"), ("object", "bytes32"), ("totalMinor", "int64"), ("roleVersion", "uint64"));

    /// <summary>A field agent's delivery of one line.</summary>
    public static readonly TypedStruct Delivery = new(
        "Delivery",
        ("device", "uint128"), ("disbursement", "uint128"), ("account", "uint128"), ("unit", "string"), ("amountMinor", "int64"),
        ("purpose", "string"), ("occurredAt", "uint64"), ("deadline", "uint64"), ("counter", "uint64"));

    /// <summary>A request to the API, sent with this signature instead of a secret.</summary>
    public static readonly TypedStruct Request = new(
        "Request", ("method", "string"), ("target", "string"), ("body", "bytes32"), ("nonce", "bytes32"), ("deadline", "uint64"));
    /// <summary>A card's answer to a challenge: the beneficiary's word for one redemption.</summary>
    public static readonly TypedStruct CardRedemption = new(
        "CardRedemption",
        ("program", "uint128"), ("account", "uint128"), ("vendor", "uint128"), ("unit", "string"), ("amountMinor", "int64"), ("challenge", "uint128"),
        ("until", "uint64"));

    /// <summary>A card's answer to a challenge: its person signs in.</summary>
    public static readonly TypedStruct PersonSignIn = new("PersonSignIn", ("account", "uint128"), ("challenge", "uint128"), ("until", "uint64"));

    /// <summary>The digest a card signs so that its person signs in.</summary>
    /// <param name="until">Unix milliseconds at which the challenge ends.</param>
    public static Hash32 PersonSignInDigest(LedgerDomain domain, Id account, Id challenge, long until)
    {
        var writer = new Eip712Writer(stackalloc byte[4 * Eip712Writer.WordBytes]);
        writer.Word(PersonSignIn.TypeHash);
        writer.Word(Number(account));
        writer.Word(Number(challenge));
        writer.Word((ulong)until);
        return domain.Digest(writer.Hash());
    }

    /// <summary>The digest a card signs for a redemption.</summary>
    public static Hash32 Digest(LedgerDomain domain, CardRedemptionToSign redemption)
    {
        var writer = new Eip712Writer(stackalloc byte[8 * Eip712Writer.WordBytes]);
        writer.Word(CardRedemption.TypeHash);
        writer.Word(Number(redemption.Program));
        writer.Word(Number(redemption.Account));
        writer.Word(Number(redemption.Vendor));
        writer.Word(redemption.Unit);
        writer.Word(redemption.AmountMinor);
        writer.Word(Number(redemption.Challenge));
        writer.Word((ulong)redemption.Until);
        return domain.Digest(writer.Hash());
    }

    /// <summary>The digest a member signs for a decision.</summary>
    public static Hash32 Digest(LedgerDomain domain, DecisionToSign decision)
    {
        var writer = new Eip712Writer(stackalloc byte[5 * Eip712Writer.WordBytes]);
        writer.Word(Authorisation.TypeHash);
        writer.Word(decision.Action);
        writer.Word(decision.Object);
        writer.Word(decision.TotalMinor);
        writer.Word((ulong)decision.RoleVersion);
        return domain.Digest(writer.Hash());
    }

    /// <summary>The digest a device signs for a delivery.</summary>
    public static Hash32 Digest(LedgerDomain domain, DeliveryToSign delivery)
    {
        var writer = new Eip712Writer(stackalloc byte[10 * Eip712Writer.WordBytes]);
        writer.Word(Delivery.TypeHash);
        writer.Word(Number(delivery.Device));
        writer.Word(Number(delivery.Disbursement));
        writer.Word(Number(delivery.Account));
        writer.Word(delivery.Unit);
        writer.Word(delivery.AmountMinor);
        writer.Word(delivery.Purpose);
        writer.Word((ulong)delivery.OccurredAt);
        writer.Word((ulong)delivery.Deadline);
        writer.Word(delivery.Counter);
        return domain.Digest(writer.Hash());
    }

    /// <summary>The digest a member signs for a request.</summary>
    public static Hash32 Digest(LedgerDomain domain, RequestToSign request)
    {
        var writer = new Eip712Writer(stackalloc byte[6 * Eip712Writer.WordBytes]);
        writer.Word(Request.TypeHash);
        writer.Word(request.Method);
        writer.Word(request.Target);
        writer.Word(request.Body);
        writer.Word(request.Nonce);
        writer.Word(request.Deadline);
        return domain.Digest(writer.Hash());
    }

    /// <summary>The object of an approval or a release: the disbursement as drafted, list root, grants and period included.</summary>
    public static Hash32 ObjectOf(DisbursementRecord disbursement) => Keccak.Hash(RecordCodec.Encode(disbursement with
    {
        State = DisbursementState.Draft, Lot = Id.None, Hold = Id.None, ApprovedBy = Id.None, CoApprovers = [], ReleasedBy = Id.None, Sample = Hash32.Zero, SampleNonce = Id.None,
    }));

    /// <summary>The object of a settlement's approval: the hold as it was opened.</summary>
    public static Hash32 ObjectOf(HoldRecord hold) => Keccak.Hash(RecordCodec.Encode(hold with { State = HoldState.Open, ApprovedBy = Id.None }));

    /// <summary>The object of a recovery: the redemption as it leaves it.</summary>
    public static Hash32 ObjectOf(RedemptionRecord left) => Keccak.Hash(RecordCodec.Encode(left));

    /// <summary>The object of a pay-out's return: the pay-out as it was recorded.</summary>
    public static Hash32 ObjectOf(PayoutRecord payout) => Keccak.Hash(RecordCodec.Encode(payout with { ReturnedBy = Id.None }));

    /// <summary>The object of a recharge: the cost as the other grant bears it.</summary>
    public static Hash32 ObjectOf(CostRecord booked) => Keccak.Hash(RecordCodec.Encode(booked));

    /// <summary>The object of a succession's approval: the succession as it was opened.</summary>
    public static Hash32 ObjectOf(SuccessionRecord succession) => Keccak.Hash(RecordCodec.Encode(succession with { ApprovedBy = Id.None }));

    /// <summary>The object of a word on a suspicion or an appeal: the suspicion as it is then.</summary>
    public static Hash32 ObjectOf(OverlapRecord decided) => Keccak.Hash(RecordCodec.Encode(decided));

    /// <summary>The object of a late delivery's decision: the late delivery as decided.</summary>
    public static Hash32 ObjectOf(DeliveryExceptionRecord decided) => Keccak.Hash(RecordCodec.Encode(decided));

    /// <summary>The object of a report's import: what the whole file says, before anything of it is recorded.</summary>
    public static Hash32 ObjectOf(ReconciliationRecord reconciliation) => Keccak.Hash(RecordCodec.Encode(reconciliation.Announced));

    /// <summary>The object of a contradiction's decision: the contradiction as decided.</summary>
    public static Hash32 ObjectOf(ContradictionRecord decided) => Keccak.Hash(RecordCodec.Encode(decided));

    /// <summary>The object of a change of records: each new version and its record, in order.</summary>
    public static Hash32 ObjectOf(IEnumerable<RecordWrite> writes)
    {
        using var writer = new CanonicalWriter();
        foreach (var write in writes)
        {
            writer.Number((ulong)write.Version);
            RecordCodec.Write(writer, write.Record);
        }

        return Keccak.Hash(writer.Written);
    }

    private static UInt128 Number(Id id) => new(id.High, id.Low);
}

/// <summary>The words of an <c>Authorisation</c>.</summary>
/// <param name="Action">See <see cref="SignedAction"/>.</param>
/// <param name="TotalMinor">Minor units at stake; 0 for a change of records.</param>
public sealed record DecisionToSign(string Action, Hash32 Object, long TotalMinor, uint RoleVersion);

/// <summary>The words of a <c>Request</c>.</summary>
/// <param name="Method">Of HTTP, in capitals.</param>
/// <param name="Target">The whole URI.</param>
/// <param name="Body">Keccak-256 of the body's bytes.</param>
/// <param name="Nonce">Random; counts once.</param>
/// <param name="Deadline">Unix seconds.</param>
public sealed record RequestToSign(string Method, string Target, Hash32 Body, Hash32 Nonce, ulong Deadline);

/// <summary>The words of a <c>Delivery</c>.</summary>
public sealed record DeliveryToSign(
    Id Device, Id Disbursement, Id Account, string Unit, long AmountMinor, string Purpose, long OccurredAt, long Deadline, ulong Counter);

/// <summary>The words of a <c>CardRedemption</c>.</summary>
/// <param name="Until">Unix milliseconds at which the challenge ends.</param>
public sealed record CardRedemptionToSign(Id Program, Id Account, Id Vendor, string Unit, long AmountMinor, Id Challenge, long Until);

/// <summary>The actions that need a member's own signature.</summary>
public static class SignedAction
{
    public const string ApproveDisbursement = "approveDisbursement";
    public const string ReleaseDisbursement = "releaseDisbursement";
    public const string DecideDeliveryException = "decideDeliveryException";
    public const string ApproveSettlement = "approveSettlement";
    public const string RecoverOvercharge = "recoverOvercharge";
    public const string ReturnPayout = "returnPayout";
    public const string CloseProgram = "closeProgram";
    public const string RechargeCost = "rechargeCost";
    public const string ApproveSuccession = "approveSuccession";

    /// <summary>An organisation's word on a suspicion, or its appeal.</summary>
    public const string DecideOverlap = "decideOverlap";

    /// <summary>A provider's report, as a whole file.</summary>
    public const string ReconcileCash = "reconcileCash";
    public const string DecideContradiction = "decideContradiction";

    /// <summary>Members, programs with their terms, devices.</summary>
    public const string ChangeRecords = "changeRecords";

    /// <summary>A new sealer or recovery group, signed by recovery addresses and the old sealer.</summary>
    public const string ChangeKeys = "changeKeys";

    /// <summary>Deletion of closed parts past retention, signed m of n by recovery addresses.</summary>
    public const string Redact = "redact";
}
