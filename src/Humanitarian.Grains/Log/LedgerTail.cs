using Humanitarian.Chain.Blocks;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Log;

/// <summary>One entry of an account in the tail.</summary>
public sealed record TailEntry(ulong Number, Place Place, Hash32 Transaction, IReadOnlyList<BalanceChange> Changes);

/// <summary>
/// The blocks this silo has followed and not yet seen projected, indexed by what reads ask for. State = projection + tail. Safe for
/// use by many threads; every method is short.
/// </summary>
public sealed class LedgerTail
{
    private readonly Lock gate = new();
    private readonly LinkedList<FollowedBlock> blocks = [];
    private readonly Dictionary<RecordKey, (uint Version, Record Record, ulong Height)> records = [];
    private readonly Dictionary<Id, List<TailEntry>> accounts = [];
    private readonly Dictionary<Claim, (Place? Place, ulong Height)> claims = [];
    private readonly Dictionary<Hash32, Place> transactions = [];
    private readonly Dictionary<(Id, LotFlow), List<(ulong Height, long Amount)>> flows = [];
    private BlockHeader? head;
    private Hash32 headHash;
    private ulong pruned;

    /// <summary>Called for every block, while the tail is locked.</summary>
    public event Action<FollowedBlock>? Appended;

    /// <summary>How much is held: transactions, their records and the accounts they touch.</summary>
    public int Weight { get; private set; }

    /// <summary>The newest followed block; null before the first.</summary>
    public (BlockHeader Header, Hash32 Hash)? Head
    {
        get
        {
            lock (gate)
            {
                return head is null ? null : (head, headHash);
            }
        }
    }

    /// <summary>The height that the next block must have.</summary>
    public ulong NextHeight
    {
        get
        {
            lock (gate)
            {
                return head is null ? pruned : head.Height + 1;
            }
        }
    }

    /// <summary>The height of the last block that is in the tail or behind it: a tail that starts behind the projections may be empty.</summary>
    public ulong LastHeight => Math.Max(NextHeight, 1) - 1;

    /// <summary>Starts behind blocks that the projections already hold.</summary>
    public void StartAt(ulong nextHeight)
    {
        lock (gate)
        {
            if (head is null)
            {
                pruned = nextHeight;
            }
        }
    }

    /// <summary>Adds the next block; false when it is not the next.</summary>
    public bool Append(FollowedBlock block)
    {
        lock (gate)
        {
            if (block.Height != (head is null ? pruned : head.Height + 1))
            {
                return false;
            }

            for (var position = 0; position < block.Transactions.Count; position++)
            {
                Add(block, position);
            }

            blocks.AddLast(block);
            Weight += WeightOf(block);
            head = block.Block.Header;
            headHash = block.Hash;
            Appended?.Invoke(block);
            return true;
        }
    }

    /// <summary>Forgets blocks up to a projected height, but keeps the newest few so that active accounts need no reload.</summary>
    public void Prune(ulong projectedHeight, int keepWeight)
    {
        lock (gate)
        {
            while (blocks.First is { } first && first.Value.Height <= projectedHeight && first != blocks.Last && Weight > keepWeight)
            {
                blocks.RemoveFirst();
                Remove(first.Value);
            }
        }
    }

    /// <summary>Runs a read on a state where the projections stood at a height; null when the tail no longer reaches back to it.</summary>
    public T? Read<T>(ulong? projectedHeight, Func<Snapshot, T> read)
        where T : class
    {
        lock (gate)
        {
            var next = projectedHeight is { } height ? height + 1 : 0;
            return next < pruned ? null : read(new Snapshot(this, next));
        }
    }

    /// <summary>Entries of an account from a number on, in order; null when the tail no longer reaches back to it.</summary>
    public IReadOnlyList<TailEntry>? EntriesFrom(Id account, ulong number, ulong syncedHeight)
    {
        lock (gate)
        {
            if (syncedHeight + 1 < pruned)
            {
                return null;
            }

            return accounts.TryGetValue(account, out var entries) ? [.. entries.Where(entry => entry.Number >= number)] : [];
        }
    }

    /// <summary>Blocks from a height on, at least one where there is one, up to about a weight.</summary>
    public IReadOnlyList<FollowedBlock> BlocksFrom(ulong height, int maximumWeight)
    {
        lock (gate)
        {
            var taken = new List<FollowedBlock>();
            var weight = 0;
            for (var node = FirstFrom(height); node is not null && weight < maximumWeight; node = node.Next)
            {
                taken.Add(node.Value);
                weight += WeightOf(node.Value);
            }

            return taken;
        }
    }

    private static int WeightOf(FollowedBlock block)
    {
        var weight = 1;
        for (var position = 0; position < block.Transactions.Count; position++)
        {
            weight += 1 + block.Transactions[position].Writes.Count + block.Block.Transactions[position].Entries.Count;
        }

        return weight;
    }

    private LinkedListNode<FollowedBlock>? FirstFrom(ulong height)
    {
        var node = blocks.Last;
        if (node is null || node.Value.Height < height)
        {
            return null;
        }

        while (node.Previous is { } previous && previous.Value.Height >= height)
        {
            node = previous;
        }

        return node;
    }

    private void Add(FollowedBlock block, int position)
    {
        var transaction = block.Transactions[position];
        var ordered = block.Block.Transactions[position];
        var hash = ordered.Transaction.Hash();
        var place = new Place(block.Height, position);
        transactions[hash] = place;
        foreach (var write in transaction.Writes)
        {
            records[write.Record.Key] = (write.Version, write.Record, block.Height);
        }

        foreach (var claim in transaction.Reopens)
        {
            claims[claim] = (null, block.Height);
        }

        foreach (var claim in LedgerState.AllClaims(transaction))
        {
            claims[claim] = (place, block.Height);
        }

        foreach (var flow in Effects.Flows(transaction))
        {
            if (!flows.TryGetValue((flow.Lot, flow.Flow), out var list))
            {
                flows[(flow.Lot, flow.Flow)] = list = [];
            }

            list.Add((block.Height, flow.AmountMinor));
        }

        if (transaction.Postings.Count == 0)
        {
            return;
        }

        var changes = Effects.Balances(transaction).ToLookup(change => change.Account);
        var touched = Effects.TouchedAccounts(transaction);
        for (var index = 0; index < touched.Count; index++)
        {
            if (!accounts.TryGetValue(touched[index], out var list))
            {
                accounts[touched[index]] = list = [];
            }

            list.Add(new TailEntry(ordered.Entries[index], place, hash, [.. changes[touched[index]]]));
        }
    }

    private void Remove(FollowedBlock block)
    {
        pruned = block.Height + 1;
        Weight -= WeightOf(block);
        for (var position = 0; position < block.Transactions.Count; position++)
        {
            var transaction = block.Transactions[position];
            transactions.Remove(block.Block.Transactions[position].Transaction.Hash());
            foreach (var write in transaction.Writes)
            {
                RemoveOlder(records, write.Record.Key, value => value.Height, block.Height);
            }

            foreach (var claim in LedgerState.AllClaims(transaction).Concat(transaction.Reopens))
            {
                RemoveOlder(claims, claim, value => value.Height, block.Height);
            }

            foreach (var flow in Effects.Flows(transaction))
            {
                RemoveUpTo(flows, (flow.Lot, flow.Flow), entry => entry.Height, block.Height);
            }

            if (transaction.Postings.Count > 0)
            {
                foreach (var account in Effects.TouchedAccounts(transaction))
                {
                    RemoveUpTo(accounts, account, entry => entry.Place.Height, block.Height);
                }
            }
        }
    }

    private static void RemoveOlder<TKey, TValue>(Dictionary<TKey, TValue> map, TKey key, Func<TValue, ulong> height, ulong upTo)
        where TKey : notnull
    {
        if (map.TryGetValue(key, out var value) && height(value) <= upTo)
        {
            map.Remove(key);
        }
    }

    private static void RemoveUpTo<TKey, TItem>(Dictionary<TKey, List<TItem>> map, TKey key, Func<TItem, ulong> height, ulong upTo)
        where TKey : notnull
    {
        if (map.TryGetValue(key, out var list))
        {
            list.RemoveAll(item => height(item) <= upTo);
            if (list.Count == 0)
            {
                map.Remove(key);
            }
        }
    }

    /// <summary>The tail from a height on, while its lock is held.</summary>
    public readonly struct Snapshot(LedgerTail tail, ulong fromHeight)
    {
        private readonly ulong from = fromHeight;

        /// <summary>A record written in this part of the log.</summary>
        public (uint Version, Record Record)? Record(RecordKey key) =>
            tail.records.TryGetValue(key, out var found) && found.Height >= from ? (found.Version, found.Record) : null;

        /// <summary>Records of a kind and parent written in this part of the log.</summary>
        public IReadOnlyList<Record> RecordsOf(RecordKind kind, Id? parent)
        {
            var first = from;
            return
            [
                .. tail.records.Values
                    .Where(value => value.Height >= first && value.Record.Kind == kind && (parent is null || value.Record.Parent == parent))
                    .Select(value => value.Record),
            ];
        }

        public IReadOnlyList<TailEntry> Entries(Id account)
        {
            var first = from;
            return tail.accounts.TryGetValue(account, out var entries) ? [.. entries.Where(entry => entry.Place.Height >= first)] : [];
        }

        /// <summary>Whether this part of the log took (true) or reopened (false) a claim; null when it says nothing.</summary>
        public (bool Taken, Place Place)? Claim(Claim claim) =>
            tail.claims.TryGetValue(claim, out var found) && found.Height >= from ? (found.Place is not null, found.Place ?? default) : null;

        public Place? Transaction(Hash32 hash) => tail.transactions.TryGetValue(hash, out var place) && place.Height >= from ? place : null;

        public long Flow(Id lot, LotFlow flow)
        {
            var first = from;
            return tail.flows.TryGetValue((lot, flow), out var list) ? list.Where(entry => entry.Height >= first).Sum(entry => entry.Amount) : 0;
        }

        /// <summary>Accounts that this part of the log touched in a lot.</summary>
        public IReadOnlyList<Id> TouchedIn(Id lot)
        {
            var first = from;
            return
            [
                .. tail.accounts
                    .Where(account => account.Value.Exists(entry => entry.Place.Height >= first && entry.Changes.Any(change => change.Lot == lot)))
                    .Select(account => account.Key),
            ];
        }
    }
}
