using Humanitarian.Domain;

namespace Humanitarian.Storage.Projections;

/// <summary>
/// What is derived from the blocks for reading. Every batch is applied with the height it reaches in one database transaction;
/// everything can be rebuilt from the blocks, byte for byte.
/// </summary>
public interface IProjectionStore
{
    /// <summary>The height reached, or null before the first block.</summary>
    Task<ulong?> HeightAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Applies a batch, all of it or nothing, if the projections stand exactly before it; false when they do not. A sum that would
    /// leave 64 bits is a fault. An exception means that the outcome is unknown: <see cref="HeightAsync"/> tells.
    /// </summary>
    Task<bool> ApplyAsync(ProjectionBatch batch, CancellationToken cancellationToken = default);

    /// <summary>Forgets everything, before a rebuild.</summary>
    Task ResetAsync(CancellationToken cancellationToken = default);

    /// <summary>The named accounts, each once, unknown ones with no entries; read in one snapshot.</summary>
    Task<At<IReadOnlyList<AccountSnapshot>>> AccountsAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default);

    /// <summary>The last entry's number of each named account that has entries, in no particular order; read in one snapshot.</summary>
    Task<At<IReadOnlyList<LastEntry>>> LastEntriesAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default);

    /// <summary>The named records that exist; read in one snapshot.</summary>
    Task<At<IReadOnlyList<RecordRow>>> RecordsAsync(IReadOnlyList<(int Kind, Id Id)> keys, CancellationToken cancellationToken = default);

    /// <summary>
    /// Records of a kind under a parent (under any when null), ordered by id, after an id; at most <paramref name="limit"/>.
    /// </summary>
    /// <param name="falling">True for falling ids: after an id come then those below it.</param>
    Task<At<IReadOnlyList<RecordRow>>> RecordsOfAsync(
        int kind, Id? parent, Id? after, int limit, bool falling = false, CancellationToken cancellationToken = default);

    /// <summary>The named claims that are taken, in no particular order.</summary>
    Task<At<IReadOnlyList<ClaimRow>>> ClaimsAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken = default);

    /// <summary>Every claim taken at one height, in order, to fill a filter at start.</summary>
    IAsyncEnumerable<Claim> AllClaimsAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Entries of an account by falling number, below <paramref name="before"/> where given; at most <paramref name="limit"/>. A page
    /// may end between two units of one number: whoever pages on asks from the last number inclusive.
    /// </summary>
    Task<At<IReadOnlyList<EntryRow>>> EntriesAsync(Id account, ulong? before, int limit, CancellationToken cancellationToken = default);

    /// <summary>
    /// Entries of an account by rising number, above <paramref name="after"/>; at most <paramref name="limit"/>. A page may end between
    /// two units of one number.
    /// </summary>
    Task<At<IReadOnlyList<EntryRow>>> EntriesAfterAsync(Id account, ulong after, int limit, CancellationToken cancellationToken = default);

    /// <summary>Cumulative flows of the named lots, ordered by lot and flow.</summary>
    Task<At<IReadOnlyList<FlowRow>>> FlowsAsync(IReadOnlyList<Id> lots, CancellationToken cancellationToken = default);

    /// <summary>
    /// Balances that hold units of a lot (one unit, so one balance an account), ordered by account, after an account; at most
    /// <paramref name="limit"/>. The absent lot has no holders: it is every balance without provenance.
    /// </summary>
    Task<At<IReadOnlyList<BalanceRow>>> HoldersAsync(Id lot, Id? after, int limit, CancellationToken cancellationToken = default);

    /// <summary>Due work up to a time, earliest first, after a row where given; at most <paramref name="limit"/>.</summary>
    Task<At<IReadOnlyList<DueRow>>> DueAsync(long now, DueRow? after, int limit, CancellationToken cancellationToken = default);

    /// <summary>Where a transaction may stand: every place whose transaction's hash begins with the same 8 bytes, mostly one or none.</summary>
    Task<At<IReadOnlyList<Place>>> PlacesAsync(Hash32 hash, CancellationToken cancellationToken = default);

    /// <summary>Every row of every table in key order as canonical text lines, to compare or hash whole projections.</summary>
    IAsyncEnumerable<string> DumpAsync(CancellationToken cancellationToken = default);
}
