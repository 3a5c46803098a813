using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Humanitarian.Storage.Sqlite;

/// <summary>One connection with its prepared statements; used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, SqliteStatement> _statements = new(StringComparer.Ordinal);

    static SqliteSession()
    {
        // A connection is used by one thread at a time, here and in ADO.NET's pool: SQLite need not lock it at each of its calls, of which a
        // row takes a dozen. Where SQLite has begun already it stays as it was, which is as right.
        Batteries_V2.Init();
        _ = raw.sqlite3_config(raw.SQLITE_CONFIG_MULTITHREAD);
    }

    public SqliteSession(string dataSource, SqliteOpenMode mode)
    {
        // Without ADO.NET's pool, so that a disposed store has left its files.
        var settings = new SqliteConnectionStringBuilder { DataSource = dataSource, Mode = mode, Pooling = false };
        _connection = new SqliteConnection(settings.ConnectionString);
        try
        {
            _connection.Open();
            Script("PRAGMA busy_timeout = 5000");
        }
        catch
        {
            _connection.Dispose();
            throw;
        }
    }

    private sqlite3 Handle => _connection.Handle!;

    /// <summary>The statement of this text, prepared once. It must not be in use.</summary>
    public SqliteStatement Statement(string sql)
    {
        if (!_statements.TryGetValue(sql, out var statement))
        {
            statement = new SqliteStatement(Handle, sql);
            _statements.Add(sql, statement);
        }

        return statement;
    }

    /// <summary>Runs statements that take no parameters.</summary>
    public void Script(string sql) => SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(Handle, sql), Handle);

    /// <summary>Runs work that writes in one transaction; an exception leaves nothing of it.</summary>
    public T Write<T>(Func<T> work) => InTransaction("BEGIN IMMEDIATE", work);

    /// <summary>Runs work that reads on one snapshot.</summary>
    public T Snapshot<T>(Func<T> work) => InTransaction("BEGIN", work);

    public void Dispose()
    {
        foreach (var statement in _statements.Values)
        {
            statement.Dispose();
        }

        _connection.Dispose();
    }

    private T InTransaction<T>(string begin, Func<T> work)
    {
        Statement(begin).Run();
        try
        {
            var result = work();
            Statement("COMMIT").Run();
            return result;
        }
        catch
        {
            // A full disk may have made SQLite roll back by itself.
            if (raw.sqlite3_get_autocommit(Handle) == 0)
            {
                Statement("ROLLBACK").Run();
            }

            throw;
        }
    }
}
