using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Humanitarian.Api.Tests.SignIn;

/// <summary>An identity provider that signs whatever it is told to.</summary>
internal sealed class TestIssuer : IAsyncDisposable
{
    public const string Audience = "ledger-of-the-test";

    private readonly WebApplication server;
    private RSA key = RSA.Create(2048);
    private int turns;

    private TestIssuer(WebApplication server) => this.server = server;

    public string Url => server.Urls.First();

    /// <summary>What its metadata says that it is; its URL when null.</summary>
    public string? Claimed { get; set; }

    public RsaSecurityKey Key => new(key) { KeyId = $"key {turns}" };

    public static async Task<TestIssuer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        var issuer = new TestIssuer(builder.Build());
        issuer.server.MapGet("/.well-known/openid-configuration", () => Results.Json(new
        {
            issuer = issuer.Claimed ?? issuer.Url, jwks_uri = issuer.Url + "/jwks", id_token_signing_alg_values_supported = new[] { "RS256" },
        }));
        issuer.server.MapGet("/jwks", () =>
        {
            var jwk = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(issuer.key.ExportParameters(false)) { KeyId = issuer.Key.KeyId });
            return Results.Json(new { keys = new[] { new { kty = jwk.Kty, kid = jwk.Kid, n = jwk.N, e = jwk.E, use = "sig" } } });
        });
        await issuer.server.StartAsync();
        return issuer;
    }

    /// <summary>Takes another key.</summary>
    public void Turn()
    {
        key = RSA.Create(2048);
        turns++;
    }

    /// <summary>A token that counts, or what <paramref name="change"/> makes of it.</summary>
    public string Token(string subject, Action<SecurityTokenDescriptor>? change = null)
    {
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = Url, Audience = Audience, IssuedAt = now, NotBefore = now, Expires = now.AddMinutes(5),
            Claims = new Dictionary<string, object> { ["sub"] = subject }, SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        };
        change?.Invoke(descriptor);
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        key.Dispose();
    }
}
