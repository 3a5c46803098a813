using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Keys;

/// <param name="MemberId">The member.</param>
/// <param name="ExpiresAt">Absent for never.</param>
public sealed record CreateApiKeyInput(string IdempotencyKey, Id MemberId, DateTimeOffset? ExpiresAt) : MutationInput(IdempotencyKey);

public sealed record CreateApiKeyPayload : Payload
{
    /// <summary>The key itself, shown this once.</summary>
    public string? Secret { get; internal set; }

    /// <summary>Names the key, for revocation; it authenticates nobody.</summary>
    public Hash32? KeyId { get; internal set; }
}

/// <param name="KeyId">The key to end, as <c>createApiKey</c> named it.</param>
public sealed record RevokeApiKeyInput(string IdempotencyKey, Hash32 KeyId) : MutationInput(IdempotencyKey);

public sealed record RevokeApiKeyPayload : Payload;

/// <summary>API keys of members. They are credentials of this installation and not on the ledger.</summary>
public sealed class KeyMutations(ApiKeys keys, Access access, ISideStore store) : IMutations
{
    private const string CommandKind = "apikey-command";

    /// <summary>Makes a key for a member of your organisation (administrators) or of any (operators).</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public async Task<CreateApiKeyPayload> CreateApiKey(CreateApiKeyInput input)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<CreateApiKeyPayload>(invalid);
        }

        if (await access.MemberAsync(input.MemberId) is not { Active: true } member)
        {
            return NotFound<CreateApiKeyPayload>("memberId");
        }

        if (!Manages(member.Organisation))
        {
            return MutationRunner.Refused<CreateApiKeyPayload>(Principals.Forbidden());
        }

        if (await RefuseRepeatedAsync(input) is { } repeated)
        {
            return MutationRunner.Refused<CreateApiKeyPayload>(repeated);
        }

        var made = await keys.CreateAsync(member.Id, member.Organisation, input.ExpiresAt?.ToUnixTimeMilliseconds());
        return new CreateApiKeyPayload { Secret = made.Secret, KeyId = made.Key.Hash };
    }

    /// <summary>Ends a key. Repeating it changes nothing.</summary>
    [Allow]
    public async Task<RevokeApiKeyPayload> RevokeApiKey(RevokeApiKeyInput input)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<RevokeApiKeyPayload>(invalid);
        }

        return await keys.FindAsync(input.KeyId) is { } key && (Manages(key.Organisation) || key.Principal == access.Caller.Principal)
            && await keys.RevokeAsync(key.Hash)
                ? new RevokeApiKeyPayload { Replayed = key.Revoked }
                : NotFound<RevokeApiKeyPayload>("keyId");
    }

    private bool Manages(Id organisation) =>
        access.Caller.Has(Roles.Operator) || (access.Caller.Organisation == organisation && access.Caller.Has(Roles.Administrator));

    /// <summary>A key cannot be shown twice, so a repetition is refused instead of replayed.</summary>
    private async Task<Refusal?> RefuseRepeatedAsync(CreateApiKeyInput input)
    {
        var scope = Convert.ToHexStringLower(SHA256.HashData([.. access.Caller.Principal.ToBytes(), .. Encoding.UTF8.GetBytes(input.IdempotencyKey)]));
        var content = CanonicalInput.Hash(input).ToString();
        if (await store.PutAsync(new SideDocument(CommandKind, scope, access.Caller.Organisation.ToString(), 0, content)))
        {
            return null;
        }

        return (await store.FindAsync(CommandKind, scope))?.Json == content
            ? new Refusal(RefusalCode.AlreadyExists, "This key was made and shown before. If it is lost, revoke it and make another with a new idempotency key.", "idempotencyKey")
            : new Refusal(RefusalCode.IdempotencyConflict, "This idempotency key was used with other input.", "idempotencyKey");
    }

    private static T NotFound<T>(string field)
        where T : Payload, new() =>
        MutationRunner.Refused<T>(new Refusal(RefusalCode.NotFound, "There is nothing with this id that you may see.", field));
}
