using System.Runtime.CompilerServices;
using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;
using Npgsql;
using static Humanitarian.Storage.Postgres.PostgresValues;

namespace Humanitarian.Storage.Postgres;

/// <summary>
/// The blocks in table <c>blocks</c>, into which the running role may only insert. Several processes may write: height is the key
/// and the insert is conditional on the predecessor, so of two blocks at one height the second changes nothing.
/// </summary>
public sealed class PostgresBlockStore : IBlockStore
{
    private const int PageBytes = 8 << 20;
    private const int PageBlocks = 256;

    // Heights have no gap, so where this one is free and the one before is taken, that is the head.
    private const string Insert = """
        INSERT INTO blocks (height, hash, previous, bytes, size) SELECT $1, $2, $3, $4, $5
        WHERE CASE WHEN $1 = 0
            THEN $3 = decode(repeat('00', 32), 'hex')
            ELSE EXISTS (SELECT FROM blocks WHERE height = $1 - 1 AND hash = $3)
        END
        ON CONFLICT DO NOTHING
        """;

    private const string Select = "SELECT height, hash, previous, bytes, size FROM blocks WHERE height = $1";

    private const string SelectPage = """
        SELECT height, hash, previous, bytes, size FROM (
            SELECT height, hash, previous, bytes, size,
                sum(coalesce(size, octet_length(bytes))) OVER (ORDER BY height) - coalesce(size, octet_length(bytes)) AS before
            FROM (SELECT * FROM blocks WHERE height BETWEEN $1 AND $2 ORDER BY height LIMIT $3) page) sized
        WHERE before < $4 ORDER BY height
        """;

    private readonly PostgresDatabase _database;

    internal PostgresBlockStore(PostgresDatabase database) => _database = database;

    /// <inheritdoc />
    public Task<AppendResult> AppendAsync(StoredBlock block, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return _database.UseAsync(connection => AppendAsync(connection, block), cancellationToken);
    }

    /// <inheritdoc />
    public async Task<BlockHead?> HeadAsync(CancellationToken cancellationToken = default) => (await _database.ListAsync(
        "SELECT height, hash FROM blocks ORDER BY height DESC LIMIT 1", [], row => (BlockHead?)new BlockHead(row.Height(0), row.Hash(1)), cancellationToken))
        .SingleOrDefault();

    /// <inheritdoc />
    public async Task<StoredBlock?> FindAsync(ulong height, CancellationToken cancellationToken = default) => height > long.MaxValue
        ? null
        : (await _database.ListAsync(Select, [Value((long)height)], Read, cancellationToken)).SingleOrDefault();

    /// <inheritdoc />
    public async IAsyncEnumerable<StoredBlock> ReadAsync(
        ulong fromHeight, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var head = await HeadAsync(cancellationToken);
        for (var next = fromHeight; head is not null && next <= head.Value.Height;)
        {
            var page = await _database.ListAsync(
                SelectPage,
                [Value((long)next), Value((long)head.Value.Height), Value((long)PageBlocks), Value((long)PageBytes)],
                Read,
                cancellationToken);
            foreach (var block in page)
            {
                yield return block;
            }

            next += (ulong)page.Count;
        }
    }

    /// <inheritdoc />
    public IAsyncEnumerable<Hash32> HashesAsync(ulong fromHeight, CancellationToken cancellationToken = default) => _database.StreamAsync(
        [("SELECT hash FROM blocks WHERE height >= $1 ORDER BY height", [Value((long)fromHeight)], row => row.Hash(0))], cancellationToken);

    /// <inheritdoc />
    public async Task<DateTimeOffset?> ClockAsync(CancellationToken cancellationToken = default) => (await _database.ListAsync(
        "SELECT clock_timestamp()", [], row => row.GetFieldValue<DateTimeOffset>(0), cancellationToken)).Single();

    private static StoredBlock Read(NpgsqlDataReader row) =>
        new(row.Height(0), row.Hash(1), row.Hash(2), PackedBytes.Unpack(row.GetFieldValue<byte[]>(3), row.IsDBNull(4) ? null : row.GetInt32(4)));

    /// <summary>Once begun it is not cancelled: a commit that waits for a standby would then be reported as done.</summary>
    private async Task<AppendResult> AppendAsync(NpgsqlConnection connection, StoredBlock block)
    {
        using var warnings = new Warnings(connection);
        var packed = PackedBytes.Of(block.Bytes);
        await using (var insert = PostgresDatabase.Command(
            connection, Insert, Value((long)block.Height), Value(block.Hash.ToArray()), Value(block.Previous.ToArray()), Value(packed.Bytes),
            Value(packed.Size)))
        {
            if (await insert.ExecuteNonQueryAsync(CancellationToken.None) == 1)
            {
                warnings.Refuse(_database.Place);
                return AppendResult.Durable;
            }
        }

        return await StandsAsync(connection, block, warnings) ? AppendResult.Durable : AppendResult.Conflict;
    }

    /// <summary>
    /// True when the very same block stands there. It can be seen before a standby has it, if the wait of the commit that wrote it was
    /// broken off; so it is durable only after a commit of our own behind it.
    /// </summary>
    private async Task<bool> StandsAsync(NpgsqlConnection connection, StoredBlock block, Warnings warnings)
    {
        await using (var select = PostgresDatabase.Command(connection, Select, Value((long)block.Height)))
        {
            await using var rows = await select.ExecuteReaderAsync(CancellationToken.None);
            if (!await rows.ReadAsync(CancellationToken.None) || !block.IsSameAs(Read(rows)))
            {
                return false;
            }
        }

        await PostgresDatabase.RunAsync(connection, "SELECT pg_logical_emit_message(true, 'humanitarian', 'durable')");
        warnings.Refuse(_database.Place);
        return true;
    }

    /// <summary>
    /// What the server warns of during a commit. A wait for a standby that somebody broke off ends in success and a warning; the
    /// outcome is then unknown.
    /// </summary>
    private sealed class Warnings : IDisposable
    {
        private readonly NpgsqlConnection _connection;
        private string? _text;

        public Warnings(NpgsqlConnection connection)
        {
            _connection = connection;
            _connection.Notice += Take;
        }

        public void Refuse(string place)
        {
            if (_text is { } text)
            {
                throw PostgresFaults.New(StorageFaultCode.Unreachable, $"{place}: the commit is in doubt ({text}); it is repeated.");
            }
        }

        public void Dispose() => _connection.Notice -= Take;

        private void Take(object sender, NpgsqlNoticeEventArgs notice) => _text = notice.Notice.MessageText;
    }
}
