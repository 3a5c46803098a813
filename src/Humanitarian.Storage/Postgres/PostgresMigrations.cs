using System.Globalization;
using Humanitarian.Storage.Migrations;
using Npgsql;
using static Humanitarian.Storage.Postgres.PostgresValues;

namespace Humanitarian.Storage.Postgres;

/// <summary>
/// The numbered changes of the database's layout, <c>deploy/sql/postgres/{number}_{name}.sql</c>, by a role that owns the database.
/// Table <c>schema_version</c> says which were made.
/// </summary>
public static class PostgresMigrations
{
    private const string Prefix = "sql/postgres/";
    private const string OldestServer = "150000";

    /// <summary>Makes what is missing, all of it or nothing; whoever else would, waits and then finds it made.</summary>
    /// <param name="connection">Connection string of the owner.</param>
    /// <param name="time">Dates the migrations; the system's clock by default.</param>
    /// <param name="cancellationToken">Gives up; nothing is changed.</param>
    /// <returns>The names of those made now.</returns>
    /// <exception cref="StorageFault">Any of <see cref="StorageFaultCode"/>.</exception>
    public static async Task<IReadOnlyList<string>> ApplyAsync(string connection, TimeProvider? time = null, CancellationToken cancellationToken = default)
    {
        await using var database = new PostgresDatabase(connection, PostgresPool.Migrations, PostgresSession.Durable);
        return await database.UseAsync(
            async session =>
            {
                await RequireServerAsync(session, database.Place, cancellationToken);
                await using var transaction = await session.BeginTransactionAsync(cancellationToken);
                await PostgresDatabase.RunAsync(
                    session,
                    $"SELECT pg_advisory_xact_lock({PostgresSession.MigrationLock}); SET LOCAL client_min_messages = warning; "
                        + "CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, name text NOT NULL, applied bigint NOT NULL)",
                    cancellationToken);
                var made = await MakeAsync(session, await CurrentAsync(session, cancellationToken), database.Place, time ?? TimeProvider.System, cancellationToken);
                await transaction.CommitAsync(cancellationToken);
                return made;
            },
            cancellationToken);
    }

    /// <summary>Refuses a database whose layout is not the program's own.</summary>
    internal static async Task CheckAsync(PostgresDatabase database, CancellationToken cancellationToken)
    {
        var newest = MigrationScripts.Of(Prefix).Count;
        var current = await database.UseAsync(session => CurrentAsync(session, cancellationToken), cancellationToken);
        RefuseNewer(current, newest, database.Place);
        if (current < newest)
        {
            throw new StorageFault(
                StorageFaultCode.Older, $"{database.Place} has layout {current}, this program needs {newest}. Run migrate, or allow it at start (MigrateAtStart).");
        }
    }

    private static async Task<IReadOnlyList<string>> MakeAsync(
        NpgsqlConnection session, int current, string place, TimeProvider time, CancellationToken cancellationToken)
    {
        var all = MigrationScripts.Of(Prefix);
        RefuseNewer(current, all.Count, place);
        var missing = all.Skip(current).ToList();
        foreach (var script in missing)
        {
            await PostgresDatabase.RunAsync(session, script.Sql, cancellationToken);
            await using var record = PostgresDatabase.Command(
                session, "INSERT INTO schema_version (version, name, applied) VALUES ($1, $2, $3)",
                Value(script.Number), Value(script.Name), Value(time.GetUtcNow().ToUnixTimeMilliseconds()));
            await record.ExecuteNonQueryAsync(cancellationToken);
        }

        return [.. missing.Select(script => script.Name)];
    }

    private static async Task<int> CurrentAsync(NpgsqlConnection session, CancellationToken cancellationToken)
    {
        await using var known = PostgresDatabase.Command(session, "SELECT to_regclass('schema_version') IS NOT NULL");
        if (!(bool)(await known.ExecuteScalarAsync(cancellationToken))!)
        {
            return 0;
        }

        await using var current = PostgresDatabase.Command(session, "SELECT coalesce(max(version), 0) FROM schema_version");
        return (int)(await current.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task RequireServerAsync(NpgsqlConnection session, string place, CancellationToken cancellationToken)
    {
        await using var command = PostgresDatabase.Command(
            session,
            $"SELECT current_setting('server_version_num')::int >= {OldestServer}, current_setting('server_encoding') = 'UTF8', current_setting('server_version'), current_setting('server_encoding')");
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        if (!reader.GetBoolean(0) || !reader.GetBoolean(1))
        {
            throw new StorageFault(
                StorageFaultCode.Unsafe,
                string.Create(CultureInfo.InvariantCulture, $"{place}: the server is version {reader.GetString(2)} and the database's encoding {reader.GetString(3)}; PostgreSQL 15 or newer and UTF8 are needed."));
        }
    }

    private static void RefuseNewer(int current, int newest, string place)
    {
        if (current > newest)
        {
            throw new StorageFault(StorageFaultCode.Newer, $"{place} has layout {current}, this program knows {newest}. Use the newer program that wrote it.");
        }
    }
}
