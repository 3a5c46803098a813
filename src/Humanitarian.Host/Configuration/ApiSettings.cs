using System.Net;
using Humanitarian.Api;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Transport;
using Humanitarian.Api.Webhooks;

namespace Humanitarian.Host.Configuration;

/// <summary>Where the API listens, who may use it from where, and how much of it.</summary>
internal sealed record ApiSettings
{
    public string Url { get; init; } = "http://127.0.0.1:5080";

    /// <summary>Origins whose pages may use the API from a browser, such as <c>https://aid.example.org</c>.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Addresses, or networks such as <c>10.4.0.0/16</c>, of the proxies in front, one for each that a request comes through, which say where a request came from and whether by TLS.</summary>
    public IReadOnlyList<string> TrustedProxies { get; init; } = [];

    /// <summary>How long a WebSocket may take to say who it is.</summary>
    public TimeSpan InitTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>WebSockets of one address, or of one network of IPv6, that have not said who they are yet.</summary>
    public int UnknownOfAddress { get; init; } = new LiveOptions().UnknownOfAddress;

    /// <summary>Whether GraphiQL is served at <c>/graphiql</c>.</summary>
    public bool Ide { get; init; }

    /// <summary>How long new pay-out details of a vendor wait before they can be confirmed.</summary>
    public TimeSpan PayoutCoolOff { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How much an organisation may compare with others.</summary>
    public ApiMatchingSettings Matching { get; init; } = new();

    /// <summary>How often PINs may be guessed, and what a comparison costs.</summary>
    public PinLimits Pins { get; init; } = new();

    /// <summary>How long the answers of a file of commands stay after it has ended.</summary>
    public TimeSpan BulkKeptFor { get; init; } = TimeSpan.FromDays(7);

    public ApiDocumentsSettings Documents { get; init; } = new();

    public ApiLimits Limits { get; init; } = new();

    /// <summary>How often the hash of the audit trail is put on the ledger, when there is something new.</summary>
    public TimeSpan AuditAnchorEvery { get; init; } = TimeSpan.FromMinutes(10);

    public ApiWebhooksSettings Webhooks { get; init; } = new();

    /// <summary>The first setting that makes no sense and what it should be; null when all do.</summary>
    public string? Wrong()
    {
        if (!Uri.TryCreate(Url, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttp || url.PathAndQuery != "/")
        {
            return $"Api:Url is '{Url}'; write it as http://127.0.0.1:5080.";
        }

        if (AllowedOrigins.FirstOrDefault(origin => !IsOrigin(origin)) is { } foreign)
        {
            return $"Api:AllowedOrigins names '{foreign}'; write an origin as https://aid.example.org, without a path.";
        }

        return TrustedProxies.FirstOrDefault(proxy => NetworkOf(proxy) is null) is { } unknown ? $"Api:TrustedProxies names '{unknown}', which is neither an IP address nor a network such as 10.4.0.0/16."
            : Documents is { Only: true, Folder.Length: 0 } ? "Api:Documents:Only needs Api:Documents:Folder, or nothing could be asked."
            : Documents.Folder.Length > 0 && !Directory.Exists(Documents.Folder) ? $"Api:Documents:Folder: there is no folder {Path.GetFullPath(Documents.Folder)}."
            : InitTimeout < TimeSpan.FromMilliseconds(100) || InitTimeout > TimeSpan.FromMinutes(1)
                ? $"Api:InitTimeout is '{InitTimeout}'; it lies between 00:00:00.1 and 00:01:00."
            : UnknownOfAddress is < 1 or > 5_000 ? $"Api:UnknownOfAddress is {UnknownOfAddress}; it lies between 1 and 5000."
            : AuditAnchorEvery < TimeSpan.FromSeconds(1) || AuditAnchorEvery > TimeSpan.FromDays(1) ? $"Api:AuditAnchorEvery is '{AuditAnchorEvery}'; it lies between 00:00:01 and 1.00:00:00."
            : Webhooks.Wrong() is { } webhooks ? webhooks
            : PayoutCoolOff < TimeSpan.Zero || PayoutCoolOff > TimeSpan.FromDays(90) ? $"Api:PayoutCoolOff is '{PayoutCoolOff}'; it lies between 00:00:00 and 90.00:00:00."
            : BulkKeptFor < TimeSpan.FromMinutes(1) || BulkKeptFor > TimeSpan.FromDays(365) ? $"Api:BulkKeptFor is '{BulkKeptFor}'; it lies between 00:01:00 and 365.00:00:00."
            : Matching.Wrong() is { } matching ? matching
            : Pins.Wrong() is var (pins, bounds) ? $"Api:Pins:{pins} {bounds}."
            : Limits.Wrong() is var (setting, advice) ? $"Api:Limits:{setting} {advice}."
            : null;
    }

    /// <summary>An address as the network of it alone; null for what is neither an address nor a network.</summary>
    internal static IPNetwork? NetworkOf(string text) =>
        IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.GetAddressBytes().Length * 8)
        : IPNetwork.TryParse(text, out var network) ? network
        : null;

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var origin) && origin.Scheme is "http" or "https" && origin.GetLeftPart(UriPartial.Authority) == text;
}

/// <summary>How much an organisation may compare its lists with others' records in a UTC day.</summary>
internal sealed record ApiMatchingSettings
{
    private const long Most = 100_000_000;

    /// <summary>Most rows.</summary>
    public long RowsPerDay { get; init; } = 100_000;

    /// <summary>Most dry runs: each tells a little.</summary>
    public long DryRunsPerDay { get; init; } = 10;

    public string? Wrong() =>
        RowsPerDay is < 1 or > Most ? $"Api:Matching:RowsPerDay is {RowsPerDay}; it lies between 1 and {Most}."
        : DryRunsPerDay is < 0 or > 1_000 ? $"Api:Matching:DryRunsPerDay is {DryRunsPerDay}; it lies between 0 and 1000."
        : null;
}

/// <summary>Where webhooks may go, and how long they are tried.</summary>
internal sealed record ApiWebhooksSettings
{
    /// <summary>Networks that are not public and may be sent to all the same, such as <c>10.1.0.0/16</c>; there also without TLS.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>How long a receiver may take to answer.</summary>
    public TimeSpan Timeout { get; init; } = new WebhookOptions().Outgoing.Timeout;

    /// <summary>After how long without any success a webhook is disabled.</summary>
    public TimeSpan DisableAfter { get; init; } = new WebhookOptions().DisableAfter;

    public string? Wrong() =>
        AllowedNetworks.FirstOrDefault(network => !IPNetwork.TryParse(network, out _)) is { } unknown ? $"Api:Webhooks:AllowedNetworks names '{unknown}'; write a network as 10.1.0.0/16."
        : Timeout < TimeSpan.FromSeconds(1) || Timeout > TimeSpan.FromMinutes(1) ? $"Api:Webhooks:Timeout is '{Timeout}'; it lies between 00:00:01 and 00:01:00."
        : DisableAfter < TimeSpan.FromMinutes(1) || DisableAfter > TimeSpan.FromDays(30) ? $"Api:Webhooks:DisableAfter is '{DisableAfter}'; it lies between 00:01:00 and 30.00:00:00."
        : null;

    public WebhookOptions Options() => new()
    {
        DisableAfter = DisableAfter,
        Outgoing = new WebhookOptions().Outgoing with { Timeout = Timeout, AllowedNetworks = [.. AllowedNetworks.Select(network => IPNetwork.Parse(network))] },
    };
}

/// <summary>Documents that clients name by their SHA-256.</summary>
internal sealed record ApiDocumentsSettings
{
    /// <summary>A folder of <c>*.graphql</c> files, read at start; none when empty.</summary>
    public string Folder { get; init; } = "";

    /// <summary>Whether other documents are refused.</summary>
    public bool Only { get; init; }

    /// <exception cref="StartupFault">A file is no GraphQL document.</exception>
    public PersistedDocuments Load()
    {
        try
        {
            return Folder.Length == 0 ? PersistedDocuments.None() : PersistedDocuments.Load(Folder, Only);
        }
        catch (InvalidDataException fault)
        {
            throw new StartupFault(StartupCode.Configuration, $"Api:Documents:Folder: {fault.Message}", fault);
        }
    }
}
