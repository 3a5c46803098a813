using Humanitarian.Domain;

namespace Humanitarian.Storage.Side;

/// <summary>A small document that is not, or not yet, ledger: a disbursement's draft, an API key's hash, a list's head.</summary>
/// <param name="Version">Grows by one with each write; 0 for a document that does not exist yet.</param>
public sealed record SideDocument(string Kind, string Key, string Owner, long Version, string Json);

/// <summary>A good row of an imported list after its identifying columns were dropped.</summary>
/// <param name="Line">Number of the row among the list's good rows, from 0 and without gaps.</param>
/// <param name="Account">The account the importing organisation knows this row's person by.</param>
/// <param name="IsNew">True when this list was the first to name the person.</param>
/// <param name="FileLine">Line of the file on which the row starts; the header is on line 1.</param>
public readonly record struct ListRowEntry(
    long Line, Id Account, Id Household, long AmountMinor, int HouseholdSize, string Site, bool IsNew, long FileLine = 0);

/// <summary>One entry of side state: a document, or else a row of a list.</summary>
public readonly record struct SideEntry(SideDocument? Document, Id List, ListRowEntry Row);

/// <summary>What is never the truth of the ledger: drafts, lists, API keys. Losing it loses no money.</summary>
public interface ISideStore
{
    /// <summary>One document, or null.</summary>
    Task<SideDocument?> FindAsync(string kind, string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes a document if its stored version is <see cref="SideDocument.Version"/> (0: if there is none) and counts the version up
    /// by one; false when it is not.
    /// </summary>
    Task<bool> PutAsync(SideDocument document, CancellationToken cancellationToken = default);

    /// <summary>Forgets a document, whatever its version; false when there is none. Written anew, it starts at version 1 again.</summary>
    Task<bool> DeleteAsync(string kind, string key, CancellationToken cancellationToken = default);

    /// <summary>Documents of a kind and owner (all owners when null), ordered by key, after a key; at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<SideDocument>> ListAsync(string kind, string? owner, string? after, int limit, CancellationToken cancellationToken = default);

    /// <summary>Appends rows of a list; each batch in one database transaction. Repeating a line overwrites it with the same.</summary>
    Task AddRowsAsync(Id list, IReadOnlyList<ListRowEntry> rows, CancellationToken cancellationToken = default);

    /// <summary>Rows of a list in line order, from a line on; at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<ListRowEntry>> RowsAsync(Id list, long fromLine, int limit, CancellationToken cancellationToken = default);

    /// <summary>Forgets a list's rows.</summary>
    Task DeleteRowsAsync(Id list, CancellationToken cancellationToken = default);

    /// <summary>Every document by kind and key, then every row by list and line; all of one snapshot.</summary>
    IAsyncEnumerable<SideEntry> AllAsync(CancellationToken cancellationToken = default);

    /// <summary>Writes documents back as they were, versions included, over whatever stands there; in one database transaction.</summary>
    Task RestoreAsync(IReadOnlyList<SideDocument> documents, CancellationToken cancellationToken = default);
}

/// <summary>What a keyed hash of an identifier leads to, within one organisation.</summary>
public readonly record struct KnownPerson(Id Account, Id Household);

/// <summary>Where one organisation's keyed hash leads.</summary>
public readonly record struct MatchingEntry(Id Organisation, Hash32 Identifier, KnownPerson Person);

/// <summary>A keyed hash that an organisation has in common with another, and whom it leads to there.</summary>
/// <param name="Account">The asking organisation's account.</param>
public readonly record struct SharedIdentifier(Hash32 Identifier, Id Account, Id Organisation, KnownPerson Other);

/// <summary>
/// The seam of the matching service: keyed hashes of normalised identifiers, apart from the ledger and from side state. The
/// importing organisation's own later list finds its own accounts; another's never does. That two organisations know the same person is
/// told to the service alone, which raises suspicions.
/// </summary>
public interface IMatchingStore
{
    /// <summary>The accounts that an organisation's keyed hashes (32 bytes each) lead to; unknown ones are left out.</summary>
    Task<IReadOnlyDictionary<Hash32, KnownPerson>> FindAsync(
        Id organisation, IReadOnlyList<Hash32> identifiers, CancellationToken cancellationToken = default);

    /// <summary>Remembers where keyed hashes lead, in one database transaction. A hash that is known keeps its person.</summary>
    Task AddAsync(Id organisation, IReadOnlyList<(Hash32 Identifier, KnownPerson Person)> entries, CancellationToken cancellationToken = default);

    /// <summary>What an organisation's keyed hashes have in common with others', in no order. Who asks must have been counted first.</summary>
    IAsyncEnumerable<SharedIdentifier> SharedAsync(Id organisation, CancellationToken cancellationToken = default);

    /// <summary>Forgets an organisation's keyed hashes that lead to an account; how many there were.</summary>
    Task<int> ForgetAsync(Id organisation, Id account, CancellationToken cancellationToken = default);

    /// <summary>Everything, ordered by organisation and hash; of one snapshot.</summary>
    IAsyncEnumerable<MatchingEntry> AllAsync(CancellationToken cancellationToken = default);
}
