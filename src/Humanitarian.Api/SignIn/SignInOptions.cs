using Humanitarian.Api.Outgoing;
using Humanitarian.Api.SecondFactor;

namespace Humanitarian.Api.SignIn;

/// <summary>How members sign in with tokens, and how far the ledger's own identity provider goes.</summary>
public sealed record SignInOptions
{
    /// <summary>The audience of the own provider's tokens.</summary>
    public const string Audience = "humanitarian";

    /// <summary>A program on the member's own machine, which needs no registration: its redirect URI is on a loopback address.</summary>
    public const string LocalClient = "local";

    /// <summary>Whether the ledger is an identity provider itself.</summary>
    public bool Provider { get; init; } = true;

    /// <summary>The own provider's issuer; when null, the address that it is asked at.</summary>
    public Uri? Issuer { get; init; }

    /// <summary>Redirect URIs of the pages that may ask the own provider, by their client ids.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Clients { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>How long a token of the own provider counts.</summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How far other clocks may be off.</summary>
    public TimeSpan Skew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether every organisation's approvals and releases need a second factor, whatever it has decided itself.</summary>
    public bool SecondFactor { get; init; }

    /// <summary>For whom passkeys are made; null for none.</summary>
    public PasskeyOptions? Passkeys { get; init; }

    /// <summary>How far the discovery of other providers may go.</summary>
    public OutgoingRules Outgoing { get; init; } = new();
}
