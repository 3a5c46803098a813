using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;

namespace Humanitarian.Storage.Sqlite;

/// <summary>
/// One database file in write-ahead mode: a single writer that callers await in turn, and a few readers that never wait for it.
/// SQLite blocks its thread, so all of it runs on the thread pool and never on a caller's scheduler. Work that has begun runs to its
/// end: only waiting is cancelled.
/// </summary>
internal sealed class SqliteFile : IAsyncDisposable
{
    private const int Readers = 4;
    private const int StreamPage = 1_000;

    private readonly SqliteFileKind _kind;
    private readonly SqliteSession? _writer;
    private readonly string _readSource;
    private readonly SemaphoreSlim _writing = new(1);
    private readonly SemaphoreSlim _reading = new(Readers);
    private readonly ConcurrentBag<SqliteSession> _idle = [];

    private SqliteFile(string path, SqliteFileKind kind, SqliteSession? writer, string readSource)
    {
        Path = path;
        _kind = kind;
        _writer = writer;
        _readSource = readSource;
    }

    public string Path { get; }

    /// <summary>Opens the file of a kind in a folder: creates and migrates it, or, read-only, changes nothing on disk.</summary>
    /// <exception cref="StorageFault">Any of <see cref="StorageFaultCode"/>.</exception>
    public static Task<SqliteFile> OpenAsync(
        string folder, SqliteFileKind kind, TimeProvider time, bool readOnly, CancellationToken cancellationToken)
    {
        var path = System.IO.Path.Combine(System.IO.Path.GetFullPath(folder), kind.FileName);
        return RunAsync(kind, path, () => readOnly ? OpenToRead(path, kind) : OpenToWrite(path, kind, time), cancellationToken);
    }

    /// <summary>Runs work on the writer, after the work that others began.</summary>
    public async Task<T> WriteAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        var writer = _writer ?? throw new InvalidOperationException($"{Path} was opened for reading only.");
        await _writing.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(_kind, Path, () => work(writer), CancellationToken.None);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Runs work on one snapshot of the file, beside the writer.</summary>
    public async Task<T> ReadAsync<T>(Func<SqliteSession, T> work, CancellationToken cancellationToken)
    {
        await _reading.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(_kind, Path, () => ReadOnIdle(work), CancellationToken.None);
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <summary>Streams rows of one snapshot over a connection of its own, so that a slow consumer keeps nobody waiting.</summary>
    public async IAsyncEnumerable<T> StreamAsync<T>(
        Func<SqliteSession, IEnumerable<T>> query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var session = await RunAsync(_kind, Path, OpenReader, cancellationToken);
        await RunAsync(_kind, Path, () => session.Statement("BEGIN").Run(), cancellationToken);
        using var rows = query(session).GetEnumerator();
        var page = new List<T>(StreamPage);
        do
        {
            page.Clear();
            await RunAsync(_kind, Path, () => Fill(page, rows), cancellationToken);
            foreach (var row in page)
            {
                yield return row;
            }
        }
        while (page.Count == StreamPage);
    }

    public async ValueTask DisposeAsync()
    {
        await _writing.WaitAsync();
        for (var reader = 0; reader < Readers; reader++)
        {
            await _reading.WaitAsync();
        }

        await Task.Run(() =>
        {
            while (_idle.TryTake(out var reader))
            {
                reader.Dispose();
            }

            _writer?.Dispose();
        });
        _writing.Dispose();
        _reading.Dispose();
    }

    private static SqliteFile OpenToWrite(string path, SqliteFileKind kind, TimeProvider time)
    {
        var writer = new SqliteSession(path, SqliteOpenMode.ReadWriteCreate);
        try
        {
            // A commit returns after the sync of the log (FULL); deleted rows of persons leave no trace in free pages
            // (secure_delete); the last checkpoint makes durable what a killed process had written but not synced, before anyone
            // reads it as if it were.
            writer.Script($"""
                PRAGMA journal_mode = WAL;
                PRAGMA synchronous = FULL;
                PRAGMA secure_delete = ON;
                PRAGMA cache_size = -65536;
                PRAGMA wal_autocheckpoint = {kind.CheckpointPages};
                """);
            SqliteMigrations.Apply(writer, kind, path, time);
            writer.Script("PRAGMA wal_checkpoint(TRUNCATE)");
            return new SqliteFile(path, kind, writer, path);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    private static SqliteFile OpenToRead(string path, SqliteFileKind kind)
    {
        if (!File.Exists(path))
        {
            throw new StorageFault(StorageFaultCode.Missing, $"There is no ledger here: {path} does not exist. Name a ledger's data folder.");
        }

        var source = ReadOnlySource(path);
        using var session = new SqliteSession(source, SqliteOpenMode.ReadOnly);
        SqliteMigrations.Check(session, kind, path);
        return new SqliteFile(path, kind, null, source);
    }

    /// <summary>
    /// To read a file in write-ahead mode SQLite would create its two companions. They exist while a server runs; a file that was
    /// closed in order has none and is complete, so that it can be read as immutable. Only for a copy of a killed server's files that
    /// left the index (-shm) behind does SQLite make a new one.
    /// </summary>
    private static string ReadOnlySource(string path)
    {
        var log = new FileInfo(path + "-wal");
        var closed = !File.Exists(path + "-shm") && (!log.Exists || log.Length == 0);
        return closed ? new Uri(path).AbsoluteUri + "?immutable=1" : path;
    }

    private static async Task<T> RunAsync<T>(SqliteFileKind kind, string path, Func<T> work, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        catch (SqliteException error) when (kind.Fault(error, path) is { } fault)
        {
            throw fault;
        }
    }

    private static int Fill<T>(List<T> page, IEnumerator<T> rows)
    {
        while (page.Count < StreamPage && rows.MoveNext())
        {
            page.Add(rows.Current);
        }

        return page.Count;
    }

    private SqliteSession OpenReader() => new(_readSource, SqliteOpenMode.ReadOnly);

    private T ReadOnIdle<T>(Func<SqliteSession, T> work)
    {
        var session = _idle.TryTake(out var idle) ? idle : OpenReader();
        try
        {
            return session.Snapshot(() => work(session));
        }
        finally
        {
            _idle.Add(session);
        }
    }
}
