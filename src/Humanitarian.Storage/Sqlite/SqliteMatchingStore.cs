using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Storage.Sqlite;

/// <summary>Keyed hashes of identifiers in <c>matching.db</c>, apart from everything else: they are personal data.</summary>
public sealed class SqliteMatchingStore : IMatchingStore, IAsyncDisposable
{
    internal SqliteMatchingStore(SqliteFile file) => File = file;

    internal SqliteFile File { get; }

    /// <inheritdoc />
    public Task<IReadOnlyDictionary<Hash32, KnownPerson>> FindAsync(
        Id organisation, IReadOnlyList<Hash32> identifiers, CancellationToken cancellationToken = default) =>
        File.ReadAsync<IReadOnlyDictionary<Hash32, KnownPerson>>(
            session => identifiers.Distinct()
                .SelectMany(identifier => session
                    .Statement("SELECT identifier, account, household FROM persons WHERE organisation = ? AND identifier = ?")
                    .Bind(organisation).Bind(identifier).Rows(row => (Identifier: row.Hash(0), Person: new KnownPerson(row.Id(1), row.Id(2)))))
                .ToDictionary(known => known.Identifier, known => known.Person),
            cancellationToken);

    /// <inheritdoc />
    public Task AddAsync(
        Id organisation, IReadOnlyList<(Hash32 Identifier, KnownPerson Person)> entries, CancellationToken cancellationToken = default) =>
        File.WriteAsync(
            session => session.Write(() =>
            {
                var insert = session.Statement("""
                    INSERT INTO persons (organisation, identifier, account, household) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """);

                // A stable sort: of two entries with one hash the first stays.
                return entries.OrderBy(entry => entry.Identifier).Sum(entry => insert
                    .Bind(organisation).Bind(entry.Identifier).Bind(entry.Person.Account).Bind(entry.Person.Household).Run());
            }),
            cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<SharedIdentifier> SharedAsync(Id organisation, CancellationToken cancellationToken = default) => File.StreamAsync(
        session => session.Statement("""
            WITH RECURSIVE others (organisation) AS (
                SELECT min(organisation) FROM persons
                UNION ALL
                SELECT (SELECT min(next.organisation) FROM persons next WHERE next.organisation > others.organisation)
                FROM others WHERE others.organisation IS NOT NULL)
            SELECT own.identifier, own.account, other.organisation, other.account, other.household
            FROM others CROSS JOIN persons own CROSS JOIN persons other
            WHERE others.organisation <> ?1 AND own.organisation = ?1
                AND other.organisation = others.organisation AND other.identifier = own.identifier
            """)
            .Bind(organisation)
            .Rows(row => new SharedIdentifier(row.Hash(0), row.Id(1), row.Id(2), new KnownPerson(row.Id(3), row.Id(4)))),
        cancellationToken);

    /// <inheritdoc />
    public Task<int> ForgetAsync(Id organisation, Id account, CancellationToken cancellationToken = default) => File.WriteAsync(
        session => session.Write(() => session.Statement("DELETE FROM persons WHERE organisation = ? AND account = ?").Bind(organisation).Bind(account).Run()), cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<MatchingEntry> AllAsync(CancellationToken cancellationToken = default) => File.StreamAsync(
        session => session.Statement("SELECT organisation, identifier, account, household FROM persons ORDER BY organisation, identifier")
            .Rows(row => new MatchingEntry(row.Id(0), row.Hash(1), new KnownPerson(row.Id(2), row.Id(3)))),
        cancellationToken);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => File.DisposeAsync();
}
