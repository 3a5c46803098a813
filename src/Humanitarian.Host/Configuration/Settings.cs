using Humanitarian.Domain.Disclosure;

namespace Humanitarian.Host.Configuration;

/// <summary>Everything that can be configured. <c>appsettings.json</c> shows every setting with its default.</summary>
internal sealed record Settings
{
    public StorageSettings Storage { get; init; } = new();
    public KeysSettings Keys { get; init; } = new();
    public ApiSettings Api { get; init; } = new();
    public SignInSettings SignIn { get; init; } = new();
    public PrivacySettings Privacy { get; init; } = new();
    public LedgerSettings Ledger { get; init; } = new();
    public ClusterSettings Cluster { get; init; } = new();
    public DashboardSettings Dashboard { get; init; } = new();
    public TelemetrySettings Telemetry { get; init; } = new();
}

/// <summary>Where the ledger lies.</summary>
internal sealed record StorageSettings
{
    public const string Sqlite = "Sqlite";
    public const string OfPostgres = "Postgres";

    public string Provider { get; init; } = Sqlite;

    /// <summary>Relative to where the program is called. With PostgreSQL only error files of imports lie in it.</summary>
    public string DataFolder { get; init; } = "data";

    /// <summary>Whether a server may change the layout of its database as it starts. Files are always brought up to date.</summary>
    public bool MigrateAtStart { get; init; }

    public PostgresSettings Postgres { get; init; } = new();

    internal bool IsPostgres => string.Equals(Provider, OfPostgres, StringComparison.OrdinalIgnoreCase);
}

/// <summary>The ledger's database on a PostgreSQL server. Passwords lie in files of their own or in <c>.pgpass</c>.</summary>
internal sealed record PostgresSettings
{
    /// <summary>Of the running role.</summary>
    public string Connection { get; init; } = "";

    public string PasswordFile { get; init; } = "";

    /// <summary>Of the role that owns the database, for migrations; when empty, the running role is it.</summary>
    public string MigrationConnection { get; init; } = "";

    public string MigrationPasswordFile { get; init; } = "";

    /// <summary>Of the role that alone reaches the hashes of identifiers; when empty, the running role does.</summary>
    public string MatchingConnection { get; init; } = "";

    public string MatchingPasswordFile { get; init; } = "";
}

/// <summary>Where keys lie: never in the data folder, which is copied and backed up.</summary>
internal sealed record KeysSettings
{
    /// <summary>When empty: <c>keys</c> beside a data folder named <c>data</c>, <c>x-keys</c> beside one named <c>x</c>.</summary>
    public string Folder { get; init; } = "";

    /// <summary>The password of the sealer's key file; <c>password</c> in the keys folder when empty.</summary>
    public string PasswordFile { get; init; } = "";
}

/// <summary>What donors and the public are told of people.</summary>
internal sealed record PrivacySettings
{
    /// <summary>Fewest households that a figure told to a donor covers, and the difference of any two.</summary>
    public int LeastHouseholds { get; init; } = DonorCell.DefaultLeast;
}

/// <summary>Where metrics and traces go. Nothing is sent unless an endpoint is named.</summary>
internal sealed record TelemetrySettings
{
    /// <summary>An OTLP endpoint, such as <c>http://127.0.0.1:4318</c>; empty for none.</summary>
    public string OtlpEndpoint { get; init; } = "";

    /// <summary><c>HttpProtobuf</c> or <c>Grpc</c>.</summary>
    public string OtlpProtocol { get; init; } = "HttpProtobuf";

    /// <summary>Seconds between two exports of metrics.</summary>
    public int IntervalSeconds { get; init; } = 15;
}

/// <summary>What the first start writes into genesis.</summary>
internal sealed record LedgerSettings
{
    public string Name { get; init; } = "Humanitarian";

    /// <summary>Name of the organisation that runs the ledger.</summary>
    public string Operator { get; init; } = "Operator";

    /// <summary>Addresses of recovery keys that are kept elsewhere; when empty, one is made.</summary>
    public IReadOnlyList<string> Recovery { get; init; } = [];

    /// <summary>How many of the recovery keys must sign a change of keys.</summary>
    public int RecoveryThreshold { get; init; } = 1;
}
