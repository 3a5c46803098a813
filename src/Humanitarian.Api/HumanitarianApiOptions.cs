using System.Net;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Transport;
using Humanitarian.Api.Webhooks;
using Humanitarian.Domain.Disclosure;

namespace Humanitarian.Api;

/// <summary>What the API needs beside the services it is given. Both secrets come from files outside the data folder.</summary>
public sealed record HumanitarianApiOptions
{
    /// <summary>Bytes that a secret has at least.</summary>
    public const int SecretBytesMin = 32;

    /// <summary>Secret under which API keys are hashed and their rows authenticated.</summary>
    public required ReadOnlyMemory<byte> Pepper { get; init; }

    /// <summary>Secret under which identifiers in lists are hashed. Who has it finds telephone numbers by trying all.</summary>
    public required ReadOnlyMemory<byte> MatchingKey { get; init; }

    /// <summary>Folder for what does not fit documents: the errors of very bad lists, and keyed hashes while a list is read.</summary>
    public required string DataFolder { get; init; }

    /// <summary>What one request, one member and one address may ask.</summary>
    public ApiLimits Limits { get; init; } = new();

    /// <summary>Origins, such as <c>https://aid.example.org</c>, whose pages may use the API from a browser; none when empty.</summary>
    public IReadOnlyList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Proxies whose word counts for the address of a client and for TLS.</summary>
    public IReadOnlyList<IPAddress> TrustedProxies { get; init; } = [];

    /// <summary>Documents that clients may name by their hash.</summary>
    public PersistedDocuments Documents { get; init; } = PersistedDocuments.None();

    /// <summary>Bounds of WebSockets and event streams.</summary>
    public LiveOptions Live { get; init; } = new();

    /// <summary>How often the hash of the audit trail is put on the ledger, when there is something new.</summary>
    public TimeSpan AuditAnchorEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How webhooks are sent.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Fewest households that a figure told to a donor or the public covers, and the difference of any two.</summary>
    public int LeastHouseholds { get; init; } = DonorCell.DefaultLeast;

    /// <exception cref="ArgumentException">A secret is too short.</exception>
    internal void Validate()
    {
        if (Pepper.Length < SecretBytesMin || MatchingKey.Length < SecretBytesMin || DataFolder.Length == 0)
        {
            throw new ArgumentException($"Pepper and MatchingKey need {SecretBytesMin} bytes each, and DataFolder a path.");
        }
    }
}
