using System.Text.Json.Serialization;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Beneficiaries;

/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Pin">The new PIN, which the beneficiary types. It is no part of what the idempotency key is bound to.</param>
public sealed record SetPinInput(string IdempotencyKey, Id AccountId, [property: JsonIgnore] Pin? Pin) : MutationInput(IdempotencyKey);

/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Card">Address of the card's key.</param>
public sealed record IssueCardInput(string IdempotencyKey, Id AccountId, Address Card) : MutationInput(IdempotencyKey);

/// <param name="AccountId">The beneficiary's account.</param>
public sealed record BlockCardInput(string IdempotencyKey, Id AccountId) : MutationInput(IdempotencyKey);

public abstract record CredentialPayload : Payload
{
    /// <summary>What counts now; null when refused, and for a field agent.</summary>
    [Allow(Roles.Administrator | Roles.Registrar | Roles.HelpLine, Person = true)]
    public async Task<CredentialView?> Credential([FromServices] Access access) =>
        await access.FindAsync<CredentialRecord>(RecordKind.Credential, Subject) is { } record ? CredentialView.Of(record) : null;
}

public sealed record SetPinPayload : CredentialPayload;

public sealed record IssueCardPayload : CredentialPayload;

public sealed record BlockCardPayload : CredentialPayload;

/// <summary>Beneficiaries' PINs and cards.</summary>
public sealed class CredentialMutations(MutationRunner run, LedgerCommands commands, Access access, Pins pins) : IMutations
{
    /// <summary>
    /// Sets a beneficiary's PIN; the one before counts no more, and a locked PIN is open again. Where the terms say so, you do not serve
    /// this person for some days.
    /// </summary>
    [Allow(Roles.Registrar)]
    public Task<SetPinPayload> SetPin(SetPinInput input) => run.RunAsync<SetPinPayload>(input, input.AccountId, async (context, id) =>
        input.Pin is not { } pin ? await Refuse.With(new Refusal(RefusalCode.InvalidInput, "Give the PIN in a variable.", "pin"))
        : pin.Unfit() is { } unfit ? await Refuse.With(unfit)
        : await access.PersonAsync(id) is { } person ? await SetAsync(context, person, pin)
        : await Refuse.NotFound("accountId"));

    /// <summary>Issues a card to a beneficiary; a card before it is blocked first, by somebody else.</summary>
    [Allow(Roles.Registrar)]
    public Task<IssueCardPayload> IssueCard(IssueCardInput input) => run.RunAsync<IssueCardPayload>(input, input.AccountId, async (context, id) =>
        input.Card.IsZero ? await Refuse.With(new Refusal(RefusalCode.InvalidInput, "A card has a key's address.", "card"))
        : await access.PersonAsync(id) is null ? await Refuse.NotFound("accountId")
        : await commands.ChangeCredentialAsync(context, new CredentialRequest(id, CredentialChange.IssueCard, Id.None, input.Card)));

    /// <summary>Blocks a beneficiary's card at once; a beneficiary blocks their own.</summary>
    [Allow(Credentials.Blockers, Person = true)]
    [Stops]
    public Task<BlockCardPayload> BlockCard(BlockCardInput input) => run.RunAsync<BlockCardPayload>(
        input,
        input.AccountId,
        async (context, id) => await access.PersonAsync(id) is null
            ? await Refuse.NotFound("accountId")
            : await commands.ChangeCredentialAsync(context, new CredentialRequest(id, CredentialChange.BlockCard, Id.None, default)),
        Urgency.Till);

    /// <summary>The hash is kept before the ledger names it, and what counts no more is dropped after.</summary>
    private async Task<CommandResult> SetAsync(CommandContext context, AccountRecord person, Pin pin)
    {
        var id = commands.IdFor(context, 1);
        var before = (await access.FindAsync<CredentialRecord>(RecordKind.Credential, person.Id))?.Pin ?? Id.None;
        if (before != id && await pins.KeepAsync(person.Id, person.Organisation, id, pin) is { } busy)
        {
            return CommandResult.Refused(busy);
        }

        var result = await commands.ChangeCredentialAsync(context, new CredentialRequest(person.Id, CredentialChange.SetPin, id, default));
        if (result is { Refusal: null, Replayed: false } && !before.IsNone)
        {
            await pins.DropAsync(before);
        }
        else if (result.Replayed && before != id)
        {
            // This PIN was set once, and another one since.
            await pins.DropAsync(id);
        }

        return result;
    }
}
