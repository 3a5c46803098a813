using System.Globalization;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;

namespace Humanitarian.Api.SecondFactor;

/// <summary>A passkey of a member: a key in an authenticator that asks for a finger, a face or a PIN.</summary>
/// <param name="CredentialId">Names it, in base64url.</param>
/// <param name="Name">As its owner called it.</param>
/// <param name="AddedAt">When it was added.</param>
/// <param name="UsedAt">When it last confirmed a decision; null for never.</param>
/// <param name="Synced">True when copies of it may be on other devices.</param>
[Name("Passkey")]
public sealed record PasskeyView(string CredentialId, string Name, DateTimeOffset AddedAt, DateTimeOffset? UsedAt, bool Synced)
{
    internal static PasskeyView Of(StoredPasskey passkey) => new(
        passkey.CredentialId, passkey.Name, DateTimeOffset.FromUnixTimeMilliseconds(passkey.AddedAt),
        passkey.UsedAt is { } used ? DateTimeOffset.FromUnixTimeMilliseconds(used) : null, passkey.BackedUp);
}

/// <param name="Name">By which you will know it again, such as "telephone"; 1 to 60 characters.</param>
public sealed record RequestPasskeyInput(string IdempotencyKey, string Name) : MutationInput(IdempotencyKey);

public sealed record RequestPasskeyPayload : ConfirmablePayload
{
    /// <summary>JSON for <c>PublicKeyCredential.parseCreationOptionsFromJSON</c>, to be answered once within five minutes.</summary>
    public string? Options { get; internal set; }
}

/// <param name="Credential">What <c>navigator.credentials.create</c> answered, as JSON (<c>toJSON</c>).</param>
public sealed record AddPasskeyInput(string IdempotencyKey, string Credential) : MutationInput(IdempotencyKey);

public sealed record AddPasskeyPayload : Payload
{
    /// <summary>The new passkey; null when refused.</summary>
    public PasskeyView? Passkey { get; internal set; }
}

/// <param name="Credential">What <c>navigator.credentials.get</c> answered, as JSON (<c>toJSON</c>).</param>
public sealed record ConfirmWithPasskeyInput(string IdempotencyKey, string Credential) : MutationInput(IdempotencyKey);

public sealed record ConfirmWithPasskeyPayload : Payload;

/// <param name="CredentialId">The passkey, as <c>passkeys</c> names it.</param>
public sealed record RemovePasskeyInput(string IdempotencyKey, string CredentialId) : MutationInput(IdempotencyKey);

public sealed record RemovePasskeyPayload : ConfirmablePayload;

/// <summary>Passkeys of members, as a second factor for approvals and releases.</summary>
internal sealed class PasskeyMutations(Passkeys passkeys, SecondFactors factors, SideCommands commands, Access access) : IMutations
{
    /// <summary>Asks for a new passkey of yours. Who has an app or a passkey shows it first.</summary>
    [Allow]
    public async Task<RequestPasskeyPayload> RequestPasskey(RequestPasskeyInput input)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<RequestPasskeyPayload>(invalid);
        }

        if (await factors.OwesAsync(access.Caller, input, default) is { } owed)
        {
            return owed.Refused<RequestPasskeyPayload>();
        }

        var (json, refusal) = await passkeys.AskToAddAsync(access.Caller, input.Name, default);
        return refusal is null ? new RequestPasskeyPayload { Options = json } : MutationRunner.Refused<RequestPasskeyPayload>(refusal);
    }

    /// <summary>Adds the passkey that <c>requestPasskey</c> asked for with this key or token. It is yours for ever: no other member can add it, even when you have removed it.</summary>
    [Allow]
    public async Task<AddPasskeyPayload> AddPasskey(AddPasskeyInput input)
    {
        var payload = await commands.RunAsync(input, async () =>
        {
            var (passkey, refusal) = await passkeys.AddAsync(access.Caller, input.Credential, default);
            return refusal is null
                ? new AddPasskeyPayload { Passkey = PasskeyView.Of(passkey!), Named = passkey!.CredentialId }
                : MutationRunner.Refused<AddPasskeyPayload>(refusal);
        });
        if (payload.Replayed && (await passkeys.ListAsync(access.Caller.Principal, default)).FirstOrDefault(one => one.CredentialId == payload.Named) is { } added)
        {
            payload.Passkey = PasskeyView.Of(added);
        }

        return payload;
    }

    /// <summary>Takes what a passkey answered to <c>toConfirm</c>: this key or token may then send that decision, with the same idempotency key and input, for five minutes. An answer counts once.</summary>
    [Allow]
    public async Task<ConfirmWithPasskeyPayload> ConfirmWithPasskey(ConfirmWithPasskeyInput input) =>
        (IdempotencyKey.Refuse(input.IdempotencyKey) ?? await passkeys.ConfirmAsync(access.Caller, input.Credential, default)) is { } refusal
            ? MutationRunner.Refused<ConfirmWithPasskeyPayload>(refusal)
            : new ConfirmWithPasskeyPayload();

    /// <summary>Forgets a passkey of yours, after a code or a passkey has confirmed it. Who has lost all asks an administrator for <c>removeSecondFactor</c>.</summary>
    [Allow]
    public Task<RemovePasskeyPayload> RemovePasskey(RemovePasskeyInput input) =>
        commands.RunAsync(input, async () =>
        {
            if (await factors.OwesAsync(access.Caller, input, default) is { } owed)
            {
                return owed.Refused<RemovePasskeyPayload>();
            }

            return await passkeys.RemoveAsync(access.Caller, input.CredentialId, default)
                ? new RemovePasskeyPayload()
                : MutationRunner.Refused<RemovePasskeyPayload>(new Refusal(RefusalCode.NotFound, "There is nothing with this id that you may see.", "credentialId"));
        });
}

/// <summary>Questions about passkeys.</summary>
internal sealed class PasskeyQueries(Passkeys passkeys, Access access) : IQueries
{
    /// <summary>Your own passkeys, the oldest first.</summary>
    /// <param name="first">1 to 100.</param>
    /// <param name="after">Cursor that they come behind.</param>
    [Allow]
    public async Task<Connection<PasskeyView>> Passkeys(int first, string? after)
    {
        var from = Paging.NumberKey(after) ?? 0;
        var behind = (await passkeys.ListAsync(access.Caller.Principal, default)).Where(one => one.AddedAt > from).ToArray();
        return Paging.Cut(behind, Paging.Check(first), after, one => one.AddedAt.ToString(CultureInfo.InvariantCulture), PasskeyView.Of);
    }
}
