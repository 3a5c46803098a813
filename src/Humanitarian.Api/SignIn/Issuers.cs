using System.Collections.Concurrent;
using Humanitarian.Api.Outgoing;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Humanitarian.Api.SignIn;

/// <summary>What identity providers publish of themselves, by OpenID Connect discovery. It is fetched when it is needed, kept, and renewed when a token names a new key.</summary>
internal sealed class Issuers(HumanitarianApiOptions options, TimeProvider time) : IDisposable
{
    private const string Discovery = "/.well-known/openid-configuration";
    private const int KeptMax = 1_000;

    private static readonly TimeSpan RestAfterFailure = TimeSpan.FromSeconds(10);

    private readonly HttpClient http = GuardedHttp.Create(options.SignIn.Outgoing);
    private readonly ConcurrentDictionary<string, Known> known = new(StringComparer.Ordinal);

    /// <summary>A provider's metadata, or null: it cannot be reached, or says that it is another.</summary>
    public async Task<ConfigurationManager<OpenIdConnectConfiguration>?> FindAsync(string issuer, CancellationToken cancellationToken)
    {
        if (known.Count >= KeptMax)
        {
            known.Clear();
        }

        var one = known.GetOrAdd(issuer, Begin);
        if (one.FailedAt is { } failed && time.GetElapsedTime(failed) < RestAfterFailure)
        {
            return null;
        }

        try
        {
            var configuration = await one.Manager.GetConfigurationAsync(cancellationToken);
            one.FailedAt = configuration.Issuer == issuer ? null : time.GetTimestamp();
        }
        catch (Exception fault) when (fault is InvalidOperationException or IOException or HttpRequestException or ArgumentException)
        {
            one.FailedAt = time.GetTimestamp();
        }

        return one.FailedAt is null ? one.Manager : null;
    }

    /// <summary>Forgets what a provider published: the next token asks again.</summary>
    public void Forget(string issuer) => known.TryRemove(issuer, out _);

    public void Dispose() => http.Dispose();

    private Known Begin(string issuer) => new(new ConfigurationManager<OpenIdConnectConfiguration>(
        issuer.TrimEnd('/') + Discovery, new OpenIdConnectConfigurationRetriever(),
        new HttpDocumentRetriever(http) { RequireHttps = false }) // The client itself says where plain HTTP is taken.
    {
        RefreshInterval = RestAfterFailure,
    });

    private sealed class Known(ConfigurationManager<OpenIdConnectConfiguration> manager)
    {
        public ConfigurationManager<OpenIdConnectConfiguration> Manager => manager;

        /// <summary>A timestamp; null while it works.</summary>
        public long? FailedAt { get; set; }
    }
}
