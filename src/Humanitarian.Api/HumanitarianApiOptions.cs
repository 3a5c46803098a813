using System.Net;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.SignIn;
using Humanitarian.Api.Transport;
using Humanitarian.Api.Webhooks;
using Humanitarian.Domain.Disclosure;

namespace Humanitarian.Api;

/// <summary>What the API needs beside the services it is given. Both secrets come from files outside the data folder.</summary>
public sealed record HumanitarianApiOptions
{
    /// <summary>Bytes that a secret has at least.</summary>
    public const int SecretBytesMin = 32;

    /// <summary>Secret under which API keys and PINs are hashed, rows of keys authenticated and personal data encrypted.</summary>
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
    public IReadOnlyList<IPNetwork> TrustedProxies { get; init; } = [];

    /// <summary>Documents that clients may name by their hash.</summary>
    public PersistedDocuments Documents { get; init; } = PersistedDocuments.None();

    /// <summary>Whether GraphiQL is served at <c>/graphiql</c>.</summary>
    public bool Ide { get; init; }

    /// <summary>Bounds of WebSockets and event streams.</summary>
    public LiveOptions Live { get; init; } = new();

    /// <summary>How members sign in with tokens.</summary>
    public SignInOptions SignIn { get; init; } = new();

    /// <summary>How often the hash of the audit trail is put on the ledger, when there is something new.</summary>
    public TimeSpan AuditAnchorEvery { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How webhooks are sent.</summary>
    public WebhookOptions Webhooks { get; init; } = new();

    /// <summary>Fewest households that a figure told to a donor or the public covers, and the difference of any two.</summary>
    public int LeastHouseholds { get; init; } = DonorCell.DefaultLeast;

    /// <summary>Most rows of lists that an organisation may compare with others' in a UTC day.</summary>
    public long MatchedRowsPerDay { get; init; } = 100_000;

    /// <summary>Most dry runs of an organisation in a UTC day: each tells a little.</summary>
    public long DryRunsPerDay { get; init; } = 10;

    /// <summary>Bounds of comparing PINs.</summary>
    public PinLimits Pins { get; init; } = new();

    /// <summary>How long new pay-out details of a vendor wait before they can be confirmed.</summary>
    public TimeSpan PayoutCoolOff { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How long the answers of a file of commands stay after it has ended.</summary>
    public TimeSpan BulkKeptFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A secret of its own for a purpose, from the pepper.</summary>
    internal byte[] Derive(string purpose) =>
        HKDF.DeriveKey(HashAlgorithmName.SHA256, Pepper.ToArray(), SecretBytesMin, info: Encoding.ASCII.GetBytes($"humanitarian {purpose}"));

    /// <exception cref="ArgumentException">A secret is too short.</exception>
    internal void Validate()
    {
        if (Pepper.Length < SecretBytesMin || MatchingKey.Length < SecretBytesMin || DataFolder.Length == 0)
        {
            throw new ArgumentException($"Pepper and MatchingKey need {SecretBytesMin} bytes each, and DataFolder a path.");
        }
    }
}
