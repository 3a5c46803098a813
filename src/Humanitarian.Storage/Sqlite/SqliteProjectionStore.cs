using System.Buffers.Binary;
using Humanitarian.Domain;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Storage.Sqlite;

/// <summary>The projections in <c>projections.db</c>, which may be deleted: the blocks hold everything that is in it.</summary>
public sealed class SqliteProjectionStore : IProjectionStore, IAsyncDisposable
{
    private static readonly string[] Tables = ["progress", "records", "entries", "balances", "transactions", "claims", "flows", "due"];

    internal SqliteProjectionStore(SqliteFile file) => File = file;

    internal SqliteFile File { get; }

    /// <inheritdoc />
    public Task<ulong?> HeightAsync(CancellationToken cancellationToken = default) => File.ReadAsync(Height, cancellationToken);

    /// <inheritdoc />
    public Task<bool> ApplyAsync(ProjectionBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.ToHeight, batch.FromHeight, nameof(batch));
        return File.WriteAsync(
            session => session.Write(() =>
            {
                if (batch.FromHeight != (Height(session) is { } height ? height + 1 : 0))
                {
                    return false;
                }

                SqliteProjectionBatch.Write(session, batch);
                return true;
            }),
            cancellationToken);
    }

    /// <inheritdoc />
    public Task ResetAsync(CancellationToken cancellationToken = default) => File.WriteAsync(
        session => session.Write(() => Tables.Sum(table => session.Statement($"DELETE FROM {table}").Run())),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<AccountSnapshot>>> AccountsAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default) =>
        ListAsync(session => accounts.Distinct().Select(account => Account(session, account)), cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<LastEntry>>> LastEntriesAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default) => ListAsync(
        session => session.Statement("SELECT account, number FROM entries WHERE account = ? ORDER BY number DESC LIMIT 1")
            .Each(accounts.Distinct().Order(), static (statement, account) => statement.Bind(account), static row => new LastEntry(row.Id(0), row.Height(1))),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<RecordRow>>> RecordsAsync(
        IReadOnlyList<(int Kind, Id Id)> keys, CancellationToken cancellationToken = default) => ListAsync(
        // In the order of the table's key, as claims below: many records then share the pages on the way to them.
        session => session.Statement("SELECT kind, id, parent, version, content FROM records WHERE kind = ? AND id = ?")
            .Each(keys.Distinct().Order(), static (statement, key) => statement.Bind(key.Kind).Bind(key.Id), Record),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<RecordRow>>> RecordsOfAsync(
        int kind, Id? parent, Id? after, int limit, bool falling = false, CancellationToken cancellationToken = default) => ListAsync(
        session =>
        {
            var from = parent is null ? "" : "AND parent = ?4";
            var (beyond, order) = (falling && after is not null ? "<" : ">", falling ? "DESC" : "ASC");
            var statement = session.Statement($"""
                SELECT kind, id, parent, version, content FROM records
                WHERE kind = ?1 AND id {beyond} ?2 {from} ORDER BY id {order} LIMIT ?3
                """).Bind(kind).Bind(After(after)).Bind(Limit(limit));
            return (parent is { } under ? statement.Bind(under) : statement).Rows(Record);
        },
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<ClaimRow>>> ClaimsAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken = default) => ListAsync(
        session => session.Statement("SELECT claim, height, position FROM claims WHERE claim = ?")
            .Each(claims.Distinct().Order(), static (statement, claim) => statement.Bind(claim), ClaimOf),
        cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<Claim> AllClaimsAsync(CancellationToken cancellationToken = default) => File.StreamAsync(
        session => session.Statement("SELECT claim FROM claims ORDER BY claim").Rows(row => row.Claim(0)), cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<EntryRow>>> EntriesAsync(
        Id account, ulong? before, int limit, CancellationToken cancellationToken = default) => ListAsync(
        session => session.Statement("""
            SELECT account, number, unit, available, held, height, position, kind, time FROM entries
            WHERE account = ? AND number < ? ORDER BY number DESC, unit DESC LIMIT ?
            """).Bind(account).Bind(before ?? long.MaxValue).Bind(Limit(limit)).Rows(Entry),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<EntryRow>>> EntriesAfterAsync(
        Id account, ulong after, int limit, CancellationToken cancellationToken = default) => ListAsync(
        session => session.Statement("""
            SELECT account, number, unit, available, held, height, position, kind, time FROM entries
            WHERE account = ? AND number > ? ORDER BY number, unit LIMIT ?
            """).Bind(account).Bind(after).Bind(Limit(limit)).Rows(Entry),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<FlowRow>>> FlowsAsync(IReadOnlyList<Id> lots, CancellationToken cancellationToken = default) => ListAsync(
        session => lots.Distinct().Order().SelectMany(lot => session
            .Statement("SELECT lot, flow, amount FROM flows WHERE lot = ? ORDER BY flow").Bind(lot).Rows(Flow)),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<BalanceRow>>> HoldersAsync(
        Id lot, Id? after, int limit, CancellationToken cancellationToken = default) => ListAsync(
        session => session.Statement("""
            SELECT account, unit, lot, available, held FROM balances
            WHERE lot = ? AND lot <> x'00000000000000000000000000000000' AND account > ? ORDER BY account LIMIT ?
            """).Bind(lot).Bind(After(after)).Bind(Limit(limit)).Rows(Balance),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<DueRow>>> DueAsync(long now, DueRow? after, int limit, CancellationToken cancellationToken = default) => ListAsync(
        session => session.Statement("SELECT time, kind, id FROM due WHERE time <= ? AND (time, kind, id) > (?, ?, ?) ORDER BY time, kind, id LIMIT ?")
            .Bind(now).Bind(after?.Time ?? long.MinValue).Bind(after?.Kind ?? 0).Bind(after?.Id ?? Id.None).Bind(Limit(limit)).Rows(Due),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<Place>>> PlacesAsync(Hash32 hash, CancellationToken cancellationToken = default) => ListAsync(
        session => session.Statement("SELECT height, position FROM transactions WHERE prefix = ? ORDER BY height, position")
            .Bind(hash.ToArray().AsSpan(0, sizeof(ulong))).Rows(row => new Place(row.Height(0), row.Int(1))),
        cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<string> DumpAsync(CancellationToken cancellationToken = default) => File.StreamAsync(Dump, cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => File.DisposeAsync();

    private Task<At<T>> AtAsync<T>(Func<SqliteSession, T> read, CancellationToken cancellationToken) =>
        File.ReadAsync(session => new At<T>(Height(session), read(session)), cancellationToken);

    private Task<At<IReadOnlyList<T>>> ListAsync<T>(Func<SqliteSession, IEnumerable<T>> read, CancellationToken cancellationToken) =>
        AtAsync<IReadOnlyList<T>>(session => read(session).ToList(), cancellationToken);

    private static ulong? Height(SqliteSession session) =>
        session.Statement("SELECT height FROM progress").Rows(row => (ulong?)row.Height(0)).SingleOrDefault();

    private static AccountSnapshot Account(SqliteSession session, Id account)
    {
        var entries = session.Statement("SELECT number FROM entries WHERE account = ? ORDER BY number DESC LIMIT 1")
            .Bind(account).Rows(row => row.Height(0)).SingleOrDefault();
        var balances = session.Statement("SELECT account, unit, lot, available, held FROM balances WHERE account = ? ORDER BY unit, lot")
            .Bind(account).Rows(Balance).ToList();
        return new AccountSnapshot(account, entries, balances);
    }

    private static IEnumerable<string> Dump(SqliteSession session)
    {
        IEnumerable<string> Lines<T>(string sql, Func<SqliteStatement, T> read, Func<T, string> line) =>
            session.Statement(sql).Rows(read).Select(line);

        return (Height(session) is { } height ? [ProjectionText.Height(height)] : Enumerable.Empty<string>())
            .Concat(Lines("SELECT kind, id, parent, version, content FROM records ORDER BY kind, id", Record, ProjectionText.Line))
            .Concat(Lines(
                "SELECT account, number, unit, available, held, height, position, kind, time FROM entries ORDER BY account, number, unit",
                Entry, row => ProjectionText.Line(row)))
            .Concat(Lines(
                "SELECT account, unit, lot, available, held FROM balances ORDER BY account, unit, lot", Balance, row => ProjectionText.Line(row)))
            .Concat(Lines(
                "SELECT prefix, height, position FROM transactions ORDER BY prefix, height, position",
                row => new TransactionRow(BinaryPrimitives.ReadUInt64BigEndian(row.Blob(0)), new Place(row.Height(1), row.Int(2))), row => ProjectionText.Line(row)))
            .Concat(Lines("SELECT claim, height, position FROM claims ORDER BY claim", ClaimOf, row => ProjectionText.Line(row)))
            .Concat(Lines("SELECT lot, flow, amount FROM flows ORDER BY lot, flow", Flow, row => ProjectionText.Line(row)))
            .Concat(Lines("SELECT time, kind, id FROM due ORDER BY time, kind, id", Due, row => ProjectionText.Line(row)));
    }

    /// <summary>An empty blob comes before every id, the zero one included.</summary>
    private static ReadOnlySpan<byte> After(Id? id) => id is { } after ? after.ToBytes() : default;

    /// <exception cref="ArgumentOutOfRangeException">SQLite would read a negative limit as none.</exception>
    private static int Limit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return limit;
    }

    private static RecordRow Record(SqliteStatement row) => new(row.Int(0), row.Id(1), row.Id(2), (uint)row.Long(3), row.Blob(4).ToArray());

    private static EntryRow Entry(SqliteStatement row) => new(
        row.Id(0), row.Height(1), row.Text(2), row.Long(3), row.Long(4), row.Height(5), row.Int(6), row.Int(7), row.Long(8));

    private static BalanceRow Balance(SqliteStatement row) => new(row.Id(0), row.Text(1), row.Id(2), row.Long(3), row.Long(4));

    private static ClaimRow ClaimOf(SqliteStatement row) => new(row.Claim(0), new Place(row.Height(1), row.Int(2)));

    private static FlowRow Flow(SqliteStatement row) => new(row.Id(0), row.Int(1), row.Long(2));

    private static DueRow Due(SqliteStatement row) => new(row.Long(0), row.Int(1), row.Id(2), Done: false);
}
