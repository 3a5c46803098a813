using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;

namespace Humanitarian.Api.Signatures;

/// <summary>A public key by which a member's requests are signed.</summary>
/// <param name="PublicKey">32 bytes of Ed25519 in hexadecimal.</param>
/// <param name="ExpiresAt">Unix milliseconds.</param>
internal sealed record RequestKey(string PublicKey, string Member, string Organisation, long ExpiresAt);

/// <summary>The keys by which services sign their requests. A key is one member's alone.</summary>
internal sealed class RequestKeys(SealedDocuments documents)
{
    private const string Kind = "request-key";

    /// <summary>A key's name: its JSON web key thumbprint (RFC 7638, RFC 8037), which every library makes of it.</summary>
    public static string IdOf(ReadOnlySpan<byte> publicKey) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(
        $$"""{"crv":"Ed25519","kty":"OKP","x":"{{Base64Url.EncodeToString(publicKey)}}"}""")));

    public async Task<RequestKey?> FindAsync(string keyId, CancellationToken cancellationToken) =>
        (await documents.FindAsync<RequestKey>(Kind, keyId, cancellationToken))?.Value;

    /// <summary>Adds a key; false when it is known as another's, or with another end.</summary>
    public async Task<bool> AddAsync(RequestKey key, CancellationToken cancellationToken)
    {
        var id = IdOf(Convert.FromHexString(key.PublicKey));
        return await documents.PutAsync(Kind, id, key.Organisation, 0, key, cancellationToken) || await FindAsync(id, cancellationToken) == key;
    }

    /// <summary>Ends a key; false when there is none.</summary>
    public Task<bool> RemoveAsync(string keyId, CancellationToken cancellationToken) => documents.DeleteAsync(Kind, keyId, cancellationToken);

    /// <summary>The member of a key, or null.</summary>
    public static Id? MemberOf(RequestKey key) => Id.TryParse(key.Member, out var member) ? member : null;
}
