using System.Data;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Npgsql;

namespace Humanitarian.Storage.Postgres;

/// <summary>
/// A pool of connections for one purpose. Everything that a session must have is set as it connects, and kept: the pool resets
/// nothing, so prepared statements, temporary tables and advisory locks last as long as the connection. A pooler that shares
/// sessions between clients may therefore not stand in between.
/// </summary>
internal sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    /// <param name="connection">A connection string; what it says of pool and time-outs wins over the purpose's own.</param>
    /// <param name="prelude">Run once on each new connection.</param>
    /// <param name="prepare">Further work on a new connection, after the prelude; it may refuse the connection with a fault.</param>
    public PostgresDatabase(string connection, PostgresPool pool, string prelude, Func<NpgsqlConnection, string, Task>? prepare = null)
    {
        var settings = pool.Settings(connection);
        Place = PlaceOf(settings);
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            _ => throw new NotSupportedException("Connections are opened asynchronously."),
            async opened =>
            {
                await RunAsync(opened, prelude);
                if (prepare is not null)
                {
                    await prepare(opened, Place);
                }
            });
        _source = builder.Build();
    }

    /// <summary>Names database, server and role.</summary>
    public string Place { get; }

    public static string PlaceOf(NpgsqlConnectionStringBuilder settings) =>
        $"PostgreSQL database {settings.Database ?? settings.Username} on {settings.Host}:{settings.Port} as {settings.Username ?? "the system's user"}";

    [SuppressMessage("Security", "CA2100", Justification = "Every text is the program's own; values travel as parameters.")]
    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Runs statements without parameters.</summary>
    public static async Task RunAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken = default)
    {
        await using var command = Command(connection, sql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>Runs work on a connection of the pool; what an operator has to know of comes as a <see cref="StorageFault"/>.</summary>
    public async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            return await work(connection);
        }
        catch (Exception error) when (PostgresFaults.Of(error, Place) is { } fault)
        {
            throw fault;
        }
    }

    /// <summary>One statement that writes; returns how many rows it changed.</summary>
    public Task<int> WriteAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken) => UseAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, parameters);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        },
        cancellationToken);

    /// <summary>The rows of one statement, which is one snapshot.</summary>
    public Task<List<T>> ListAsync<T>(
        string sql, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken) => UseAsync(
        async connection =>
        {
            await using var command = Command(connection, sql, parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var rows = new List<T>();
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
        },
        cancellationToken);

    /// <summary>Streams the rows of several statements, all of one snapshot, as fast as they are taken.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        IReadOnlyList<(string Sql, NpgsqlParameter[] Parameters, Func<NpgsqlDataReader, T> Read)> queries,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var connection = await TakeAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
        foreach (var (sql, parameters, read) in queries)
        {
            await using var command = Command(connection, sql, parameters);
            command.CommandTimeout = 0;
            await using var reader = await GuardAsync(() => command.ExecuteReaderAsync(cancellationToken));
            while (await GuardAsync(() => reader.ReadAsync(cancellationToken)))
            {
                yield return read(reader);
            }
        }
    }

    /// <summary>A connection that its holder keeps and disposes of.</summary>
    public async Task<NpgsqlConnection> TakeAsync(CancellationToken cancellationToken) =>
        await GuardAsync(() => _source.OpenConnectionAsync(cancellationToken).AsTask());

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception error) when (PostgresFaults.Of(error, Place) is { } fault)
        {
            throw fault;
        }
    }
}

/// <summary>How a pool is used.</summary>
/// <param name="Name">Shown by the server as the application's name.</param>
/// <param name="CommandSeconds">After this many seconds without an answer the connection is given up.</param>
internal sealed record PostgresPool(string Name, int Maximum, int CommandSeconds)
{
    private const int ConnectSeconds = 5;
    private const int KeepAliveSeconds = 5;
    private const int PreparedStatements = 64;

    /// <summary>A till's payment never waits for a connection that readers hold.</summary>
    public static readonly PostgresPool Blocks = new("blocks", 8, 10);

    public static readonly PostgresPool Projections = new("projections", 16, 120);

    public static readonly PostgresPool Side = new("side", 8, 60);

    public static readonly PostgresPool Matching = new("matching", 4, 60);

    public static readonly PostgresPool Migrations = new("migrations", 2, 0);

    public NpgsqlConnectionStringBuilder Settings(string connection)
    {
        var settings = new NpgsqlConnectionStringBuilder(connection);
        void Default(string keyword, object value)
        {
            if (!settings.ContainsKey(keyword))
            {
                settings[keyword] = value;
            }
        }

        Default("Application Name", $"humanitarian {Name}");
        Default("Maximum Pool Size", Maximum);
        Default("Minimum Pool Size", 1);
        Default("Command Timeout", CommandSeconds);
        Default("Timeout", ConnectSeconds);
        Default("Tcp Keepalive", true);
        Default("Tcp Keepalive Time", KeepAliveSeconds);
        Default("Tcp Keepalive Interval", KeepAliveSeconds);
        Default("Max Auto Prepare", PreparedStatements);
        settings.NoResetOnClose = true;
        settings.Multiplexing = false;
        settings.IncludeErrorDetail = false;
        settings.PersistSecurityInfo = false;

        // A statement that took too long is given up with its connection. Were it cancelled, a commit that waits for a standby would
        // be reported as done.
        settings.CancellationTimeout = -1;
        return settings;
    }
}
