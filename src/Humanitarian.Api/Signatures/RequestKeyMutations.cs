using System.Buffers.Text;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Signatures;

/// <param name="MemberId">The member whose requests it signs.</param>
/// <param name="PublicKey">32 bytes of an Ed25519 public key in base64url, as <c>x</c> of its JSON web key.</param>
/// <param name="ExpiresAt">Absent for never.</param>
public sealed record AddRequestKeyInput(string IdempotencyKey, Id MemberId, string PublicKey, DateTimeOffset? ExpiresAt) : MutationInput(IdempotencyKey);

public sealed record AddRequestKeyPayload : Payload
{
    /// <summary>Names the key in signatures: its JSON web key thumbprint.</summary>
    public string? KeyId { get; internal set; }
}

/// <param name="KeyId">The key's JSON web key thumbprint.</param>
public sealed record RemoveRequestKeyInput(string IdempotencyKey, string KeyId) : MutationInput(IdempotencyKey);

public sealed record RemoveRequestKeyPayload : Payload;

/// <summary>Keys by which services sign their requests (RFC 9421) instead of sending a secret.</summary>
internal sealed class RequestKeyMutations(RequestKeys keys, SideCommands commands, Access access) : IMutations
{
    /// <summary>Adds a key for a member of your organisation (administrators) or of any (operators).</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    [MakesAccess]
    public async Task<AddRequestKeyPayload> AddRequestKey(AddRequestKeyInput input)
    {
        var payload = await commands.RunAsync(input, async () =>
        {
            if (await access.MemberAsync(input.MemberId) is not { Active: true } member || !access.Manages(member.Organisation))
            {
                return NotFound<AddRequestKeyPayload>("memberId");
            }

            var bytes = new byte[Ed25519Signature.PublicKeyBytes];
            if (input.PublicKey.Length > 50 || !Base64Url.TryDecodeFromChars(input.PublicKey, bytes, out var count) || count != bytes.Length || !Ed25519Signature.IsPublicKey(bytes))
            {
                return MutationRunner.Refused<AddRequestKeyPayload>(new Refusal(RefusalCode.InvalidInput, "This is no Ed25519 public key in base64url.", "publicKey"));
            }

            var key = new RequestKey(
                Convert.ToHexStringLower(bytes), member.Id.ToString(), member.Organisation.ToString(), input.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue);
            return await keys.AddAsync(key, default)
                ? new AddRequestKeyPayload { Named = RequestKeys.IdOf(bytes) }
                : MutationRunner.Refused<AddRequestKeyPayload>(new Refusal(RefusalCode.AlreadyExists, "This key is known already, as another's or with another end.", "publicKey"));
        });
        payload.KeyId = payload.Named;
        return payload;
    }

    /// <summary>Ends a key at once.</summary>
    [Allow]
    public Task<RemoveRequestKeyPayload> RemoveRequestKey(RemoveRequestKeyInput input) =>
        commands.RunAsync(input, async () =>
            await keys.FindAsync(input.KeyId, default) is { } key && (access.Manages(Id.Parse(key.Organisation)) || RequestKeys.MemberOf(key) == access.Caller.Principal)
            && await keys.RemoveAsync(input.KeyId, default)
                ? new RemoveRequestKeyPayload()
                : NotFound<RemoveRequestKeyPayload>("keyId"));

    private static T NotFound<T>(string field)
        where T : Payload, new() =>
        MutationRunner.Refused<T>(new Refusal(RefusalCode.NotFound, "There is nothing with this id that you may see.", field));
}
