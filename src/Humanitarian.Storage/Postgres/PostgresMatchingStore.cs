using Humanitarian.Domain;
using Humanitarian.Storage.Side;
using static Humanitarian.Storage.Postgres.PostgresValues;

namespace Humanitarian.Storage.Postgres;

/// <summary>Keyed hashes of identifiers in a schema of their own, under a role of their own: they are personal data.</summary>
public sealed class PostgresMatchingStore : IMatchingStore
{
    private readonly PostgresDatabase _database;

    internal PostgresMatchingStore(PostgresDatabase database) => _database = database;

    /// <inheritdoc />
    public async Task<IReadOnlyDictionary<Hash32, KnownPerson>> FindAsync(
        Id organisation, IReadOnlyList<Hash32> identifiers, CancellationToken cancellationToken = default)
    {
        var known = await _database.ListAsync(
            """
            SELECT identifier, account, household FROM unnest($2) asked (identifier) JOIN matching.persons USING (identifier) WHERE organisation = $1
            """,
            [Value(organisation.Uuid()), Value(identifiers.Distinct().Select(identifier => identifier.ToArray()).ToArray())],
            row => (Identifier: row.Hash(0), Person: new KnownPerson(row.Id(1), row.Id(2))),
            cancellationToken);
        return known.ToDictionary(one => one.Identifier, one => one.Person);
    }

    /// <inheritdoc />
    public Task AddAsync(
        Id organisation, IReadOnlyList<(Hash32 Identifier, KnownPerson Person)> entries, CancellationToken cancellationToken = default)
    {
        // Everybody inserts in one order, so that two who add the same never wait for each other; a stable sort, so that of two
        // entries with one hash the first stays.
        var sorted = entries.OrderBy(entry => entry.Identifier).ToList();
        return _database.WriteAsync(
            """
            INSERT INTO matching.persons (organisation, identifier, account, household)
            SELECT $1, identifier, account, household FROM unnest($2, $3, $4) WITH ORDINALITY added (identifier, account, household, place)
            ORDER BY place ON CONFLICT DO NOTHING
            """,
            [
                Value(organisation.Uuid()),
                Value(sorted.Select(entry => entry.Identifier.ToArray()).ToArray()),
                Value(sorted.Select(entry => entry.Person.Account.Uuid()).ToArray()),
                Value(sorted.Select(entry => entry.Person.Household.Uuid()).ToArray()),
            ],
            cancellationToken);
    }

    /// <inheritdoc />
    public IAsyncEnumerable<SharedIdentifier> SharedAsync(Id organisation, CancellationToken cancellationToken = default) => _database.StreamAsync(
        [
            (
                """
                WITH RECURSIVE others (organisation) AS (
                    (SELECT organisation FROM matching.persons ORDER BY organisation LIMIT 1)
                    UNION ALL
                    SELECT (SELECT next.organisation FROM matching.persons next WHERE next.organisation > others.organisation ORDER BY next.organisation LIMIT 1)
                    FROM others WHERE others.organisation IS NOT NULL)
                SELECT own.identifier, own.account, other.organisation, other.account, other.household
                FROM others JOIN matching.persons other USING (organisation) JOIN matching.persons own USING (identifier)
                WHERE other.organisation <> $1 AND own.organisation = $1
                """,
                [Value(organisation.Uuid())],
                row => new SharedIdentifier(row.Hash(0), row.Id(1), row.Id(2), new KnownPerson(row.Id(3), row.Id(4)))),
        ],
        cancellationToken);

    /// <inheritdoc />
    public Task<int> ForgetAsync(Id organisation, Id account, CancellationToken cancellationToken = default) => _database.WriteAsync(
        "DELETE FROM matching.persons WHERE organisation = $1 AND account = $2", [Value(organisation.Uuid()), Value(account.Uuid())], cancellationToken);

    /// <inheritdoc />
    public IAsyncEnumerable<MatchingEntry> AllAsync(CancellationToken cancellationToken = default) => _database.StreamAsync(
        [
            (
                "SELECT organisation, identifier, account, household FROM matching.persons ORDER BY organisation, identifier", [],
                row => new MatchingEntry(row.Id(0), row.Hash(1), new KnownPerson(row.Id(2), row.Id(3)))),
        ],
        cancellationToken);
}
