using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Reading;

/// <summary>A transaction where it stands.</summary>
public sealed record PlacedTransaction(BlockHeader Header, int Position, OrderedTransaction Ordered, Transaction Transaction);

/// <summary>
/// Reads of the ledger on this silo: projections and the tail of the log. A read confirms the durable head first, so that it is
/// current after any acknowledgement.
/// </summary>
public sealed partial class LedgerReader
{
    private readonly IBlockStore blocks;
    private readonly IProjectionStore projections;
    private readonly LogFollower follower;
    private readonly RecordCache records;
    private readonly HeadConfirmer heads;
    private readonly Gathered<Id, AccountBook> books;

    public LedgerReader(IBlockStore blocks, IProjectionStore projections, LogFollower follower, RecordCache records, ISequencerGateway gateway)
    {
        (this.blocks, this.projections, this.follower, this.records) = (blocks, projections, follower, records);
        heads = new HeadConfirmer(gateway);
        books = new Gathered<Id, AccountBook>(accounts => EachBookAsync(accounts, default));
    }

    internal RecordCache Records => records;

    internal LogFollower Follower => follower;

    /// <summary>Brings this silo up to the durable head.</summary>
    public async Task<DurableHead> CurrentAsync(CancellationToken cancellationToken = default)
    {
        var head = await heads.ConfirmAsync();
        await follower.FollowAsync(head.Height, cancellationToken);
        return head;
    }

    /// <summary>Returns once this silo has followed up to a height that is durable.</summary>
    public Task FollowAsync(ulong height, CancellationToken cancellationToken = default) => follower.FollowAsync(height, cancellationToken);

    /// <summary>The newest durable block.</summary>
    public async Task<BlockHeader?> HeadAsync(CancellationToken cancellationToken = default)
    {
        var head = await CurrentAsync(cancellationToken);
        return follower.Tail.Head?.Header ?? (await FollowedAsync(head.Height, cancellationToken))?.Block.Header;
    }

    public async Task<Versioned<T>> FindAsync<T>(RecordKind kind, Id id, CancellationToken cancellationToken = default)
        where T : Record
    {
        await CurrentAsync(cancellationToken);
        return await FindFollowedAsync<T>(kind, id, cancellationToken);
    }

    /// <summary>A record as far as this silo has followed: for one that has asked for the durable head just before.</summary>
    public async Task<Versioned<T>> FindFollowedAsync<T>(RecordKind kind, Id id, CancellationToken cancellationToken = default)
        where T : Record
    {
        var key = new RecordKey(kind, id);
        Versioned<Record> found;
        while (!records.TryGet(key, out found))
        {
            await records.LoadAsync([key]);
        }

        return new Versioned<T>(found.Version, (T?)found.Record);
    }

    /// <summary>Those of many records that exist. They are read past this silo's cache, so that a sweep over a whole list does not fill it.</summary>
    public async Task<IReadOnlyList<T>> FindAllAsync<T>(RecordKind kind, IReadOnlyList<Id> ids, CancellationToken cancellationToken = default)
        where T : Record
    {
        await CurrentAsync(cancellationToken);
        return [.. (await records.ReadAsync([.. ids.Select(id => new RecordKey(kind, id)).Distinct()], cancellationToken)).Values.Select(found => found.Record).OfType<T>()];
    }

    /// <summary>Records of a kind under a parent (all parents when null), ordered by id, after an id; at most <paramref name="limit"/>.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T>(RecordKind kind, Id? parent, Id? after, int limit, CancellationToken cancellationToken = default)
        where T : Record => ListAsync<T>(kind, parent, after, limit, falling: false, cancellationToken);

    /// <summary>The same by rising or falling id; when falling, those below <paramref name="after"/> come after it.</summary>
    public async Task<IReadOnlyList<T>> ListAsync<T>(RecordKind kind, Id? parent, Id? after, int limit, bool falling, CancellationToken cancellationToken = default)
        where T : Record
    {
        await CurrentAsync(cancellationToken);
        while (true)
        {
            var rows = await projections.RecordsOfAsync((int)kind, parent, after, limit, falling, cancellationToken);
            var merged = follower.Tail.Read(rows.Height, snapshot =>
            {
                var newer = snapshot.RecordsOf(kind, parent).Where(record => after is null || (falling ? record.Id < after : record.Id > after)).ToDictionary(record => record.Id);
                var all = rows.Value.Where(row => !newer.ContainsKey(row.Id)).Select(row => RecordCodec.Decode(row.Content.Span)).Concat(newer.Values);
                return (falling ? all.OrderByDescending(record => record.Id) : all.OrderBy(record => record.Id)).Take(limit).Cast<T>().ToArray();
            });
            if (merged is not null)
            {
                return merged;
            }
        }
    }

    /// <summary>The programs that an organisation runs.</summary>
    internal async Task<IReadOnlyList<Id>> ProgramsOfAsync(Id organisation, CancellationToken cancellationToken = default) =>
        [.. (await AllAsync<ProgramRecord>(RecordKind.Program, organisation, cancellationToken)).Select(program => program.Id)];

    /// <summary>An account's book as of the durable head.</summary>
    public async Task<AccountBook> BookAsync(Id account, CancellationToken cancellationToken = default)
    {
        await CurrentAsync(cancellationToken);
        return await FollowedBookAsync(account);
    }

    /// <summary>An account's book as far as this silo has followed, the caller's own.</summary>
    internal Task<AccountBook> FollowedBookAsync(Id account) => books.AskAsync(account);

    /// <summary>The last entries' numbers of accounts as the projections have them.</summary>
    internal Task<At<IReadOnlyList<LastEntry>>> LastEntriesAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default) =>
        projections.LastEntriesAsync(accounts, cancellationToken);

    /// <summary>Entries of an account, newest first, below <paramref name="before"/>; at most <paramref name="limit"/>.</summary>
    public async Task<IReadOnlyList<EntryRow>> StatementAsync(Id account, ulong? before, int limit, CancellationToken cancellationToken = default)
    {
        await CurrentAsync(cancellationToken);
        while (true)
        {
            var rows = await projections.EntriesAsync(account, before, limit, cancellationToken);
            var merged = follower.Tail.Read(rows.Height, snapshot => snapshot.Entries(account)
                .Where(entry => before is null || entry.Number < before)
                .Reverse()
                .SelectMany(entry => RowsOf(account, entry))
                .Concat(rows.Value)
                .Take(limit)
                .ToArray());
            if (merged is not null)
            {
                return merged;
            }
        }
    }

    public async Task<Block?> BlockAsync(ulong height, CancellationToken cancellationToken = default) =>
        (await FollowedAsync(height, cancellationToken))?.Block;

    public async Task<PlacedTransaction?> TransactionAsync(Hash32 hash, CancellationToken cancellationToken = default)
    {
        await CurrentAsync(cancellationToken);
        return await PlaceOfAsync(hash, cancellationToken) is { } place ? await TransactionAtAsync(place, cancellationToken) : null;
    }

    /// <summary>The transaction at a place.</summary>
    public async Task<PlacedTransaction?> TransactionAtAsync(Place place, CancellationToken cancellationToken = default) =>
        await FollowedAsync(place.Height, cancellationToken) is { } block && place.Position < block.Transactions.Count
            ? new PlacedTransaction(block.Block.Header, place.Position, block.Block.Transactions[place.Position], block.Transactions[place.Position])
            : null;

    /// <summary>Books of accounts as far as this silo has followed.</summary>
    public async Task<IReadOnlyDictionary<Id, AccountBook>> BooksAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken = default)
    {
        Id[] each = [.. accounts.Distinct()];
        return each.Zip(await EachBookAsync(each, cancellationToken)).ToDictionary(pair => pair.First, pair => pair.Second);
    }

    /// <summary>A book for each account named; one that is named twice gets two.</summary>
    private async Task<IReadOnlyList<AccountBook>> EachBookAsync(IReadOnlyList<Id> accounts, CancellationToken cancellationToken)
    {
        while (true)
        {
            var snapshots = await projections.AccountsAsync(accounts, cancellationToken);
            var stored = snapshots.Value.ToDictionary(snapshot => snapshot.Account);
            var found = follower.Tail.Read(snapshots.Height, tail => accounts.Select(account => BookOf(stored[account], tail.Entries(account))).ToArray());
            if (found is not null)
            {
                return found;
            }
        }
    }

    /// <summary>Where each taken claim was taken, as far as this silo has followed.</summary>
    internal async Task<IReadOnlyDictionary<Claim, Place>> ClaimsAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var rows = await projections.ClaimsAsync(claims, cancellationToken);
            var merged = follower.Tail.Read(rows.Height, tail =>
            {
                var places = rows.Value.ToDictionary(row => row.Claim, row => row.Place);
                foreach (var (claim, newest) in tail.Claims(claims))
                {
                    if (newest is { } place)
                    {
                        places[claim] = place;
                    }
                    else
                    {
                        places.Remove(claim);
                    }
                }

                return places;
            });
            if (merged is not null)
            {
                return merged;
            }
        }
    }

    /// <summary>Where a transaction stands, as far as this silo has followed.</summary>
    internal async Task<Place?> PlaceOfAsync(Hash32 hash, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var candidates = await projections.PlacesAsync(hash, cancellationToken);
            foreach (var place in candidates.Value)
            {
                if ((await TransactionAtAsync(place, cancellationToken))?.Ordered.Transaction.Hash() == hash)
                {
                    return place;
                }
            }

            Place? found = null;
            if (follower.Tail.Read(candidates.Height, tail =>
                {
                    found = tail.Transaction(hash);
                    return this;
                }) is not null)
            {
                return found;
            }
        }
    }

    /// <summary>Cumulative flows of lots, as far as this silo has followed.</summary>
    internal async Task<IReadOnlyDictionary<(Id Lot, LotFlow Flow), long>> FlowsAsync(IReadOnlyList<Id> lots, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var rows = await projections.FlowsAsync(lots, cancellationToken);
            var merged = follower.Tail.Read(rows.Height, tail =>
            {
                var flows = rows.Value.ToDictionary(row => (row.Lot, (LotFlow)row.Flow), row => row.AmountMinor);
                foreach (var lot in lots)
                {
                    foreach (var flow in Enum.GetValues<LotFlow>())
                    {
                        flows[(lot, flow)] = checked(flows.GetValueOrDefault((lot, flow)) + tail.Flow(lot, flow));
                    }
                }

                return flows;
            });
            if (merged is not null)
            {
                return merged;
            }
        }
    }

    /// <summary>Accounts that held units of a lot when the projections last wrote, after an account; at most <paramref name="limit"/>.</summary>
    internal async Task<IReadOnlyList<Id>> HoldersAsync(Id lot, Id? after, int limit, CancellationToken cancellationToken = default) =>
        [.. (await projections.HoldersAsync(lot, after, limit, cancellationToken)).Value.Select(row => row.Account).Distinct()];

    /// <summary>Accounts that the log has touched in a lot and the projections do not show yet.</summary>
    internal async Task<IReadOnlyList<Id>> TouchedInAsync(Id lot, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            if (follower.Tail.Read(await projections.HeightAsync(cancellationToken), tail => tail.TouchedIn(lot)) is { } touched)
            {
                return touched;
            }
        }
    }

    private async Task<FollowedBlock?> FollowedAsync(ulong height, CancellationToken cancellationToken)
    {
        if (follower.Tail.BlockAt(height) is { } block)
        {
            return block;
        }

        return await blocks.FindAsync(height, cancellationToken) is { } stored
            ? FollowedBlock.Of(new StoredBlockBytes(stored.Bytes, stored.Hash))
            : null;
    }

    private static AccountBook BookOf(AccountSnapshot snapshot, IReadOnlyList<TailEntry> entries)
    {
        var book = new AccountBook { Entries = snapshot.Entries };
        foreach (var row in snapshot.Balances)
        {
            book.Apply(new BalanceChange(row.Account, row.Unit, row.Lot, row.AvailableMinor, row.HeldMinor));
        }

        foreach (var entry in entries)
        {
            foreach (var change in entry.Changes)
            {
                book.Apply(change);
            }

            book.Entries = entry.Number;
        }

        return book;
    }

    private IEnumerable<EntryRow> RowsOf(Id account, TailEntry entry)
    {
        var block = follower.Tail.ChangesAt(entry.Place.Height)!;
        return entry.Changes.GroupBy(change => change.Unit).Select(unit => new EntryRow(
            account, entry.Number, unit.Key, unit.Sum(change => change.AvailableMinor), unit.Sum(change => change.HeldMinor),
            entry.Place.Height, entry.Place.Position, (int)block.Transactions[entry.Place.Position].Kind, block.Time));
    }
}
