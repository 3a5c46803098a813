using System.Net;
using Humanitarian.Api.Outgoing;
using Humanitarian.Api.SignIn;

namespace Humanitarian.Host.Configuration;

/// <summary>How members sign in with tokens.</summary>
internal sealed record SignInSettings
{
    private static readonly TimeSpan LongestToken = TimeSpan.FromHours(24);

    /// <summary>Whether the ledger is an OpenID Connect provider itself.</summary>
    public bool Provider { get; init; } = true;

    /// <summary>The address under which clients reach it, such as <c>https://ledger.example.org/</c>; when empty, the one that each asks at.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Redirect URIs of the pages that may ask it, by client id.</summary>
    public IReadOnlyDictionary<string, string[]> Clients { get; init; } = new Dictionary<string, string[]>();

    /// <summary>How long its tokens count.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether approvals and releases of every organisation need a second factor.</summary>
    public bool SecondFactor { get; init; }

    /// <summary>For whom passkeys are made.</summary>
    public PasskeySettings Passkeys { get; init; } = new();

    /// <summary>Networks that are not public and whose identity providers may be asked, by plain HTTP too.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    public SignInOptions Options() => new()
    {
        Provider = Provider,
        Issuer = Issuer.Length == 0 ? null : new Uri(Issuer),
        Clients = Clients.ToDictionary(client => client.Key, IReadOnlyList<string> (client) => client.Value),
        TokenLifetime = TokenLifetime,
        SecondFactor = SecondFactor,
        Passkeys = Passkeys.Options(),
        Outgoing = new OutgoingRules { AllowedNetworks = [.. AllowedNetworks.Select(network => IPNetwork.Parse(network))] },
    };

    /// <summary>The first setting that makes no sense and what it should be; null when all do.</summary>
    public string? Wrong() =>
        Issuer.Length > 0 && (!IsWeb(Issuer, out var issuer) || issuer.PathAndQuery != "/" || issuer.AbsoluteUri != Issuer)
            ? $"SignIn:Issuer is '{Issuer}'; write it as https://ledger.example.org/, without a path."
        : Clients.ContainsKey(SignInOptions.LocalClient) ? $"SignIn:Clients: {SignInOptions.LocalClient} is the client of programs on the member's own machine; choose another id."
        : Clients.SelectMany(client => client.Value).FirstOrDefault(redirect => !IsWeb(redirect, out var uri) || uri.Fragment.Length > 0) is { } wrong
            ? $"SignIn:Clients names '{wrong}'; a redirect URI is written as https://console.example.org/signed-in."
        : TokenLifetime < TimeSpan.FromMinutes(1) || TokenLifetime > LongestToken ? $"SignIn:TokenLifetime is '{TokenLifetime}'; it lies between 00:01:00 and 1.00:00:00."
        : AllowedNetworks.FirstOrDefault(network => !IPNetwork.TryParse(network, out _)) is { } unknown
            ? $"SignIn:AllowedNetworks names '{unknown}'; write a network as 10.1.0.0/16."
        : Passkeys.Wrong();

    private static bool IsWeb(string text, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Uri? uri) =>
        Uri.TryCreate(text, UriKind.Absolute, out uri) && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp);
}
