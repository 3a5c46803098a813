using System.Text.Json.Serialization;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Settlements;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Settlements;

/// <param name="VendorAccountId">Your account.</param>
/// <param name="Details">Where it is to be paid. They are no part of what the idempotency key is bound to.</param>
public sealed record ProposePayoutDetailsInput(string IdempotencyKey, Id VendorAccountId, [property: JsonIgnore] PayoutDetailsInput Details) : MutationInput(IdempotencyKey);

/// <param name="VendorAccountId">Your account.</param>
public sealed record ConfirmPayoutDetailsInput(string IdempotencyKey, Signature? Signature, Id VendorAccountId) : SignedInput(IdempotencyKey, Signature);

/// <param name="VendorAccountId">Your account.</param>
public sealed record WithdrawPayoutDetailsInput(string IdempotencyKey, Signature? Signature, Id VendorAccountId) : SignedInput(IdempotencyKey, Signature);

/// <param name="PayoutId">The pay-out.</param>
/// <param name="Evidence">Hash of the bank's notice.</param>
[MovesMoney]
public sealed record ReturnPayoutInput(string IdempotencyKey, Signature? Signature, Id PayoutId, Hash32? Evidence) : SignedInput(IdempotencyKey, Signature);

/// <param name="Notice">As <c>notices</c> names it.</param>
public sealed record DropNoticeInput(string IdempotencyKey, string Notice) : MutationInput(IdempotencyKey);

public abstract record PayoutDetailsPayload : Payload
{
    /// <summary>What counts now, and what waits; null when refused.</summary>
    [AsParent]
    public async Task<PayoutDetailsView?> Details([FromServices] Access access) =>
        await access.FindAsync<PayoutDetailsRecord>(RecordKind.PayoutDetails, Subject) is { } record ? PayoutDetailsView.Of(record) : null;
}

public sealed record ProposePayoutDetailsPayload : PayoutDetailsPayload;

public sealed record ConfirmPayoutDetailsPayload : PayoutDetailsPayload;

public sealed record WithdrawPayoutDetailsPayload : PayoutDetailsPayload;

public sealed record ReturnPayoutPayload : Payload;

public sealed record DropNoticePayload : Payload;

/// <summary>Where vendors are paid, and what comes back.</summary>
public sealed class PayoutMutations(MutationRunner run, LedgerCommands commands, Access access, PayoutVault vault, HumanitarianApiOptions options, TimeProvider time) : IMutations
{
    /// <summary>Proposes where your account is to be paid. The contact of the details that count so far is told, and another member confirms after the cool-off.</summary>
    [Allow(Roles.Administrator | Roles.Finance | Roles.Vendor)]
    public Task<ProposePayoutDetailsPayload> ProposePayoutDetails(ProposePayoutDetailsInput input) =>
        run.RunAsync<ProposePayoutDetailsPayload>(input, input.VendorAccountId, async (context, id) =>
            input.Details.Wrong() is { } wrong ? await Refuse.With(wrong)
            : await access.AccountAsync(id) is { AccountKind: AccountKind.Vendor } vendor ? await ProposeAsync(context, vendor, input.Details)
            : await Refuse.NotFound("vendorAccountId"));

    /// <summary>Confirms the details that wait, signed by another member than who proposed them, after the cool-off.</summary>
    [Allow(Roles.Administrator | Roles.Finance)]
    public Task<ConfirmPayoutDetailsPayload> ConfirmPayoutDetails(ConfirmPayoutDetailsInput input) =>
        run.RunAsync<ConfirmPayoutDetailsPayload>(input, input.VendorAccountId, async (context, id) =>
            await access.AccountAsync(id) is { } vendor ? await ConfirmAsync(context, vendor) : await Refuse.NotFound("vendorAccountId"));

    /// <summary>Drops the details that wait.</summary>
    [Allow(Roles.Administrator | Roles.Finance | Roles.Vendor)]
    public Task<WithdrawPayoutDetailsPayload> WithdrawPayoutDetails(WithdrawPayoutDetailsInput input) =>
        run.RunAsync<WithdrawPayoutDetailsPayload>(input, input.VendorAccountId, async (context, id) =>
            await access.AccountAsync(id) is null
                ? await Refuse.NotFound("vendorAccountId")
                : await commands.ChangePayoutDetailsAsync(context, new PayoutDetailsRequest(id, PayoutDetailsChange.Withdraw, default, 0)));

    /// <summary>The program's finance signs that a pay-out came back: the vendor has the units again and can ask anew.</summary>
    [Allow(Roles.Finance)]
    public Task<ReturnPayoutPayload> ReturnPayout(ReturnPayoutInput input) => run.RunAsync<ReturnPayoutPayload>(input, input.PayoutId, async (context, id) =>
        await access.FindAsync<PayoutRecord>(RecordKind.Payout, id) is { } payout && await access.OwnProgramAsync(payout.Program) is not null
            ? await commands.ReturnPayoutAsync(context, id, input.Evidence ?? Hash32.Zero)
            : await Refuse.NotFound("payoutId"));

    /// <summary>Takes a notice out of the queue once its contact has been told. Who proposed the details does not say so: ROLES_INCOMPATIBLE.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public async Task<DropNoticePayload> DropNotice(DropNoticeInput input) =>
        IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid ? MutationRunner.Refused<DropNoticePayload>(invalid)
        : PayoutVault.AccountOf(input.Notice) is { } account
            && await access.FindAsync<PayoutDetailsRecord>(RecordKind.PayoutDetails, account) is { Proposed.IsZero: false } waiting && waiting.ProposedBy == access.Caller.Principal
            ? MutationRunner.Refused<DropNoticePayload>(new Refusal(
                RefusalCode.RolesIncompatible, "Who proposed the details does not say that the contact was told; another administrator does.", "notice"))
        : await vault.SentAsync(input.Notice, access.Caller.Has(Roles.Operator) ? null : access.Caller.Organisation) ? new DropNoticePayload()
        : MutationRunner.Refused<DropNoticePayload>(new Refusal(RefusalCode.NotFound, "There is no such notice in the queue.", "notice"));

    private async Task<CommandResult> ProposeAsync(CommandContext context, AccountRecord vendor, PayoutDetailsInput details)
    {
        var coolOff = (long)options.PayoutCoolOff.TotalMilliseconds;
        var before = await access.FindAsync<PayoutDetailsRecord>(RecordKind.PayoutDetails, vendor.Id);
        var hash = await vault.KeepAsync(context, vendor.Id, vendor.Organisation, details);

        // The notice comes first: a change that nobody could be told of does not wait either.
        await NotifyAsync(context, vendor, before, "PAYOUT_DETAILS_PROPOSED", time.GetUtcNow().ToUnixTimeMilliseconds() + coolOff);
        return await commands.ChangePayoutDetailsAsync(context, new PayoutDetailsRequest(vendor.Id, PayoutDetailsChange.Propose, hash, coolOff));
    }

    private async Task<CommandResult> ConfirmAsync(CommandContext context, AccountRecord vendor)
    {
        var before = await access.FindAsync<PayoutDetailsRecord>(RecordKind.PayoutDetails, vendor.Id);
        var result = await commands.ChangePayoutDetailsAsync(context, new PayoutDetailsRequest(vendor.Id, PayoutDetailsChange.Confirm, default, 0));
        if (result is { Refusal: null, Replayed: false })
        {
            await NotifyAsync(context, vendor, before, "PAYOUT_DETAILS_CONFIRMED", time.GetUtcNow().ToUnixTimeMilliseconds());
        }

        return result;
    }

    private async Task NotifyAsync(CommandContext context, AccountRecord vendor, PayoutDetailsRecord? before, string code, long at)
    {
        if (await vault.FindAsync(vendor.Id, before?.Confirmed ?? default) is { } old)
        {
            await vault.NotifyAsync(commands.IdFor(context), vendor.Id, vendor.Organisation, new Notice(old.Contact, code, at));
        }
    }
}
