using System.Data.Common;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage.Sqlite;
using Microsoft.Data.Sqlite;

namespace Humanitarian.Host.Setup;

/// <summary>
/// Where Orleans keeps the state of grains: small state beside the ledger, never the truth, and not in a backup. Its tables are made by
/// the migrations of the store.
/// </summary>
/// <param name="Invariant">Orleans' name of the dialect.</param>
internal sealed record GrainStorageDatabase(string Invariant, string Connection)
{
    private const string Npgsql = "Npgsql";
    public const string Sqlite = "System.Data.SQLite";

    public static async Task<GrainStorageDatabase> OfAsync(StorageSettings settings, CancellationToken cancellationToken) => settings.IsPostgres
        ? new GrainStorageDatabase(Npgsql, await LedgerStorage.RunningConnectionAsync(settings.Postgres, cancellationToken))
        : new GrainStorageDatabase(Sqlite, SqliteStorage.GrainStorageConnection(settings.DataFolder));
}

/// <summary>Orleans' grain storage on the ledger's database.</summary>
internal static class GrainStorageHosting
{
    public static void AddGrainStorage(this ISiloBuilder silo, GrainStorageDatabase database)
    {
        // Orleans knows SQLite under the name of another package, whose place Microsoft.Data.Sqlite takes.
        DbProviderFactories.RegisterFactory(GrainStorageDatabase.Sqlite, SqliteFactory.Instance);
        silo.AddAdoNetGrainStorageAsDefault(options => (options.Invariant, options.ConnectionString) = (database.Invariant, database.Connection));
    }
}
