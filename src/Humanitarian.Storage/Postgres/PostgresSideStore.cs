using Humanitarian.Domain;
using Humanitarian.Storage.Side;
using Npgsql;
using static Humanitarian.Storage.Postgres.PostgresValues;

namespace Humanitarian.Storage.Postgres;

/// <summary>Drafts, lists and API keys in tables <c>documents</c> and <c>list_rows</c>.</summary>
public sealed class PostgresSideStore : ISideStore
{
    private const string InsertRows = """
        INSERT INTO list_rows (list, line, account, household, amount, size, site, is_new, file_line)
        SELECT $1, * FROM unnest($2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (list, line) DO UPDATE SET account = excluded.account, household = excluded.household, amount = excluded.amount,
            size = excluded.size, site = excluded.site, is_new = excluded.is_new, file_line = excluded.file_line
        """;

    private readonly PostgresDatabase _database;

    internal PostgresSideStore(PostgresDatabase database) => _database = database;

    /// <inheritdoc />
    public async Task<SideDocument?> FindAsync(string kind, string key, CancellationToken cancellationToken = default) => (await _database.ListAsync(
        "SELECT kind, key, owner, version, json FROM documents WHERE kind = $1 AND key = $2", [Value(kind), Value(key)], Document, cancellationToken))
        .SingleOrDefault();

    /// <inheritdoc />
    public async Task<bool> PutAsync(SideDocument document, CancellationToken cancellationToken = default) => 1 == await _database.WriteAsync(
        document.Version == 0
            ? "INSERT INTO documents (kind, key, owner, version, json) VALUES ($1, $2, $3, $5 + 1, $4) ON CONFLICT DO NOTHING"
            : "UPDATE documents SET owner = $3, json = $4, version = version + 1 WHERE kind = $1 AND key = $2 AND version = $5",
        [Value(document.Kind), Value(document.Key), Value(document.Owner), Value(document.Json), Value(document.Version)],
        cancellationToken);

    /// <inheritdoc />
    public async Task<bool> DeleteAsync(string kind, string key, CancellationToken cancellationToken = default) =>
        1 == await _database.WriteAsync("DELETE FROM documents WHERE kind = $1 AND key = $2", [Value(kind), Value(key)], cancellationToken);

    /// <inheritdoc />
    public async Task<IReadOnlyList<SideDocument>> ListAsync(
        string kind, string? owner, string? after, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);

        // Without an "after" every key comes, the empty one included.
        return await _database.ListAsync(
            $"""
            SELECT kind, key, owner, version, json FROM documents
            WHERE kind = $1 AND key {(after is null ? ">=" : ">")} $2 {(owner is null ? "" : "AND owner = $4")} ORDER BY key LIMIT $3
            """,
            [Value(kind), Value(after ?? ""), Value((long)limit), .. owner is null ? (NpgsqlParameter[])[] : [Value(owner)]],
            Document,
            cancellationToken);
    }

    /// <inheritdoc />
    public Task AddRowsAsync(Id list, IReadOnlyList<ListRowEntry> rows, CancellationToken cancellationToken = default)
    {
        // A line stands once in a statement; of two, the later overwrites.
        var last = rows.GroupBy(row => row.Line, (_, same) => same.Last()).OrderBy(row => row.Line).ToList();
        return _database.WriteAsync(
            InsertRows,
            [
                Value(list.Uuid()),
                Value(last.Select(row => row.Line).ToArray()),
                Value(last.Select(row => row.Account.Uuid()).ToArray()),
                Value(last.Select(row => row.Household.Uuid()).ToArray()),
                Value(last.Select(row => row.AmountMinor).ToArray()),
                Value(last.Select(row => row.HouseholdSize).ToArray()),
                Value(last.Select(row => row.Site).ToArray()),
                Value(last.Select(row => row.IsNew).ToArray()),
                Value(last.Select(row => row.FileLine).ToArray()),
            ],
            cancellationToken);
    }

    /// <inheritdoc />
    public async Task<IReadOnlyList<ListRowEntry>> RowsAsync(Id list, long fromLine, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return await _database.ListAsync(
            """
            SELECT line, account, household, amount, size, site, is_new, file_line FROM list_rows
            WHERE list = $1 AND line >= $2 ORDER BY line LIMIT $3
            """,
            [Value(list.Uuid()), Value(fromLine), Value((long)limit)],
            ListRow,
            cancellationToken);
    }

    /// <inheritdoc />
    public Task DeleteRowsAsync(Id list, CancellationToken cancellationToken = default) =>
        _database.WriteAsync("DELETE FROM list_rows WHERE list = $1", [Value(list.Uuid())], cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<SideEntry> AllAsync(CancellationToken cancellationToken = default) => _database.StreamAsync(
        [
            ("SELECT kind, key, owner, version, json FROM documents ORDER BY kind, key", [], row => new SideEntry(Document(row), default, default)),
            (
                "SELECT line, account, household, amount, size, site, is_new, file_line, list FROM list_rows ORDER BY list, line", [],
                row => new SideEntry(null, row.Id(8), ListRow(row))),
        ],
        cancellationToken);

    /// <inheritdoc />
    public Task RestoreAsync(IReadOnlyList<SideDocument> documents, CancellationToken cancellationToken = default) => _database.WriteAsync(
        """
        INSERT INTO documents (kind, key, owner, version, json) SELECT * FROM unnest($1, $2, $3, $4, $5)
        ON CONFLICT (kind, key) DO UPDATE SET owner = excluded.owner, version = excluded.version, json = excluded.json
        """,
        [
            Value(documents.Select(document => document.Kind).ToArray()),
            Value(documents.Select(document => document.Key).ToArray()),
            Value(documents.Select(document => document.Owner).ToArray()),
            Value(documents.Select(document => document.Version).ToArray()),
            Value(documents.Select(document => document.Json).ToArray()),
        ],
        cancellationToken);

    private static SideDocument Document(NpgsqlDataReader row) =>
        new(row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4));

    private static ListRowEntry ListRow(NpgsqlDataReader row) => new(
        row.GetInt64(0), row.Id(1), row.Id(2), row.GetInt64(3), row.GetInt32(4), row.GetString(5), row.GetBoolean(6), row.GetInt64(7));
}
