using Npgsql;

namespace Humanitarian.Storage.Postgres;

/// <summary>What sessions set as they begin, and the advisory locks of a ledger's database.</summary>
internal static class PostgresSession
{
    /// <summary>Held by whoever migrates. Two numbers; those of other programs in the database begin otherwise.</summary>
    public const string MigrationLock = "18520, 1";

    /// <summary>Shared by those who serve the ledger; held alone by commands that need every server stopped.</summary>
    public const string PresenceLock = "18520, 2";

    /// <summary>
    /// A commit returns when it is on disk, and on the synchronous standby where there is one, whatever the role or the database says;
    /// a stronger setting stays. No time-out of the server's breaks off a commit that waits.
    /// </summary>
    public const string Durable = Usual + """
        ;
        SELECT set_config('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false);
        SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0
        """;

    /// <summary>
    /// For what is made anew from the blocks: a crash may undo the last batches, never tear one. A writer that is cut off within its
    /// batch must not keep the others waiting for it.
    /// </summary>
    public const string Derived = Usual + "; SET synchronous_commit = off; SET idle_in_transaction_session_timeout = '10s'";

    /// <summary>For who changes nothing.</summary>
    public const string ReadOnly = Usual + "; SET default_transaction_read_only = on";

    // The server learns within some ten seconds that a silo's machine is gone, and lets go of what it held.
    private const string Usual =
        "SET client_min_messages = warning; SET search_path = public, pg_temp; SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3";

    /// <summary>Takes part in serving the ledger as long as the connection lasts.</summary>
    /// <exception cref="StorageFault"><see cref="StorageFaultCode.Locked"/>: a command has the ledger for itself.</exception>
    public static Task ServeAsync(NpgsqlConnection connection, string place) => LockAsync(
        connection, $"pg_try_advisory_lock_shared({PresenceLock})", $"{place}: a command that needs every server stopped is at work. Wait for its end.");

    /// <summary>Has the ledger for itself as long as the connection lasts.</summary>
    /// <exception cref="StorageFault"><see cref="StorageFaultCode.Locked"/>: a server runs on it.</exception>
    public static Task ExcludeAsync(NpgsqlConnection connection, string place) => LockAsync(
        connection, $"pg_try_advisory_lock({PresenceLock})", $"{place}: a server runs on this ledger. Stop every one, then try again.");

    /// <summary>Refuses a server that acknowledges what a loss of power can undo.</summary>
    public static async Task RequireDurableAsync(NpgsqlConnection connection, string place)
    {
        await using var command = PostgresDatabase.Command(connection, "SELECT current_setting('fsync')::bool AND current_setting('full_page_writes')::bool");
        if (!(bool)(await command.ExecuteScalarAsync())!)
        {
            throw PostgresFaults.New(StorageFaultCode.Unsafe, $"{place}: fsync or full_page_writes is off, so a loss of power can lose or tear what was acknowledged. Set both on.");
        }
    }

    private static async Task LockAsync(NpgsqlConnection connection, string function, string refusal)
    {
        await using var command = PostgresDatabase.Command(connection, $"SELECT {function}");
        if (!(bool)(await command.ExecuteScalarAsync())!)
        {
            throw PostgresFaults.New(StorageFaultCode.Locked, refusal);
        }
    }
}
