using Humanitarian.Domain;
using Humanitarian.Storage.Projections;
using Npgsql;
using static Humanitarian.Storage.Postgres.PostgresValues;

namespace Humanitarian.Storage.Postgres;

/// <summary>The projections, which the blocks hold everything of. A read is one statement, so one snapshot and one round trip.</summary>
public sealed class PostgresProjectionStore : IProjectionStore
{
    private readonly PostgresDatabase _database;

    internal PostgresProjectionStore(PostgresDatabase database) => _database = database;

    /// <inheritdoc />
    public async Task<ulong?> HeightAsync(CancellationToken cancellationToken = default) =>
        (await _database.ListAsync("SELECT height FROM progress", [], row => (ulong?)row.Height(0), cancellationToken)).SingleOrDefault();

    /// <inheritdoc />
    public Task<bool> ApplyAsync(ProjectionBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch.ToHeight, batch.FromHeight, nameof(batch));
        return _database.UseAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var write = new PostgresProjectionBatch(connection, batch, cancellationToken);
                if (!await write.BeginAsync())
                {
                    return false;
                }

                await write.WriteAsync();
                await transaction.CommitAsync(cancellationToken);
                return true;
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task ResetAsync(CancellationToken cancellationToken = default) => _database.WriteAsync(
        "TRUNCATE progress, records, entries, balances, transactions, claims, flows, due", [], cancellationToken);

    /// <inheritdoc />
    public async Task<At<IReadOnlyList<AccountSnapshot>>> AccountsAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default)
    {
        var answer = await AtAsync(
            """
            SELECT asked.account, coalesce(last.number, 0), balance.unit, balance.lot, balance.available, balance.held
            FROM unnest($1) WITH ORDINALITY asked (account, place)
            LEFT JOIN LATERAL (SELECT number FROM entries WHERE account = asked.account ORDER BY number DESC LIMIT 1) last ON true
            LEFT JOIN balances balance ON balance.account = asked.account
            ORDER BY asked.place, balance.unit, balance.lot
            """,
            [Value(accounts.Distinct().Select(account => account.Uuid()).ToArray())],
            row => (Account: row.Id(1), Number: row.Height(2), Balance: row.IsDBNull(3) ? (BalanceRow?)null : new BalanceRow(row.Id(1), row.GetString(3), row.Id(4), row.GetInt64(5), row.GetInt64(6))),
            cancellationToken);
        return new At<IReadOnlyList<AccountSnapshot>>(answer.Height,
            [.. answer.Value.GroupBy(row => row.Account, (account, rows) => Snapshot(account, [.. rows]))]);

        static AccountSnapshot Snapshot(Id account, List<(Id Account, ulong Number, BalanceRow? Balance)> rows) =>
            new(account, rows[0].Number, [.. rows.Select(row => row.Balance).OfType<BalanceRow>()]);
    }

    /// <inheritdoc />
    public Task<At<IReadOnlyList<LastEntry>>> LastEntriesAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default) => AtAsync(
        """
        SELECT asked.account, last.number FROM unnest($1) asked (account)
        JOIN LATERAL (SELECT number FROM entries WHERE account = asked.account ORDER BY number DESC LIMIT 1) last ON true
        """,
        [Value(accounts.Distinct().Select(account => account.Uuid()).ToArray())],
        row => new LastEntry(row.Id(1), row.Height(2)),
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<RecordRow>>> RecordsAsync(
        IReadOnlyList<(int Kind, Id Id)> keys, CancellationToken cancellationToken = default)
    {
        var asked = keys.Distinct().ToList();
        return AtAsync(
            """
            SELECT kind, id, parent, version, content FROM unnest($1, $2) WITH ORDINALITY asked (kind, id, place)
            JOIN records USING (kind, id) ORDER BY place
            """,
            [Value(asked.Select(key => key.Kind).ToArray()), Value(asked.Select(key => key.Id.Uuid()).ToArray())],
            Record,
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<At<IReadOnlyList<RecordRow>>> RecordsOfAsync(
        int kind, Id? parent, Id? after, int limit, bool falling = false, CancellationToken cancellationToken = default) => AtAsync(
        $"""
        SELECT kind, id, parent, version, content FROM records
        WHERE kind = $1 AND id {(falling && after is not null ? "<" : After(after))} $2 {(parent is null ? "" : "AND parent = $4")}
        ORDER BY id {(falling ? "DESC" : "ASC")} LIMIT $3
        """,
        [Value(kind), Value((after ?? Id.None).Uuid()), Limit(limit), .. parent is { } under ? [Value(under.Uuid())] : (NpgsqlParameter[])[]],
        Record,
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<ClaimRow>>> ClaimsAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken = default) => AtAsync(
        "SELECT claim, height, position FROM unnest($1) WITH ORDINALITY asked (claim, place) JOIN claims USING (claim) ORDER BY place",
        [Value(claims.Distinct().Select(claim => claim.Uuid()).ToArray())],
        ClaimOf,
        cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<Claim> AllClaimsAsync(CancellationToken cancellationToken = default) =>
        _database.StreamAsync([("SELECT claim FROM claims ORDER BY claim", [], row => row.Claim(0))], cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<EntryRow>>> EntriesAsync(
        Id account, ulong? before, int limit, CancellationToken cancellationToken = default) => AtAsync(
        """
        SELECT account, number, unit, available, held, height, position, kind, time FROM entries
        WHERE account = $1 AND number < $2 ORDER BY number DESC, unit DESC LIMIT $3
        """,
        [Value(account.Uuid()), Value((long)(before ?? long.MaxValue)), Limit(limit)],
        Entry,
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<EntryRow>>> EntriesAfterAsync(
        Id account, ulong after, int limit, CancellationToken cancellationToken = default) => AtAsync(
        """
        SELECT account, number, unit, available, held, height, position, kind, time FROM entries
        WHERE account = $1 AND number > $2 ORDER BY number, unit LIMIT $3
        """,
        [Value(account.Uuid()), Value((long)after), Limit(limit)],
        Entry,
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<FlowRow>>> FlowsAsync(IReadOnlyList<Id> lots, CancellationToken cancellationToken = default) => AtAsync(
        "SELECT lot, flow, amount FROM flows WHERE lot = ANY ($1) ORDER BY lot, flow",
        [Value(lots.Select(lot => lot.Uuid()).ToArray())],
        Flow,
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<BalanceRow>>> HoldersAsync(
        Id lot, Id? after, int limit, CancellationToken cancellationToken = default) => AtAsync(
        $"""
        SELECT account, unit, lot, available, held FROM balances
        WHERE lot = $1 AND lot <> '00000000-0000-0000-0000-000000000000' AND account {After(after)} $2 ORDER BY account LIMIT $3
        """,
        [Value(lot.Uuid()), Value((after ?? Id.None).Uuid()), Limit(limit)],
        Balance,
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<DueRow>>> DueAsync(long now, DueRow? after, int limit, CancellationToken cancellationToken = default) => AtAsync(
        "SELECT time, kind, id FROM due WHERE time <= $1 AND (time, kind, id) > ($2, $3, $4) ORDER BY time, kind, id LIMIT $5",
        [Value(now), Value(after?.Time ?? long.MinValue), Value(after?.Kind ?? 0), Value((after?.Id ?? Id.None).Uuid()), Limit(limit)],
        Due,
        cancellationToken);

    /// <inheritdoc />
    public Task<At<IReadOnlyList<Place>>> PlacesAsync(Hash32 hash, CancellationToken cancellationToken = default) => AtAsync(
        "SELECT height, position FROM transactions WHERE prefix = $1 ORDER BY height, position", [Value(unchecked((long)hash.A))],
        row => new Place(row.Height(1), row.GetInt32(2)),
        cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<string> DumpAsync(CancellationToken cancellationToken = default)
    {
        static (string, NpgsqlParameter[], Func<NpgsqlDataReader, string>) All(string columns, string order, Func<NpgsqlDataReader, string> line) =>
            ($"SELECT NULL, {columns} ORDER BY {order}", [], line);

        return _database.StreamAsync(
            [
                All("height FROM progress", "height", row => ProjectionText.Height(row.Height(1))),
                All("kind, id, parent, version, content FROM records", "kind, id", row => ProjectionText.Line(Record(row))),
                All("account, number, unit, available, held, height, position, kind, time FROM entries", "account, number, unit", row => ProjectionText.Line(Entry(row))),
                All("account, unit, lot, available, held FROM balances", "account, unit, lot", row => ProjectionText.Line(Balance(row))),
                // As unsigned numbers: those with the highest bit come last.
                All(
                    "prefix, height, position FROM transactions", "prefix < 0, prefix, height, position",
                    row => ProjectionText.Line(new TransactionRow(unchecked((ulong)row.GetInt64(1)), new Place(row.Height(2), row.GetInt32(3))))),
                All("claim, height, position FROM claims", "claim", row => ProjectionText.Line(ClaimOf(row))),
                All("lot, flow, amount FROM flows", "lot, flow", row => ProjectionText.Line(Flow(row))),
                All("time, kind, id FROM due", "time, kind, id", row => ProjectionText.Line(Due(row))),
            ],
            cancellationToken);
    }

    /// <summary>
    /// The rows of a query with the height, in one statement. The height is column 0; without rows it comes alone. The join keeps the
    /// order of the query, of which it makes one numbered column more.
    /// </summary>
    private async Task<At<IReadOnlyList<T>>> AtAsync<T>(
        string query, NpgsqlParameter[] parameters, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = await _database.ListAsync(
            $"""
            SELECT reached.height, answer.* FROM (SELECT max(height) AS height FROM progress) reached
            LEFT JOIN (SELECT ordered.*, row_number() OVER () AS row_of_answer FROM ({query}) ordered) answer ON true ORDER BY row_of_answer
            """,
            parameters,
            row => (Height: row.IsDBNull(0) ? (ulong?)null : row.Height(0), Found: !row.IsDBNull(1), Row: row.IsDBNull(1) ? default : read(row)),
            cancellationToken);
        return new At<IReadOnlyList<T>>(rows[0].Height, [.. rows.Where(row => row.Found).Select(row => row.Row!)]);
    }

    /// <summary>Without an "after" every id comes, the zero one included.</summary>
    private static string After(Id? after) => after is null ? ">=" : ">";

    /// <exception cref="ArgumentOutOfRangeException">The limit is negative.</exception>
    private static NpgsqlParameter Limit(int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return Value((long)limit);
    }

    private static RecordRow Record(NpgsqlDataReader row) =>
        new(row.GetInt32(1), row.Id(2), row.Id(3), (uint)row.GetInt64(4), row.GetFieldValue<byte[]>(5));

    private static EntryRow Entry(NpgsqlDataReader row) => new(
        row.Id(1), row.Height(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5), row.Height(6), row.GetInt32(7), row.GetInt32(8), row.GetInt64(9));

    private static BalanceRow Balance(NpgsqlDataReader row) => new(row.Id(1), row.GetString(2), row.Id(3), row.GetInt64(4), row.GetInt64(5));

    private static ClaimRow ClaimOf(NpgsqlDataReader row) => new(row.Claim(1), new Place(row.Height(2), row.GetInt32(3)));

    private static FlowRow Flow(NpgsqlDataReader row) => new(row.Id(1), row.GetInt32(2), row.GetInt64(3));

    private static DueRow Due(NpgsqlDataReader row) => new(row.GetInt64(1), row.GetInt32(2), row.Id(3), Done: false);
}
