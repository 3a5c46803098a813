using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Log;

/// <summary>One entry of an account in the tail.</summary>
public readonly record struct TailEntry(ulong Number, Place Place, Hash32 Transaction, ArraySegment<BalanceChange> Changes);

/// <summary>A block of the tail with what reads ask it for; each index is built by the first read that needs it, while the tail is locked.</summary>
internal sealed class TailBlock(FollowedBlock followed)
{
    private Dictionary<Id, List<int>>? accounts;
    private Dictionary<Claim, Place?>? claims;
    private Dictionary<Hash32, Place>? transactions;
    private Dictionary<(Id, LotFlow), long>? flows;

    public BlockChanges Changes { get; } = BlockChanges.Of(followed);

    /// <summary>The block with its transactions, while it is one of the newest.</summary>
    public FollowedBlock? Followed { get; private set; } = followed;

    public ulong Height => Changes.Height;

    /// <summary>Transactions, their records and the accounts they touch.</summary>
    public int Weight => 1 + Changes.Transactions.Length + Changes.Writes.Length + Changes.Entries.Length;

    /// <summary>Where claims were taken; null for one that was reopened.</summary>
    public Dictionary<Claim, Place?> Claims => claims ??= ClaimsMade();

    public Dictionary<Hash32, Place> Transactions => transactions ??= Places();

    public Dictionary<(Id, LotFlow), long> Flows => flows ??= FlowSums();

    /// <summary>Only the packed changes are kept from now on.</summary>
    public void Pack() => Followed = null;

    public IEnumerable<TailEntry> EntriesOf(Id account) =>
        (accounts ??= Touched()).TryGetValue(account, out var entries) ? entries.Select(index => EntryOf(Changes.Entries[index])) : [];

    public TailEntry EntryOf(in EntryChange entry) =>
        new(entry.Number, new Place(Height, entry.Position), Changes.Transactions[entry.Position].Hash, entry.Changes);

    public IEnumerable<Id> TouchedIn(Id lot) =>
        from entry in Changes.Entries
        from change in entry.Changes
        where change.Lot == lot
        select change.Account;

    private Dictionary<Id, List<int>> Touched()
    {
        var touched = new Dictionary<Id, List<int>>();
        for (var index = 0; index < Changes.Entries.Length; index++)
        {
            var account = Changes.Entries[index].Account;
            if (!touched.TryGetValue(account, out var known))
            {
                touched[account] = known = new List<int>(1);
            }

            known.Add(index);
        }

        return touched;
    }

    private Dictionary<Claim, Place?> ClaimsMade()
    {
        var made = new Dictionary<Claim, Place?>(Changes.Claims.Length);
        foreach (var change in Changes.Claims)
        {
            made[change.Claim] = change.Taken ? new Place(Height, change.Position) : null;
        }

        return made;
    }

    private Dictionary<Hash32, Place> Places()
    {
        var places = new Dictionary<Hash32, Place>(Changes.Transactions.Length);
        for (var position = 0; position < Changes.Transactions.Length; position++)
        {
            places[Changes.Transactions[position].Hash] = new Place(Height, position);
        }

        return places;
    }

    private Dictionary<(Id, LotFlow), long> FlowSums()
    {
        var sums = new Dictionary<(Id, LotFlow), long>();
        foreach (var flow in Changes.Flows)
        {
            sums[(flow.Lot, flow.Flow)] = checked(sums.GetValueOrDefault((flow.Lot, flow.Flow)) + flow.AmountMinor);
        }

        return sums;
    }
}
