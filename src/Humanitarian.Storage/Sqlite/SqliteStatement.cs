using System.Text;
using Humanitarian.Domain;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Humanitarian.Storage.Sqlite;

/// <summary>
/// A prepared statement whose parameters are bound in order. It speaks to SQLite below ADO.NET, whose commands look up every
/// parameter by name and box its value for every row: that takes twice the time for the rows of a projection batch.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int _bound;

    public SqliteStatement(sqlite3 database, string sql)
    {
        _database = database;
        SqliteException.ThrowExceptionForRC(raw.sqlite3_prepare_v2(database, sql, out _statement), database);
    }

    public SqliteStatement Bind(long value) => Checked(raw.sqlite3_bind_int64(_statement, ++_bound, value));

    /// <exception cref="OverflowException">The value does not fit SQLite's signed integers.</exception>
    public SqliteStatement Bind(ulong value) => Bind((long)value);

    public SqliteStatement BindOrNull(int? value) =>
        value is { } number ? Bind((long)number) : Checked(raw.sqlite3_bind_null(_statement, ++_bound));

    public SqliteStatement Bind(ReadOnlySpan<byte> value) => Checked(value.IsEmpty
        ? raw.sqlite3_bind_zeroblob(_statement, ++_bound, 0)
        : raw.sqlite3_bind_blob(_statement, ++_bound, value));

    public SqliteStatement Bind(Id value)
    {
        Span<byte> bytes = stackalloc byte[Domain.Id.Size];
        value.CopyTo(bytes);
        return Bind(bytes);
    }

    public SqliteStatement Bind(Claim value)
    {
        Span<byte> bytes = stackalloc byte[Domain.Claim.Size];
        value.CopyTo(bytes);
        return Bind(bytes);
    }

    public SqliteStatement Bind(Hash32 value)
    {
        Span<byte> bytes = stackalloc byte[Hash32.Size];
        value.CopyTo(bytes);
        return Bind(bytes);
    }

    public SqliteStatement Bind(string value)
    {
        const int OnStack = 128;
        if (value.Length > OnStack / 3)
        {
            return Checked(raw.sqlite3_bind_text(_statement, ++_bound, value));
        }

        Span<byte> bytes = stackalloc byte[OnStack];
        return Checked(raw.sqlite3_bind_text(_statement, ++_bound, bytes[..Encoding.UTF8.GetBytes(value, bytes)]));
    }

    /// <summary>Runs to the end and says how many rows an INSERT, UPDATE or DELETE changed.</summary>
    public int Run()
    {
        try
        {
            while (Step())
            {
            }

            return raw.sqlite3_changes(_database);
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>The rows as they come; the statement is free again when the enumeration ends.</summary>
    public IEnumerable<T> Rows<T>(Func<SqliteStatement, T> read)
    {
        try
        {
            while (Step())
            {
                yield return read(this);
            }
        }
        finally
        {
            Reset();
        }
    }

    /// <summary>The rows of each key in turn: thousands are asked for at once, and for each an enumerator would cost as much as the row.</summary>
    public List<T> Each<TKey, T>(IEnumerable<TKey> keys, Action<SqliteStatement, TKey> bind, Func<SqliteStatement, T> read)
    {
        var rows = new List<T>();
        foreach (var key in keys)
        {
            try
            {
                bind(this, key);
                while (Step())
                {
                    rows.Add(read(this));
                }
            }
            finally
            {
                Reset();
            }
        }

        return rows;
    }

    public long Long(int column) => raw.sqlite3_column_int64(_statement, column);

    public int Int(int column) => (int)Long(column);

    public int? IntOrNull(int column) => raw.sqlite3_column_type(_statement, column) == raw.SQLITE_NULL ? null : Int(column);

    public ulong Height(int column) => (ulong)Long(column);

    public ReadOnlySpan<byte> Blob(int column) => raw.sqlite3_column_blob(_statement, column);

    public Id Id(int column) => Domain.Id.FromBytes(Blob(column));

    public Claim Claim(int column) => Domain.Claim.FromBytes(Blob(column));

    public Hash32 Hash(int column) => Hash32.FromSpan(Blob(column));

    public string Text(int column) => raw.sqlite3_column_text(_statement, column).utf8_to_string();

    public void Dispose() => _statement.Dispose();

    private bool Step()
    {
        var code = raw.sqlite3_step(_statement);
        if (code != raw.SQLITE_ROW && code != raw.SQLITE_DONE)
        {
            SqliteException.ThrowExceptionForRC(code, _database);
        }

        return code == raw.SQLITE_ROW;
    }

    /// <summary>Repeats the code of the last step, which has been thrown already.</summary>
    private void Reset()
    {
        _ = raw.sqlite3_reset(_statement);
        _bound = 0;
    }

    private SqliteStatement Checked(int code)
    {
        SqliteException.ThrowExceptionForRC(code, _database);
        return this;
    }
}
