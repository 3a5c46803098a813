using System.Runtime.CompilerServices;
using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Storage.Sqlite;

/// <summary>The blocks in <c>blocks.db</c>. Triggers refuse whoever would change or delete one.</summary>
public sealed class SqliteBlockStore : IBlockStore, IAsyncDisposable
{
    private const int PageBytes = 8 << 20;
    private const int PageBlocks = 256;

    private const string Insert = """
        INSERT INTO blocks (height, hash, previous, bytes, size)
        SELECT ?1, ?2, ?3, ?4, ?5
        WHERE CASE WHEN ?1 = 0
            THEN ?3 = zeroblob(32) AND NOT EXISTS (SELECT 1 FROM blocks)
            ELSE EXISTS (SELECT 1 FROM blocks WHERE height = (SELECT max(height) FROM blocks) AND height = ?1 - 1 AND hash = ?3)
        END
        """;

    private const string Select = "SELECT height, hash, previous, bytes, size FROM blocks WHERE height = ?";
    private const string SelectPage = "SELECT height, hash, previous, bytes, size FROM blocks WHERE height BETWEEN ? AND ? ORDER BY height";
    private const string SelectHead = "SELECT height, hash FROM blocks ORDER BY height DESC LIMIT 1";

    internal SqliteBlockStore(SqliteFile file) => File = file;

    internal SqliteFile File { get; }

    /// <summary>Opens <c>blocks.db</c> alone, such as a copy that an auditor was handed.</summary>
    /// <exception cref="StorageFault">Any of <see cref="StorageFaultCode"/>.</exception>
    public static async Task<SqliteBlockStore> OpenToReadAsync(string folder, CancellationToken cancellationToken = default) =>
        new(await SqliteFile.OpenAsync(folder, SqliteFileKind.Blocks, TimeProvider.System, readOnly: true, cancellationToken));

    /// <inheritdoc />
    public Task<AppendResult> AppendAsync(StoredBlock block, CancellationToken cancellationToken = default) => File.WriteAsync(
        session =>
        {
            // A statement on its own is a transaction: with synchronous = FULL it returns after the sync.
            var packed = PackedBytes.Of(block.Bytes);
            var inserted = session.Statement(Insert)
                .Bind(block.Height).Bind(block.Hash).Bind(block.Previous).Bind(packed.Bytes.Span).BindOrNull(packed.Size).Run();
            return inserted == 1 || (Find(session, block.Height) is { } stored && block.IsSameAs(stored)) ? AppendResult.Durable : AppendResult.Conflict;
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<BlockHead?> HeadAsync(CancellationToken cancellationToken = default) => File.ReadAsync(Head, cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<Hash32> HashesAsync(ulong fromHeight, CancellationToken cancellationToken = default) => File.StreamAsync(
        session => session.Statement("SELECT hash FROM blocks WHERE height >= ? ORDER BY height").Bind((long)fromHeight).Rows(row => row.Hash(0)),
        cancellationToken);

    /// <inheritdoc />
    public Task<StoredBlock?> FindAsync(ulong height, CancellationToken cancellationToken = default) =>
        File.ReadAsync(session => Find(session, height), cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredBlock> ReadAsync(
        ulong fromHeight, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        // Pages instead of one long snapshot, which would keep the write-ahead log from being reset; blocks never change.
        var head = await HeadAsync(cancellationToken);
        for (var next = fromHeight; head is not null && next <= head.Value.Height;)
        {
            var page = await File.ReadAsync(session => Page(session, next, head.Value.Height), cancellationToken);
            foreach (var block in page)
            {
                yield return block;
            }

            next += (ulong)page.Count;
        }
    }

    /// <summary>
    /// Replaces the bytes of a block by ones that have lost closed parts, under an ordered redaction record: the only change of a
    /// block there is, made by the redaction command with the server stopped. Nothing of the old bytes stays in the file.
    /// </summary>
    /// <returns>False when no block with this hash stands at the height.</returns>
    /// <exception cref="StorageFault">
    /// <see cref="StorageFaultCode.Locked"/> when a reader kept the old bytes in the write-ahead log: repeat.
    /// </exception>
    public Task<bool> RedactAsync(
        ulong height, Hash32 hash, ReadOnlyMemory<byte> redacted, CancellationToken cancellationToken = default) => File.WriteAsync(
        session =>
        {
            var changed = session.Write(() => Replace(session, height, hash, PackedBytes.Of(redacted)));
            var busy = session.Statement("PRAGMA wal_checkpoint(TRUNCATE)").Rows(row => row.Int(0)).Single();
            return busy == 0
                ? changed
                : throw new StorageFault(StorageFaultCode.Locked, $"A reader of {File.Path} keeps the old bytes: stop it and redact again.");
        },
        cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => File.DisposeAsync();

    private static bool Replace(SqliteSession session, ulong height, Hash32 hash, PackedBytes packed)
    {
        const string Trigger = "blocks_never_updated";
        var definition = session.Statement("SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?")
            .Bind(Trigger).Rows(row => row.Text(0)).Single();
        session.Script($"DROP TRIGGER {Trigger}");
        var changed = session.Statement("UPDATE blocks SET bytes = ?3, size = ?4 WHERE height = ?1 AND hash = ?2")
            .Bind(height).Bind(hash).Bind(packed.Bytes.Span).BindOrNull(packed.Size).Run();
        session.Script(definition);
        return changed == 1;
    }

    private static BlockHead? Head(SqliteSession session) =>
        session.Statement(SelectHead).Rows(row => (BlockHead?)new BlockHead(row.Height(0), row.Hash(1))).SingleOrDefault();

    private static StoredBlock? Find(SqliteSession session, ulong height) =>
        height > long.MaxValue ? null : session.Statement(Select).Bind(height).Rows(Read).SingleOrDefault();

    private static List<StoredBlock> Page(SqliteSession session, ulong from, ulong to)
    {
        var page = new List<StoredBlock>();
        var bytes = 0L;
        foreach (var block in session.Statement(SelectPage).Bind(from).Bind(to).Rows(Read))
        {
            page.Add(block);
            bytes += block.Bytes.Length;
            if (page.Count == PageBlocks || bytes >= PageBytes)
            {
                break;
            }
        }

        return page;
    }

    private static StoredBlock Read(SqliteStatement row) =>
        new(row.Height(0), row.Hash(1), row.Hash(2), PackedBytes.Unpack(row.Blob(3), row.IntOrNull(4)));
}
