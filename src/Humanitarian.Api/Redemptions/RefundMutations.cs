using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Redemptions;

/// <param name="RedemptionId">The redemption.</param>
/// <param name="Amount">How much of it is given back.</param>
/// <param name="Evidence">Hash of what shows why.</param>
[MovesMoney]
public sealed record RefundRedemptionInput(string IdempotencyKey, Id RedemptionId, MoneyInput Amount, Hash32? Evidence) : MutationInput(IdempotencyKey);

/// <param name="RedemptionId">The redemption.</param>
/// <param name="Amount">How much was charged too much.</param>
/// <param name="Evidence">Hash of what shows it.</param>
[MovesMoney]
public sealed record RecoverOverchargeInput(string IdempotencyKey, Signature? Signature, Id RedemptionId, MoneyInput Amount, Hash32? Evidence)
    : SignedInput(IdempotencyKey, Signature);

public abstract record RefundPayload : Payload
{
    /// <summary>The redemption as it is now; null when refused.</summary>
    [AsParent]
    public async Task<RedemptionView?> Redemption([FromServices] RedemptionReads redemptions) =>
        await redemptions.FindAsync(Subject) is { } record ? RedemptionView.Of(record) : null;
}

public sealed record RefundRedemptionPayload : RefundPayload;

public sealed record RecoverOverchargePayload : RefundPayload;

/// <summary>Redemptions are taken back.</summary>
public sealed class RefundMutations(MutationRunner run, LedgerCommands commands, RedemptionReads redemptions) : IMutations
{
    /// <summary>Your till takes a redemption back, in full or in part: to the beneficiary, by the vouchers that it was paid with.</summary>
    [Allow(Roles.Vendor)]
    public Task<RefundRedemptionPayload> RefundRedemption(RefundRedemptionInput input) => run.RunAsync<RefundRedemptionPayload>(
        input, input.RedemptionId, (context, id) => RefundAsync(context, id, input.Amount, input.Evidence, recovery: false), Urgency.Till);

    /// <summary>The program's finance takes back for a beneficiary what a vendor charged too much.</summary>
    [Allow(Roles.Finance)]
    public Task<RecoverOverchargePayload> RecoverOvercharge(RecoverOverchargeInput input) => run.RunAsync<RecoverOverchargePayload>(
        input, input.RedemptionId, (context, id) => RefundAsync(context, id, input.Amount, input.Evidence, recovery: true));

    private async Task<CommandResult> RefundAsync(CommandContext context, Id id, MoneyInput amount, Hash32? evidence, bool recovery) =>
        await redemptions.FindAsync(id) is not { } record ? await Refuse.NotFound("redemptionId")
        : amount.Mismatch(record.Unit, "amount") is { } mismatch ? await Refuse.With(mismatch)
        : await commands.RefundAsync(context, id, amount.AmountMinor, evidence ?? Hash32.Zero, recovery);
}
