using System.Globalization;
using System.Text.RegularExpressions;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Humanitarian.Api.Signatures;

/// <summary>What came of a request's signature: a credential, or a code why there is none.</summary>
internal readonly record struct SignedRequest(Credential? Credential, string? Code)
{
    public static SignedRequest Refused(string code) => new(null, code);
}

/// <summary>
/// Knows requests that are signed instead of carrying a secret: HTTP message signatures with a registered Ed25519 key, and the EIP-712
/// struct <c>Request</c> with the member's own Ethereum key. Each counts once, for a short time, for one method, target and body.
/// </summary>
internal sealed partial class SignedRequests(RequestKeys keys, SpentOnce spent, LedgerReader reader, LedgerInfo ledger, HumanitarianApiOptions options, TimeProvider time)
{
    private const string Ethereum = "EIP712 ";

    /// <summary>The longest that a signature may count for.</summary>
    public static TimeSpan LifetimeMax { get; } = TimeSpan.FromMinutes(5);

    /// <summary>True for a request that claims to be signed.</summary>
    public static bool IsSigned(HttpRequest request) =>
        request.Headers.ContainsKey(MessageSignature.InputHeader) || request.Headers.Authorization.ToString().StartsWith(Ethereum, StringComparison.OrdinalIgnoreCase);

    /// <summary>Checks a signed request. Its body is read, and can be read again.</summary>
    /// <exception cref="BadHttpRequestException">The body is longer than a signed one may be.</exception>
    public async Task<SignedRequest> CheckAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var body = await BodyAsync(request, cancellationToken);
        if (!request.Headers.ContainsKey(MessageSignature.InputHeader))
        {
            return await EthereumAsync(request, body, cancellationToken);
        }

        // A second credential beside the signature would leave open who asks.
        return request.Headers.Authorization.Count > 0 ? SignedRequest.Refused(RefusalCode.SignatureInvalid) : await MessageAsync(request, body, cancellationToken);
    }

    private async Task<SignedRequest> MessageAsync(HttpRequest request, byte[] body, CancellationToken cancellationToken)
    {
        if (!MessageSignature.IsForHere(request, options.SignIn.Issuer) || MessageSignature.Read(request) is not { } signature || await keys.FindAsync(signature.KeyId, cancellationToken) is not { } key
            || RequestKeys.MemberOf(key) is not { } member || !Id.TryParse(key.Organisation, out var organisation) || Ended(key)
            || signature.Base(request) is not { } signed || !Ed25519Signature.Verify(Convert.FromHexString(key.PublicKey), signed, signature.Signature)
            || (signature.Components.Contains("content-digest") ? !MessageSignature.DigestHolds(request, body) : body.Length > 0))
        {
            return SignedRequest.Refused(RefusalCode.SignatureInvalid);
        }

        return await OnceAsync(
            new Credential(member, organisation, signature.KeyId, CredentialLimits.None, async cancel => await keys.FindAsync(signature.KeyId, cancel) == key && !Ended(key)),
            signature.Created, signature.Expires, $"message {signature.KeyId} {signature.Nonce}", cancellationToken);
    }

    private async Task<SignedRequest> EthereumAsync(HttpRequest request, byte[] body, CancellationToken cancellationToken)
    {
        if (EthereumHeader.Match(request.Headers.Authorization.ToString()) is not { Success: true } read || !Id.TryParse(read.Groups["member"].Value, out var id)
            || !Hash32.TryParse(read.Groups["nonce"].Value, out var nonce) || !Signature.TryParse(read.Groups["signature"].Value, out var signature)
            || (await reader.FindAsync<MemberRecord>(RecordKind.Member, id, cancellationToken)).Record is not { Address.IsZero: false } member)
        {
            return SignedRequest.Refused(RefusalCode.SignatureInvalid);
        }

        var deadline = long.Parse(read.Groups["deadline"].Value, CultureInfo.InvariantCulture);
        var digest = SignedObjects.Digest(
            await ledger.DomainAsync(), new RequestToSign(request.Method, MessageSignature.TargetOf(request), Keccak.Hash(body), nonce, (ulong)deadline));
        if (!Secp256k1.Verify(digest, signature, member.Address))
        {
            return SignedRequest.Refused(RefusalCode.SignatureInvalid);
        }

        // What else the signature could end with is the member's record changing, which ends every session.
        var expires = DateTimeOffset.FromUnixTimeSeconds(deadline);
        return await OnceAsync(
            new Credential(member.Id, member.Organisation, member.Address.ToString(), CredentialLimits.None, _ => Task.FromResult(true)),
            expires - LifetimeMax, expires, $"ethereum {member.Id} {nonce}", cancellationToken);
    }

    /// <summary>The last checks, so that only what a member has signed is remembered.</summary>
    private async Task<SignedRequest> OnceAsync(Credential credential, DateTimeOffset created, DateTimeOffset expires, string nonce, CancellationToken cancellationToken)
    {
        var (now, skew) = (time.GetUtcNow(), options.SignIn.Skew);
        return created > now + skew || expires <= now || expires - created > LifetimeMax ? SignedRequest.Refused(ApiCode.RequestExpired)
            : await spent.SpendAsync(nonce, expires, cancellationToken) ? new SignedRequest(credential, null)
            : SignedRequest.Refused(ApiCode.RequestReplayed);
    }

    private bool Ended(RequestKey key) => time.GetUtcNow().ToUnixTimeMilliseconds() >= key.ExpiresAt;

    private async Task<byte[]> BodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var most = options.Limits.BodyBytes;
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = most;
        }

        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        request.Body = new MemoryStream(body.ToArray(), writable: false);
        return body.ToArray();
    }

    [GeneratedRegex("""^EIP712 member="(?<member>[0-9a-f]{32})", nonce="(?<nonce>0x[0-9a-f]{64})", deadline="(?<deadline>[0-9]{1,11})", signature="(?<signature>0x[0-9a-f]{130})"$""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex EthereumHeader { get; }
}
