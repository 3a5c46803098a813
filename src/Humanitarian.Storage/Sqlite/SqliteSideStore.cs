using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Storage.Sqlite;

/// <summary>Drafts, lists and API keys in <c>side.db</c>.</summary>
public sealed class SqliteSideStore : ISideStore, IAsyncDisposable
{
    internal SqliteSideStore(SqliteFile file) => File = file;

    internal SqliteFile File { get; }

    /// <inheritdoc />
    public Task<SideDocument?> FindAsync(string kind, string key, CancellationToken cancellationToken = default) => File.ReadAsync(
        session => session.Statement("SELECT kind, key, owner, version, json FROM documents WHERE kind = ? AND key = ?")
            .Bind(kind).Bind(key).Rows(Document).SingleOrDefault(),
        cancellationToken);

    /// <inheritdoc />
    public Task<bool> PutAsync(SideDocument document, CancellationToken cancellationToken = default) => File.WriteAsync(
        session => 1 == (document.Version == 0
            ? session.Statement("INSERT INTO documents (kind, key, owner, version, json) VALUES (?, ?, ?, 1, ?) ON CONFLICT DO NOTHING")
                .Bind(document.Kind).Bind(document.Key).Bind(document.Owner).Bind(document.Json).Run()
            : session.Statement("""
                UPDATE documents SET owner = ?3, json = ?4, version = version + 1 WHERE kind = ?1 AND key = ?2 AND version = ?5
                """).Bind(document.Kind).Bind(document.Key).Bind(document.Owner).Bind(document.Json).Bind(document.Version).Run()),
        cancellationToken);

    /// <inheritdoc />
    public Task<bool> DeleteAsync(string kind, string key, CancellationToken cancellationToken = default) => File.WriteAsync(
        session => 1 == session.Statement("DELETE FROM documents WHERE kind = ? AND key = ?").Bind(kind).Bind(key).Run(), cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<SideDocument>> ListAsync(
        string kind, string? owner, string? after, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return File.ReadAsync<IReadOnlyList<SideDocument>>(
            session =>
            {
                // Without an "after" every key comes, the empty one included.
                var statement = session.Statement($"""
                    SELECT kind, key, owner, version, json FROM documents
                    WHERE kind = ?1 AND key {(after is null ? ">=" : ">")} ?2 {(owner is null ? "" : "AND owner = ?4")} ORDER BY key LIMIT ?3
                    """).Bind(kind).Bind(after ?? "").Bind(limit);
                return (owner is null ? statement : statement.Bind(owner)).Rows(Document).ToList();
            },
            cancellationToken);
    }

    /// <inheritdoc />
    public Task AddRowsAsync(Id list, IReadOnlyList<ListRowEntry> rows, CancellationToken cancellationToken = default) => File.WriteAsync(
        session => session.Write(() =>
        {
            var insert = session.Statement("""
                INSERT OR REPLACE INTO list_rows (list, line, account, household, amount, size, site, is_new, file_line) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """);
            return rows.Sum(row => insert
                .Bind(list).Bind(row.Line).Bind(row.Account).Bind(row.Household).Bind(row.AmountMinor)
                .Bind(row.HouseholdSize).Bind(row.Site).Bind(row.IsNew ? 1 : 0).Bind(row.FileLine).Run());
        }),
        cancellationToken);

    /// <inheritdoc />
    public Task<IReadOnlyList<ListRowEntry>> RowsAsync(Id list, long fromLine, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        return File.ReadAsync<IReadOnlyList<ListRowEntry>>(
            session => session.Statement("""
                SELECT line, account, household, amount, size, site, is_new, file_line FROM list_rows
                WHERE list = ? AND line >= ? ORDER BY line LIMIT ?
                """).Bind(list).Bind(fromLine).Bind(limit).Rows(ListRow).ToList(),
            cancellationToken);
    }

    /// <inheritdoc />
    public Task DeleteRowsAsync(Id list, CancellationToken cancellationToken = default) => File.WriteAsync(
        session => session.Statement("DELETE FROM list_rows WHERE list = ?").Bind(list).Run(), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<SideEntry> AllAsync(CancellationToken cancellationToken = default) => File.StreamAsync(
        session => session.Statement("SELECT kind, key, owner, version, json FROM documents ORDER BY kind, key").Rows(row => new SideEntry(Document(row), default, default))
            .Concat(session.Statement("SELECT line, account, household, amount, size, site, is_new, file_line, list FROM list_rows ORDER BY list, line")
                .Rows(row => new SideEntry(null, row.Id(8), ListRow(row)))),
        cancellationToken);

    /// <inheritdoc />
    public Task RestoreAsync(IReadOnlyList<SideDocument> documents, CancellationToken cancellationToken = default) => File.WriteAsync(
        session => session.Write(() =>
        {
            var insert = session.Statement("INSERT OR REPLACE INTO documents (kind, key, owner, version, json) VALUES (?, ?, ?, ?, ?)");
            return documents.Sum(document => insert
                .Bind(document.Kind).Bind(document.Key).Bind(document.Owner).Bind(document.Version).Bind(document.Json).Run());
        }),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => File.DisposeAsync();

    private static SideDocument Document(SqliteStatement row) => new(row.Text(0), row.Text(1), row.Text(2), row.Long(3), row.Text(4));

    private static ListRowEntry ListRow(SqliteStatement row) =>
        new(row.Long(0), row.Id(1), row.Id(2), row.Long(3), row.Int(4), row.Text(5), row.Int(6) == 1, row.Long(7));
}
