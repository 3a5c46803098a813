using Humanitarian.Host.Backups;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage;
using Humanitarian.Storage.Postgres;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Host.Setup;

/// <summary>Opens a ledger's stores as the settings say: the one place that knows the backends.</summary>
internal static class LedgerStorage
{
    /// <summary>Opens the stores, which hold a ledger or become one.</summary>
    /// <exception cref="StartupFault"><see cref="StartupCode.RestoreUnfinished"/>, when they are to be changed.</exception>
    /// <exception cref="StorageFault">They cannot be opened.</exception>
    public static async Task<ILedgerStores> OpenAsync(StorageSettings settings, StoreAccess access, CancellationToken cancellationToken)
    {
        var stores = await OpenToRestoreAsync(settings, access, cancellationToken);
        if (access == StoreAccess.Read || await Restoration.UnfinishedAsync(stores, cancellationToken) is null)
        {
            return stores;
        }

        await stores.DisposeAsync();
        throw new StartupFault(
            StartupCode.RestoreUnfinished,
            $"A restore into {PlaceOf(settings)} was interrupted (setting {Setting(settings)}): a ledger that went on now would fork from its past. Repeat 'restore' with the same backup.");
    }

    /// <summary>Opens the stores, in whatever state a restore has left them.</summary>
    /// <exception cref="StorageFault">They cannot be opened.</exception>
    public static async Task<ILedgerStores> OpenToRestoreAsync(StorageSettings settings, StoreAccess access, CancellationToken cancellationToken)
    {
        if (!settings.IsPostgres)
        {
            return await SqliteStorage.OpenAsync(settings.DataFolder, readOnly: access == StoreAccess.Read, cancellationToken: cancellationToken);
        }

        if (access == StoreAccess.Serve && settings.MigrateAtStart)
        {
            await MigrateAsync(settings, cancellationToken);
        }

        return await PostgresStorage.OpenAsync(
            await RunningConnectionAsync(settings.Postgres, cancellationToken), await MatchingConnectionAsync(settings.Postgres, cancellationToken), access, cancellationToken);
    }

    /// <summary>Opens the stores of a ledger that exists.</summary>
    /// <exception cref="StartupFault"><see cref="StartupCode.LedgerMissing"/>.</exception>
    /// <exception cref="StorageFault">They cannot be opened.</exception>
    public static async Task<ILedgerStores> OpenExistingAsync(StorageSettings settings, StoreAccess access, CancellationToken cancellationToken)
    {
        RequireFile(settings);
        var stores = await OpenAsync(settings, access, cancellationToken);
        if (await stores.Blocks.HeadAsync(cancellationToken) is not null)
        {
            return stores;
        }

        await stores.DisposeAsync();
        throw new StartupFault(StartupCode.LedgerMissing, $"{PlaceOf(settings)} has no blocks yet (setting {Setting(settings)}). Start the server once, or restore a backup.");
    }

    /// <summary>Opens the stores of a ledger with empty projections, in whatever state they are.</summary>
    /// <exception cref="StartupFault"><see cref="StartupCode.LedgerMissing"/>.</exception>
    /// <exception cref="StorageFault">They cannot be opened.</exception>
    public static async Task<ILedgerStores> OpenAnewAsync(StorageSettings settings, CancellationToken cancellationToken)
    {
        if (!settings.IsPostgres)
        {
            RequireFile(settings);
            return await SqliteStorage.OpenAsync(settings.DataFolder, anew: true, cancellationToken: cancellationToken);
        }

        var stores = await OpenExistingAsync(settings, StoreAccess.Alone, cancellationToken);
        await stores.Projections.ResetAsync(cancellationToken);
        return stores;
    }

    /// <summary>Brings the layout of the database up to date; files are, whenever they are opened to be written.</summary>
    /// <returns>The names of the migrations made now.</returns>
    /// <exception cref="StorageFault">It cannot be.</exception>
    public static async Task<IReadOnlyList<string>> MigrateAsync(StorageSettings settings, CancellationToken cancellationToken)
    {
        var postgres = settings.Postgres;
        var owner = postgres.MigrationConnection.Length > 0
            ? await WithPasswordAsync(postgres.MigrationConnection, postgres.MigrationPasswordFile, nameof(postgres.MigrationPasswordFile), cancellationToken)
            : await RunningConnectionAsync(postgres, cancellationToken);
        return await PostgresMigrations.ApplyAsync(owner, TimeProvider.System, cancellationToken);
    }

    /// <summary>The running role's connection with its password, for whatever else uses the database.</summary>
    public static Task<string> RunningConnectionAsync(PostgresSettings settings, CancellationToken cancellationToken) =>
        WithPasswordAsync(settings.Connection, settings.PasswordFile, nameof(settings.PasswordFile), cancellationToken);

    /// <summary>Where the ledger lies, for people.</summary>
    public static string PlaceOf(StorageSettings settings) =>
        settings.IsPostgres ? PostgresConnection.Describe(settings.Postgres.Connection) : Path.GetFullPath(settings.DataFolder);

    /// <summary>The setting that says where the ledger lies.</summary>
    public static string Setting(StorageSettings settings) => settings.IsPostgres ? "Storage:Postgres:Connection" : "Storage:DataFolder";

    /// <summary>For what would otherwise make an empty ledger where there is none.</summary>
    private static void RequireFile(StorageSettings settings)
    {
        var file = Path.Combine(Path.GetFullPath(settings.DataFolder), "blocks.db");
        if (!settings.IsPostgres && !File.Exists(file))
        {
            throw new StartupFault(StartupCode.LedgerMissing, $"There is no ledger here: {file} does not exist (setting Storage:DataFolder). Name a ledger's data folder.");
        }
    }

    private static async Task<string?> MatchingConnectionAsync(PostgresSettings settings, CancellationToken cancellationToken) =>
        settings.MatchingConnection.Length == 0
            ? null
            : await WithPasswordAsync(settings.MatchingConnection, settings.MatchingPasswordFile, nameof(settings.MatchingPasswordFile), cancellationToken);

    private static async Task<string> WithPasswordAsync(string connection, string file, string setting, CancellationToken cancellationToken) => file.Length == 0
        ? connection
        : PostgresConnection.WithPassword(connection, await PrivateFiles.ReadAsync(Path.GetFullPath(file), $"Storage:Postgres:{setting}", cancellationToken));
}
