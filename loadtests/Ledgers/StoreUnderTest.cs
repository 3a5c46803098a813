using System.Globalization;
using Humanitarian.LoadTests.Engine;
using Humanitarian.Storage;
using Humanitarian.Storage.Postgres;
using Humanitarian.Storage.Sqlite;
using Humanitarian.Testing.Postgres;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>Where a ledger under load lies: a temporary folder, or a database of its own on a PostgreSQL server.</summary>
internal sealed class StoreUnderTest : IAsyncDisposable
{
    /// <summary>A server as one would run it: everything durable, memory for the working set, checkpoints far apart.</summary>
    private static readonly string[] ServerSettings =
        ["shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=15min", "autovacuum=on", "max_connections=300", "wal_compression=off"];

    private const int CheckpointAttempts = 40;

    private string? folder;
    private PostgresServer? server;
    private string connection = "";
    private string database = "";

    public ILedgerStores Stores { get; private set; } = null!;

    /// <summary>The data folder of SQLite; where the API keeps its working files with PostgreSQL.</summary>
    public string Folder => folder!;

    /// <summary>Opens empty stores, or with SQLite a copy of those that <see cref="KeepAsync"/> left in a folder.</summary>
    public static async Task<StoreUnderTest> CreateAsync(RunSettings settings, CancellationToken cancellationToken, string? kept = null)
    {
        var store = new StoreUnderTest { folder = Directory.CreateTempSubdirectory("humanitarian-load-").FullName };
        try
        {
            CopyFiles(kept, store.folder);
            if (settings.Store == "postgres")
            {
                (store.server, var root) = await ServerAsync(settings.Connection);
                (store.connection, store.database) = (root, string.Create(CultureInfo.InvariantCulture, $"load_{Environment.ProcessId}_{Environment.TickCount64}"));
                var own = await PostgresStorage.CreateDatabaseAsync(root, store.database, cancellationToken);
                await PostgresMigrations.ApplyAsync(own + ";Pooling=false", TimeProvider.System, cancellationToken);
            }

            await store.OpenAsync(cancellationToken);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    /// <summary>The server that the command line names, or a private one, with a connection to it as its owner.</summary>
    public static async Task<(PostgresServer? Server, string Connection)> ServerAsync(string? connection)
    {
        if (connection is not null)
        {
            return (null, connection);
        }

        var server = await PostgresServer.StartAsync(ServerSettings);
        return (server, server.Connection());
    }

    /// <summary>The size of the files, their write-ahead logs copied into them first, or of the database.</summary>
    public async Task<long> BytesOnDiskAsync()
    {
        if (database.Length == 0)
        {
            foreach (var file in Directory.GetFiles(folder!, "*.db"))
            {
                await EmptyLogAsync(file);
            }

            return new DirectoryInfo(folder!).GetFiles().Sum(file => file.Length);
        }

        await using var session = new NpgsqlConnection(connection + ";Pooling=false");
        await session.OpenAsync();
        await using var command = new NpgsqlCommand("SELECT pg_database_size($1)", session) { Parameters = { new() { Value = database } } };
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Copies the files of SQLite's stores, which nobody writes meanwhile, to a folder that is there only when it is whole.</summary>
    public async Task KeepAsync(string kept)
    {
        foreach (var file in Directory.GetFiles(folder!, "*.db"))
        {
            await EmptyLogAsync(file);
        }

        CopyFiles(folder, Directory.CreateDirectory(kept + ".part").FullName);
        Directory.Move(kept + ".part", kept);
    }

    private static void CopyFiles(string? from, string to)
    {
        foreach (var file in from is null ? [] : Directory.GetFiles(from, "*.db"))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
    }

    /// <summary>Copies a write-ahead log into its file. SQLite refuses at once while the ledger's own checkpoint runs, so it is asked again.</summary>
    private static async Task EmptyLogAsync(string file)
    {
        await using var open = new SqliteConnection($"Data Source={file};Pooling=False");
        await open.OpenAsync();
        await using var patience = new SqliteCommand("PRAGMA busy_timeout = 10000", open);
        await patience.ExecuteNonQueryAsync();
        await using var checkpoint = new SqliteCommand("PRAGMA wal_checkpoint(TRUNCATE)", open);
        for (var attempt = 0; await checkpoint.ExecuteScalarAsync() is not 0L; attempt++)
        {
            if (attempt == CheckpointAttempts)
            {
                throw new InvalidOperationException($"The write-ahead log of {file} could not be emptied, so its size would be counted too.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(500));
        }
    }

    /// <summary>Work that uses the stores from now on; they are disposed of when it breaks off.</summary>
    public async Task<T> OrDisposeAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    /// <summary>Closes the stores and leaves what is in them.</summary>
    public async Task CloseAsync()
    {
        if (Stores is { } open)
        {
            Stores = null!;
            await open.DisposeAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        if (server is not null)
        {
            await server.DisposeAsync();
        }
        else if (database.Length > 0)
        {
            await PostgresStorage.DropDatabaseAsync(connection, database);
        }

        Directory.Delete(folder!, true);
    }

    private async Task OpenAsync(CancellationToken cancellationToken) => Stores = database.Length == 0
        ? await SqliteStorage.OpenAsync(folder!, cancellationToken: cancellationToken)
        : await PostgresStorage.OpenAsync(new NpgsqlConnectionStringBuilder(connection) { Database = database }.ConnectionString, cancellationToken: cancellationToken);
}
