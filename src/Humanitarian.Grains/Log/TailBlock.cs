using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Log;

/// <summary>One entry of an account in the tail.</summary>
public sealed record TailEntry(ulong Number, Place Place, Hash32 Transaction, ArraySegment<BalanceChange> Changes);

/// <summary>A block of the tail with what reads ask it for; each index is built by the first read that needs it, while the tail is locked.</summary>
internal sealed class TailBlock
{
    private Dictionary<RecordKey, (uint Version, Record Record)>? records;
    private Dictionary<Id, List<(int Position, int Index)>>? accounts;
    private Dictionary<Claim, Place?>? claims;
    private Dictionary<Hash32, Place>? transactions;
    private Dictionary<(Id, LotFlow), long>? flows;

    public TailBlock(FollowedBlock followed)
    {
        Followed = followed;
        Weight = 1;
        for (var position = 0; position < followed.Transactions.Count; position++)
        {
            Weight += 1 + followed.Transactions[position].Writes.Count + followed.Block.Transactions[position].Entries.Count;
        }
    }

    public FollowedBlock Followed { get; }

    public ulong Height => Followed.Height;

    /// <summary>Transactions, their records and the accounts they touch.</summary>
    public int Weight { get; }

    public Dictionary<RecordKey, (uint Version, Record Record)> Records => records ??= RecordsWritten();

    /// <summary>Where claims were taken; null for one that was reopened.</summary>
    public Dictionary<Claim, Place?> Claims => claims ??= ClaimsMade();

    public Dictionary<Hash32, Place> Transactions => transactions ??= Places();

    public Dictionary<(Id, LotFlow), long> Flows => flows ??= FlowSums();

    public IEnumerable<TailEntry> EntriesOf(Id account) =>
        (accounts ??= Touched()).TryGetValue(account, out var places) ? places.Select(place => EntryAt(place.Position, place.Index)) : [];

    /// <summary>The entry of the account at an index of a transaction's touched accounts.</summary>
    public TailEntry EntryAt(int position, int index)
    {
        var ordered = Followed.Block.Transactions[position];
        return new TailEntry(ordered.Entries[index], new Place(Height, position), ordered.Transaction.Hash(), Effects.ChangesAt(Followed.Transactions[position], index));
    }

    public IEnumerable<Id> TouchedIn(Id lot) =>
        from transaction in Followed.Transactions
        from change in Effects.Balances(transaction)
        where change.Lot == lot
        select change.Account;

    private Dictionary<RecordKey, (uint, Record)> RecordsWritten()
    {
        var written = new Dictionary<RecordKey, (uint, Record)>();
        foreach (var write in Followed.Transactions.SelectMany(transaction => transaction.Writes))
        {
            written[write.Record.Key] = (write.Version, write.Record);
        }

        return written;
    }

    private Dictionary<Id, List<(int, int)>> Touched()
    {
        var places = new Dictionary<Id, List<(int, int)>>();
        for (var position = 0; position < Followed.Transactions.Count; position++)
        {
            var touched = Effects.TouchedAccounts(Followed.Transactions[position]);
            for (var index = 0; index < touched.Count; index++)
            {
                if (!places.TryGetValue(touched[index], out var known))
                {
                    places[touched[index]] = known = new List<(int, int)>(1);
                }

                known.Add((position, index));
            }
        }

        return places;
    }

    private Dictionary<Claim, Place?> ClaimsMade()
    {
        var made = new Dictionary<Claim, Place?>();
        for (var position = 0; position < Followed.Transactions.Count; position++)
        {
            foreach (var claim in Followed.Transactions[position].Reopens)
            {
                made[claim] = null;
            }

            foreach (var claim in LedgerState.AllClaims(Followed.Transactions[position]))
            {
                made[claim] = new Place(Height, position);
            }
        }

        return made;
    }

    private Dictionary<Hash32, Place> Places()
    {
        var places = new Dictionary<Hash32, Place>(Followed.Transactions.Count);
        for (var position = 0; position < Followed.Transactions.Count; position++)
        {
            places[Followed.Block.Transactions[position].Transaction.Hash()] = new Place(Height, position);
        }

        return places;
    }

    private Dictionary<(Id, LotFlow), long> FlowSums()
    {
        var sums = new Dictionary<(Id, LotFlow), long>();
        foreach (var flow in Followed.Transactions.SelectMany(Effects.Flows))
        {
            sums[(flow.Lot, flow.Flow)] = checked(sums.GetValueOrDefault((flow.Lot, flow.Flow)) + flow.AmountMinor);
        }

        return sums;
    }
}
