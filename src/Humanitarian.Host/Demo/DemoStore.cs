using Humanitarian.Chain.Crypto;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage.Postgres;

namespace Humanitarian.Host.Demo;

/// <summary>Where a demo's ledger lies: in its folder, or in a database made for it, which goes with it.</summary>
internal sealed class DemoStore : IAsyncDisposable
{
    public const string Sqlite = "sqlite";
    public const string Postgres = "postgres";
    public const string DefaultConnection = "Host=localhost;Username=postgres";

    private const int NameBytes = 6;

    private readonly (string Server, string Database)? _made;

    private DemoStore((string Server, string Database)? made, params (string Setting, string Value)[] settings) => (_made, Settings) = (made, settings);

    /// <summary>What the settings say of it.</summary>
    public (string Setting, string Value)[] Settings { get; }

    /// <summary>Whether the data stays.</summary>
    public string Verb => _made is null ? "lies in" : "lay in";

    /// <param name="kind"><see cref="Sqlite"/> or <see cref="Postgres"/>.</param>
    /// <param name="server">Connection string to any database of the server; its password in .pgpass or PGPASSWORD.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<DemoStore> MakeAsync(string kind, string? server, CancellationToken cancellationToken)
    {
        if (kind != Postgres)
        {
            return new DemoStore(null);
        }

        server ??= DefaultConnection;
        if (PostgresConnection.Wrong(server) is { } wrong)
        {
            throw new StartupFault(StartupCode.Configuration, $"--connection {wrong}.");
        }

        var bytes = new byte[NameBytes];
        new SystemRandomSource().Fill(bytes);
        var name = "humanitarian_demo_" + Convert.ToHexStringLower(bytes);
        var connection = await PostgresStorage.CreateDatabaseAsync(server, name, cancellationToken);
        return new DemoStore(
            (server, name), ("Storage:Provider", StorageSettings.OfPostgres), ("Storage:MigrateAtStart", "true"), ("Storage:Postgres:Connection", connection));
    }

    public async ValueTask DisposeAsync()
    {
        if (_made is { } made)
        {
            await PostgresStorage.DropDatabaseAsync(made.Server, made.Database);
        }
    }
}
