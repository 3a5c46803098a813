using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Humanitarian.Storage.Sqlite;

/// <summary>What is particular to one of the files of a data folder.</summary>
/// <param name="Name">Names the file and the folder of its migrations.</param>
/// <param name="Remedy">What an operator does when the file is damaged.</param>
internal sealed record SqliteFileKind(string Name, string Remedy)
{
    private const int UsualPages = 1_000;

    private const string FromBackup = "Stop the program, keep a copy of the damaged file and restore the newest backup";

    public static readonly SqliteFileKind Blocks = new("blocks", $"{FromBackup}, then run verify.") { CheckpointPages = 4 * UsualPages };

    /// <summary>
    /// Can be projected again from the blocks, and is synced at each commit all the same: a log of many batches, synced only when
    /// it is copied into the file, holds up the sync of the blocks on the same disk for 40 ms.
    /// </summary>
    public static readonly SqliteFileKind Projections =
        new("projections", "Stop the program and run rebuild, which makes this file anew from the blocks.")
        {
            // Pages that many batches change are copied into the file once: 64 MiB of log instead of SQLite's 4.
            CheckpointPages = 16 * UsualPages,
        };

    public static readonly SqliteFileKind Side = new("side", $"{FromBackup}; the ledger itself is not touched.");

    public static readonly SqliteFileKind Matching = new("matching", $"{FromBackup}; the ledger itself is not touched.");

    /// <summary>Orleans' own; its layout is <c>deploy/sql/sqlite</c>.</summary>
    public static readonly SqliteFileKind Orleans = new("orleans", "Stop the program and delete this file, which is made anew; the ledger itself is not touched.");

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
