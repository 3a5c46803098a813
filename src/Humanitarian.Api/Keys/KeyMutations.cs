using System.Net;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Keys;

/// <param name="MemberId">The member.</param>
/// <param name="ExpiresAt">Absent for never.</param>
/// <param name="Operations">Names of queries, mutations and subscriptions, and of lists, reports, instructions, exports, bulk and dashboard, that it is for; all when absent.</param>
/// <param name="ReadOnly">True for a key that changes nothing; false when absent.</param>
/// <param name="Networks">Networks from which it counts, such as 192.0.2.0/24; from everywhere when absent.</param>
public sealed record CreateApiKeyInput(
    string IdempotencyKey, Id MemberId, DateTimeOffset? ExpiresAt, IReadOnlyList<string>? Operations, bool? ReadOnly, IReadOnlyList<string>? Networks)
    : MutationInput(IdempotencyKey);

public abstract record NewApiKeyPayload : Payload
{
    /// <summary>The key itself, shown this once.</summary>
    public string? Secret { get; internal set; }

    /// <summary>Names the key, for revocation; it authenticates nobody.</summary>
    public Hash32? KeyId { get; internal set; }
}

public sealed record CreateApiKeyPayload : NewApiKeyPayload;

/// <param name="KeyId">The key to replace, as <c>createApiKey</c> named it.</param>
/// <param name="OldUntil">When the old key ends; in an hour when absent, so that a lost answer shuts nobody out.</param>
/// <param name="ExpiresAt">When the new key ends; with the old one's expiry when absent. Only an administrator or operator lets it live longer.</param>
public sealed record RotateApiKeyInput(string IdempotencyKey, Hash32 KeyId, DateTimeOffset? OldUntil, DateTimeOffset? ExpiresAt) : MutationInput(IdempotencyKey);

public sealed record RotateApiKeyPayload : NewApiKeyPayload;

/// <param name="KeyId">The key to end, as <c>createApiKey</c> named it.</param>
public sealed record RevokeApiKeyInput(string IdempotencyKey, Hash32 KeyId) : MutationInput(IdempotencyKey);

public sealed record RevokeApiKeyPayload : Payload;

/// <summary>API keys of members. They are credentials of this installation and not on the ledger.</summary>
internal sealed class KeyMutations(ApiKeys keys, SideCommands commands, Access access, ApiSchema schema, TimeProvider time) : IMutations
{
    private const int LimitsMax = 100;

    private static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    /// <summary>Makes a key for a member of your organisation (administrators) or of any (operators).</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    [MakesAccess]
    public Task<CreateApiKeyPayload> CreateApiKey(CreateApiKeyInput input) =>
        commands.RunAsync(input, async () =>
        {
            if (await access.MemberAsync(input.MemberId) is not { Active: true } member)
            {
                return NotFound<CreateApiKeyPayload>("memberId");
            }

            if (!access.Manages(member.Organisation))
            {
                return MutationRunner.Refused<CreateApiKeyPayload>(Principals.Forbidden());
            }

            if (Wrong(input) is { } wrong)
            {
                return MutationRunner.Refused<CreateApiKeyPayload>(wrong);
            }

            var limits = new CredentialLimits(input.Operations ?? [], input.ReadOnly ?? false, input.Networks ?? []);
            var made = await keys.CreateAsync(member.Id, member.Organisation, input.ExpiresAt?.ToUnixTimeMilliseconds(), limits);
            return new CreateApiKeyPayload { Secret = made.Secret, KeyId = made.Key.Hash };
        }, shownOnce: true);

    /// <summary>Makes a key in the place of another: of the same member, with the same limits. Who retries a command with the new key is answered its first outcome.</summary>
    [Allow]
    public Task<RotateApiKeyPayload> RotateApiKey(RotateApiKeyInput input) =>
        commands.RunAsync(input, async () =>
        {
            if (await keys.FindAsync(input.KeyId) is not { Revoked: false } old || !MayReplace(old))
            {
                return NotFound<RotateApiKeyPayload>("keyId");
            }

            if (old.Principal != access.Caller.Principal && MakesAccessAttribute.Refuse(access.Caller) is { } narrow)
            {
                return MutationRunner.Refused<RotateApiKeyPayload>(narrow);
            }

            var expires = input.ExpiresAt?.ToUnixTimeMilliseconds() ?? old.ExpiresAt;
            var made = await keys.CreateAsync(old.Principal, old.Organisation, access.Manages(old.Organisation) ? expires : Math.Min(expires, old.ExpiresAt), old.Limits);
            await keys.EndAsync(old.Hash, (input.OldUntil ?? time.GetUtcNow() + Overlap).ToUnixTimeMilliseconds());
            return new RotateApiKeyPayload { Secret = made.Secret, KeyId = made.Key.Hash };
        }, shownOnce: true);

    /// <summary>Ends a key. Repeating it changes nothing.</summary>
    [Allow]
    [Stops]
    public async Task<RevokeApiKeyPayload> RevokeApiKey(RevokeApiKeyInput input)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<RevokeApiKeyPayload>(invalid);
        }

        return await keys.FindAsync(input.KeyId) is { } key && (access.Manages(key.Organisation) || key.Principal == access.Caller.Principal)
            && await keys.RevokeAsync(key.Hash)
                ? new RevokeApiKeyPayload { Replayed = key.Revoked }
                : NotFound<RevokeApiKeyPayload>("keyId");
    }

    /// <summary>A limited key replaces itself alone, or it would become another that is not.</summary>
    private bool MayReplace(ApiKey key) =>
        (access.Manages(key.Organisation) || key.Principal == access.Caller.Principal)
        && (access.Caller.Limits.AreNone || access.Caller.Credential == key.Hash.ToString());

    private Refusal? Wrong(CreateApiKeyInput input)
    {
        // An empty list would mean no limit, which nobody who writes one wants.
        if (input.Operations is { Count: 0 or > LimitsMax } || input.Networks is { Count: 0 or > LimitsMax })
        {
            return new Refusal(RefusalCode.InvalidInput, $"A limit has 1 to {LimitsMax} entries; leave it out for none.", "operations");
        }

        return input.Operations?.FirstOrDefault(name => !HumanitarianApi.Endpoints.Contains(name) && !schema.HasRootField(name)) is { } unknown
                ? new Refusal(RefusalCode.InvalidInput, $"There is no operation {(unknown.Length > 50 ? "of this name" : unknown)}.", "operations")
            : input.Networks?.Any(network => !IPNetwork.TryParse(network, out _)) == true
                ? new Refusal(RefusalCode.InvalidInput, "A network is written as 192.0.2.0/24 or 2001:db8::/32.", "networks")
            : null;
    }

    private static T NotFound<T>(string field)
        where T : Payload, new() =>
        MutationRunner.Refused<T>(new Refusal(RefusalCode.NotFound, "There is nothing with this id that you may see.", field));
}
