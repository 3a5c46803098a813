using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Humanitarian.Storage.Sqlite;

/// <summary>What is particular to one of the files of a data folder.</summary>
/// <param name="Name">Names the file and the folder of its migrations.</param>
/// <param name="Synchronous">SQLite's setting: FULL syncs each commit before it returns, NORMAL only at checkpoints.</param>
/// <param name="Remedy">What an operator does when the file is damaged.</param>
internal sealed record SqliteFileKind(string Name, string Synchronous, string Remedy)
{
    private const int UsualPages = 1_000;

    private const string FromBackup = "Stop the program, keep a copy of the damaged file and restore the newest backup";

    public static readonly SqliteFileKind Blocks = new("blocks", "FULL", $"{FromBackup}, then run verify.") { CheckpointPages = 4 * UsualPages };

    /// <summary>
    /// Not synced at each commit: a loss of power may undo the last batches, never tear one, and whatever is missing is
    /// projected again from the blocks.
    /// </summary>
    public static readonly SqliteFileKind Projections =
        new("projections", "NORMAL", "Stop the program and run rebuild, which makes this file anew from the blocks.")
        {
            // Pages that many batches change are copied into the file once: 64 MiB of log instead of SQLite's 4.
            CheckpointPages = 16 * UsualPages,
        };

    public static readonly SqliteFileKind Side = new("side", "FULL", $"{FromBackup}; the ledger itself is not touched.");

    public static readonly SqliteFileKind Matching = new("matching", "FULL", $"{FromBackup}; the ledger itself is not touched.");

    /// <summary>Orleans' own; its layout is <c>deploy/sql/sqlite</c>.</summary>
    public static readonly SqliteFileKind Orleans = new("orleans", "FULL", "Stop the program and delete this file, which is made anew; the ledger itself is not touched.");

    /// <summary>Pages of 4 KiB in the write-ahead log after which it is copied into the file.</summary>
    public int CheckpointPages { get; init; } = UsualPages;

    public string FileName => Name + ".db";

    /// <summary>The fault that an error of SQLite stands for; null when the error is one of the program.</summary>
    public StorageFault? Fault(SqliteException error, string path) => error.SqliteErrorCode switch
    {
        raw.SQLITE_CORRUPT or raw.SQLITE_NOTADB =>
            new(StorageFaultCode.Corrupt, $"{path} is damaged or is no database. {Remedy}", error),
        raw.SQLITE_FULL or raw.SQLITE_IOERR =>
            new(StorageFaultCode.Full, $"The disk of {path} is full or failing: free space or replace it; then the write can be repeated.", error),
        raw.SQLITE_BUSY or raw.SQLITE_LOCKED =>
            new(StorageFaultCode.Locked, $"Another process uses {path}: stop it, then try again.", error),
        raw.SQLITE_CANTOPEN or raw.SQLITE_READONLY or raw.SQLITE_PERM or raw.SQLITE_AUTH =>
            new(StorageFaultCode.Denied, $"{path} cannot be opened or written: check its owner and permissions and those of its folder.", error),
        _ => null,
    };
}
