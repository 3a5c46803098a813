using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Provider;
using Humanitarian.Domain;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Humanitarian.Api.SignIn;

/// <summary>
/// Knows bearer tokens: JSON web tokens of the issuers that organisations have bound, and of the ledger's own provider. Issuer, audience and
/// algorithms are pinned; who a subject is, only a binding says.
/// </summary>
internal sealed class Tokens(SignIns signIns, Issuers issuers, ProviderKeys own, OwnTokens ownTokens, HumanitarianApiOptions options, TimeProvider time)
{
    private const int TokenCharsMax = 8_192;

    /// <summary>Those of public keys alone: nobody makes a token of what a provider publishes.</summary>
    private static readonly string[] Algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384,
        SecurityAlgorithms.RsaSsaPssSha512, SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false };

    /// <returns>Null unless the token counts and its subject is a member's.</returns>
    public async Task<Credential?> FindAsync(string token, CancellationToken cancellationToken)
    {
        if (Read(token) is not { } unproven)
        {
            return null;
        }

        return options.SignIn.Provider && unproven.Kid == own.KeyId
            ? await OwnAsync(token, cancellationToken)
            : await BoundAsync(token, unproven.Issuer, cancellationToken);
    }

    private async Task<Credential?> OwnAsync(string token, CancellationToken cancellationToken)
    {
        var parameters = Parameters([SecurityAlgorithms.EcdsaSha256], SignInOptions.Audience);
        parameters.IssuerSigningKey = own.Signing;
        parameters.ValidTypes = ["at+jwt"];

        // The key is this ledger's alone, so whose token it is is certain; where it is asked at may not be known.
        parameters.IssuerValidator = (issuer, _, _) => options.SignIn.Issuer is null || issuer == options.SignIn.Issuer.AbsoluteUri
            ? issuer
            : throw new SecurityTokenInvalidIssuerException("Another issuer.");
        return await ProveAsync(token, parameters) is { } proven ? await ownTokens.FindAsync(proven, NameOf(token), Lives(proven), cancellationToken) : null;
    }

    private async Task<Credential?> BoundAsync(string token, string issuer, CancellationToken cancellationToken)
    {
        if (await signIns.IssuerAsync(issuer, cancellationToken) is not { } bound || await issuers.FindAsync(issuer, cancellationToken) is not { } published)
        {
            return null;
        }

        var parameters = Parameters(Algorithms, bound.Audience);
        parameters.ValidIssuer = issuer;
        parameters.ConfigurationManager = published;
        if (await ProveAsync(token, parameters) is not { Subject.Length: > 0 } proven || proven.Issuer != issuer
            || await MemberAsync(bound, proven.Subject, cancellationToken) is not { } member)
        {
            return null;
        }

        var lives = Lives(proven);
        return new Credential(
            member, Id.Parse(bound.Organisation), NameOf(token), CredentialLimits.None,
            async cancel => lives() && await signIns.IssuerAsync(issuer, cancel) == bound && await MemberAsync(bound, proven.Subject, cancel) == member);
    }

    private async Task<Id?> MemberAsync(BoundIssuer issuer, string subject, CancellationToken cancellationToken) =>
        await signIns.SubjectAsync(issuer.Issuer, subject, cancellationToken) is { } found && found.Organisation == issuer.Organisation && Id.TryParse(found.Member, out var id)
            ? id
            : null;

    private JsonWebToken? Read(string token)
    {
        try
        {
            return token.Length <= TokenCharsMax && handler.CanReadToken(token) ? handler.ReadJsonWebToken(token) : null;
        }
        catch (Exception malformed) when (malformed is SecurityTokenException or ArgumentException)
        {
            return null;
        }
    }

    private TokenValidationParameters Parameters(string[] algorithms, string audience) => new()
    {
        ValidAlgorithms = algorithms,
        ValidAudience = audience,
        RequireExpirationTime = true,
        RequireSignedTokens = true,
        LifetimeValidator = (notBefore, expires, _, _) => expires is { } end && Counts(end) && (notBefore is not { } begin || begin <= Now + options.SignIn.Skew),
    };

    private async Task<JsonWebToken?> ProveAsync(string token, TokenValidationParameters parameters) =>
        await handler.ValidateTokenAsync(token, parameters) is { IsValid: true, SecurityToken: JsonWebToken proven } ? proven : null;

    private Func<bool> Lives(JsonWebToken token) => () => Counts(token.ValidTo);

    private bool Counts(DateTime expires) => Now < expires + options.SignIn.Skew;

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private static string NameOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
