using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;

namespace Humanitarian.Storage.Sqlite;

/// <summary>
/// A ledger's data folder: <c>blocks.db</c>, <c>projections.db</c>, <c>side.db</c>, <c>matching.db</c>, <c>orleans.db</c>, which
/// only Orleans' grain storage uses, and <c>ledger.lock</c>, which whoever writes the folder holds until it ends, killed or not.
/// </summary>
public static class SqliteStorage
{
    private const string LockName = "ledger.lock";

    /// <summary>Connection string of the file of Orleans' grain storage in a data folder.</summary>
    public static string GrainStorageConnection(string folder) => new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder
    {
        DataSource = Path.Combine(Path.GetFullPath(folder), SqliteFileKind.Orleans.FileName), Mode = Microsoft.Data.Sqlite.SqliteOpenMode.ReadWrite,
    }.ConnectionString;

    /// <summary>Opens a data folder, which is created if it does not exist.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="time">Dates the migrations; the system's clock by default.</param>
    /// <param name="readOnly">
    /// For verify and export: takes no lock, creates and changes nothing, and works beside a running server. On a folder that no
    /// server has open, do not start one meanwhile: closed files are read as unchanging.
    /// </param>
    /// <param name="anew">
    /// Begins with empty projections, whatever state their file is in. Not where there is no block to make them from.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; files already opened are closed again.</param>
    /// <exception cref="StorageFault">Any of <see cref="StorageFaultCode"/>.</exception>
    public static async Task<SqliteLedgerFiles> OpenAsync(
        string folder, TimeProvider? time = null, bool readOnly = false, bool anew = false, CancellationToken cancellationToken = default)
    {
        var opened = new Stack<IAsyncDisposable>();
        async Task<SqliteFile> Open(SqliteFileKind kind)
        {
            var file = await SqliteFile.OpenAsync(folder, kind, time ?? TimeProvider.System, readOnly, cancellationToken);
            opened.Push(file);
            return file;
        }

        try
        {
            if (!readOnly)
            {
                opened.Push(Lock(folder));
                await using var migrated = await SqliteFile.OpenAsync(folder, SqliteFileKind.Orleans, time ?? TimeProvider.System, readOnly: false, cancellationToken);
            }

            var blocks = new SqliteBlockStore(await Open(SqliteFileKind.Blocks));
            if (anew)
            {
                await ForgetProjectionsAsync(folder, blocks, cancellationToken);
            }

            return new SqliteLedgerFiles(
                blocks,
                new SqliteProjectionStore(await Open(SqliteFileKind.Projections)),
                new SqliteSideStore(await Open(SqliteFileKind.Side)),
                new SqliteMatchingStore(await Open(SqliteFileKind.Matching)),
                opened);
        }
        catch
        {
            await SqliteLedgerFiles.CloseAsync(opened);
            throw;
        }
    }

    /// <summary>The files go, not their rows: a damaged file cannot be emptied.</summary>
    private static async Task ForgetProjectionsAsync(string folder, SqliteBlockStore blocks, CancellationToken cancellationToken)
    {
        if (await blocks.HeadAsync(cancellationToken) is null)
        {
            throw new StorageFault(StorageFaultCode.Missing, $"{blocks.File.Path} has no block: restore it from a backup.");
        }

        foreach (var suffix in new[] { "-shm", "-wal", "" })
        {
            File.Delete(Path.Combine(folder, SqliteFileKind.Projections.FileName + suffix));
        }
    }

    private static FileStream Lock(string folder)
    {
        var path = Path.Combine(folder, LockName);
        CreateFolder(folder);
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException error)
        {
            throw new StorageFault(StorageFaultCode.Denied, $"{path} cannot be written: check its owner and permissions.", error);
        }
        catch (IOException error)
        {
            throw new StorageFault(
                StorageFaultCode.Locked, $"{path} cannot be locked: another process has this data folder. Stop it, or name another folder.", error);
        }
    }

    /// <summary>A new folder is its owner's alone: the hashes in it are personal data.</summary>
    private static void CreateFolder(string folder)
    {
        try
        {
            if (OperatingSystem.IsWindows())
            {
                Directory.CreateDirectory(folder);
            }
            else
            {
                Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StorageFault(StorageFaultCode.Denied, $"The data folder {folder} cannot be created: {error.Message}", error);
        }
    }
}

/// <summary>The open stores of a data folder; disposing them closes the files and then lets the folder go.</summary>
public sealed class SqliteLedgerFiles : ILedgerStores
{
    private readonly Stack<IAsyncDisposable> _opened;

    internal SqliteLedgerFiles(
        SqliteBlockStore blocks,
        SqliteProjectionStore projections,
        SqliteSideStore side,
        SqliteMatchingStore matching,
        Stack<IAsyncDisposable> opened)
    {
        Blocks = blocks;
        Projections = projections;
        Side = side;
        Matching = matching;
        _opened = opened;
    }

    public SqliteBlockStore Blocks { get; }

    public SqliteProjectionStore Projections { get; }

    public SqliteSideStore Side { get; }

    public SqliteMatchingStore Matching { get; }

    IBlockStore ILedgerStores.Blocks => Blocks;

    IProjectionStore ILedgerStores.Projections => Projections;

    ISideStore ILedgerStores.Side => Side;

    IMatchingStore ILedgerStores.Matching => Matching;

    /// <summary>Closes the files after the work that has begun.</summary>
    public ValueTask DisposeAsync() => new(CloseAsync(_opened));

    internal static async Task CloseAsync(Stack<IAsyncDisposable> opened)
    {
        while (opened.TryPop(out var file))
        {
            await file.DisposeAsync();
        }
    }
}
