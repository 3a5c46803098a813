using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Provider;
using Humanitarian.Domain;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>
/// Tokens of beneficiaries who have signed in: JSON web tokens of an audience of their own, by the key of the ledger's identity provider.
/// They count for a few minutes and end with the login that they were given for.
/// </summary>
internal sealed class PersonTokens(ProviderKeys keys, TimeProvider time)
{
    public static readonly TimeSpan LivesFor = TimeSpan.FromMinutes(15);

    private const string Audience = "humanitarian-person";
    private const string Login = "login";
    private const int TokenCharsMax = 2_048;

    private readonly JsonWebTokenHandler handler = new() { MapInboundClaims = false, SetDefaultTimesOnTokenCreation = false };

    public (string Token, DateTimeOffset Until) Make(Id account, Id login)
    {
        var now = time.GetUtcNow();
        var token = handler.CreateToken(new SecurityTokenDescriptor
        {
            Audience = Audience,
            IssuedAt = now.UtcDateTime,
            Expires = (now + LivesFor).UtcDateTime,
            Claims = new Dictionary<string, object> { [JwtRegisteredClaimNames.Sub] = account.ToString(), [Login] = login.ToString() },
            SigningCredentials = new SigningCredentials(keys.Signing, SecurityAlgorithms.EcdsaSha256),
            TokenType = "at+jwt",
        });
        return (token, now + LivesFor);
    }

    /// <returns>Null unless the token is a beneficiary's and counts. Whether the login still does, the ledger says.</returns>
    public async Task<Credential?> FindAsync(string token)
    {
        if (token.Length > TokenCharsMax || !handler.CanReadToken(token))
        {
            return null;
        }

        var result = await handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidAlgorithms = [SecurityAlgorithms.EcdsaSha256],
            ValidAudience = Audience,
            ValidTypes = ["at+jwt"],
            IssuerSigningKey = keys.Signing,

            // The key is this ledger's alone.
            ValidateIssuer = false,
            RequireExpirationTime = true,
            LifetimeValidator = (_, expires, _, _) => Counts(expires),
        });
        return result is { IsValid: true, SecurityToken: JsonWebToken proven } && Id.TryParse(proven.Subject, out var account)
            && proven.TryGetPayloadValue<string>(Login, out var named) && Id.TryParse(named, out var login)
                ? new Credential(login, Id.None, NameOf(token), CredentialLimits.None, _ => Task.FromResult(Counts(proven.ValidTo))) { Person = account }
                : null;
    }

    private bool Counts(DateTime? expires) => expires is { } end && time.GetUtcNow().UtcDateTime < end;

    private static string NameOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}
