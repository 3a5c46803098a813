using Humanitarian.Chain.Blocks;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Log;

/// <summary>
/// The blocks this silo has followed and not yet seen projected. State = projection + tail. Adding a block costs little: its records are
/// indexed, the rest by the first read that looks into it, and accounts that are active here are handed their entries. Safe for use by
/// many threads; every method is short.
/// </summary>
/// <param name="wholeMost">Weight of the newest blocks that are held with their transactions; the changes of all others are packed.</param>
public sealed class LedgerTail(int wholeMost = LedgerTail.WholeMost)
{
    // Live reads follow close behind, and whoever has just paid looks at the transaction; the store has all of them.
    private const int WholeMost = 4_000;
    private const int FewRecords = 10_000;

    private readonly Lock gate = new();
    private readonly LinkedList<TailBlock> blocks = [];
    private LinkedListNode<TailBlock>? firstWhole;
    private int wholeWeight;
    private readonly Dictionary<Id, AccountFeed> feeds = [];
    private readonly Dictionary<RecordKey, (ulong Height, uint Version, Record Record)> written = [];
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

            var added = new TailBlock(block);
            Feed(added);
            foreach (var write in added.Changes.Writes)
            {
                written[write.Record.Key] = (added.Height, write.Version, write.Record);
            }

            var node = blocks.AddLast(added);
            Weight += added.Weight;
            firstWhole ??= node;
            wholeWeight += added.Weight;
            while (wholeWeight > wholeMost && firstWhole != node)
            {
                PackFirst();
            }

            head = block.Block.Header;
            headHash = block.Hash;
            Appended?.Invoke(block);
            return true;
        }
    }

    /// <summary>From now on the feed gets every entry of the account, until it is unwatched. An activation that goes may overlap the next one.</summary>
    public void Watch(Id account, AccountFeed feed)
    {
        lock (gate)
        {
            feed.Other = feeds.GetValueOrDefault(account);
            feeds[account] = feed;
        }
    }

    public void Unwatch(Id account, AccountFeed feed)
    {
        lock (gate)
        {
            AccountFeed? before = null;
            for (var one = feeds.GetValueOrDefault(account); one is not null; (before, one) = (one, one.Other))
            {
                if (one != feed)
                {
                    continue;
                }

                if (before is not null)
                {
                    before.Other = feed.Other;
                }
                else if (feed.Other is { } other)
                {
                    feeds[account] = other;
                }
                else
                {
                    feeds.Remove(account);
                }

                return;
            }
        }
    }

    /// <summary>Forgets blocks up to a projected height, but keeps the newest few.</summary>
    public void Prune(ulong projectedHeight, int keepWeight)
    {
        // A block at a time, so that nobody waits for a batch of them.
        while (PruneFirst(projectedHeight, keepWeight))
        {
        }
    }

    private bool PruneFirst(ulong projectedHeight, int keepWeight)
    {
        lock (gate)
        {
            if (blocks.First is not { } first || first.Value.Height > projectedHeight || first == blocks.Last || Weight <= keepWeight)
            {
                return false;
            }

            if (first == firstWhole)
            {
                PackFirst();
            }

            Forget(first.Value);
            blocks.RemoveFirst();
            pruned = first.Value.Height + 1;
            Weight -= first.Value.Weight;
            return true;
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

    /// <summary>Changes of the blocks from a height on, at least one where there is one, up to about a weight.</summary>
    public IReadOnlyList<BlockChanges> ChangesFrom(ulong height, int maximumWeight)
    {
        lock (gate)
        {
            var taken = new List<BlockChanges>();
            var weight = 0;
            for (var node = FirstFrom(height); node is not null && weight < maximumWeight; node = node.Next)
            {
                taken.Add(node.Value.Changes);
                weight += node.Value.Weight;
            }

            return taken;
        }
    }

    /// <summary>The changes of a block; null when the tail does not hold it.</summary>
    public BlockChanges? ChangesAt(ulong height)
    {
        lock (gate)
        {
            return FirstFrom(height) is { } node && node.Value.Height == height ? node.Value.Changes : null;
        }
    }

    /// <summary>A block with its transactions; null unless it is one of the newest.</summary>
    public FollowedBlock? BlockAt(ulong height)
    {
        lock (gate)
        {
            return FirstFrom(height) is { } node && node.Value.Height == height ? node.Value.Followed : null;
        }
    }

    private void PackFirst()
    {
        firstWhole!.Value.Pack();
        wholeWeight -= firstWhole.Value.Weight;
        firstWhole = firstWhole.Next;
    }

    /// <summary>Forgets the records of a block that goes, those excepted that a later one wrote.</summary>
    private void Forget(TailBlock block)
    {
        foreach (var write in block.Changes.Writes)
        {
            if (written.TryGetValue(write.Record.Key, out var newest) && newest.Height == block.Height)
            {
                written.Remove(write.Record.Key);
            }
        }

        if (written.Count < FewRecords && written.Capacity > 10 * FewRecords)
        {
            // After a long list: what it took is given back.
            written.TrimExcess(FewRecords);
        }
    }

    private LinkedListNode<TailBlock>? FirstFrom(ulong height)
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

    private void Feed(TailBlock block)
    {
        if (feeds.Count == 0)
        {
            return;
        }

        foreach (var entry in block.Changes.Entries)
        {
            for (var feed = feeds.GetValueOrDefault(entry.Account); feed is not null; feed = feed.Other)
            {
                feed.Add(block.EntryOf(entry));
            }
        }
    }

    /// <summary>The tail from a height on, while its lock is held.</summary>
    public readonly struct Snapshot(LedgerTail tail, ulong fromHeight)
    {
        private const int Few = 16;

        /// <summary>A record written in this part of the log.</summary>
        public (uint Version, Record Record)? Record(RecordKey key) =>
            tail.written.TryGetValue(key, out var newest) && newest.Height >= fromHeight ? (newest.Version, newest.Record) : null;

        /// <summary>Records of a kind and parent written in this part of the log, the newest version of each.</summary>
        public IReadOnlyList<Record> RecordsOf(RecordKind kind, Id? parent)
        {
            var found = new Dictionary<RecordKey, Record>();
            for (var node = tail.FirstFrom(fromHeight); node is not null; node = node.Next)
            {
                foreach (var write in node.Value.Changes.Writes)
                {
                    if (write.Record.Kind == kind)
                    {
                        found[write.Record.Key] = write.Record;
                    }
                }
            }

            return [.. found.Values.Where(record => parent is null || record.Parent == parent)];
        }

        public IReadOnlyList<TailEntry> Entries(Id account)
        {
            var entries = new List<TailEntry>();
            for (var node = tail.FirstFrom(fromHeight); node is not null; node = node.Next)
            {
                entries.AddRange(node.Value.EntriesOf(account));
            }

            return entries;
        }

        /// <summary>What this part of the log says of claims: where one was taken last, null where it was reopened; those of which it says nothing are left out.</summary>
        public IReadOnlyDictionary<Claim, Place?> Claims(IReadOnlyCollection<Claim> asked)
        {
            var found = new Dictionary<Claim, Place?>();
            if (asked.Count > Few)
            {
                // Each of many in each of many blocks is slower than one walk along them.
                var wanted = asked.ToHashSet();
                for (var node = tail.FirstFrom(fromHeight); node is not null; node = node.Next)
                {
                    foreach (var change in node.Value.Changes.Claims)
                    {
                        if (wanted.Contains(change.Claim))
                        {
                            found[change.Claim] = change.Taken ? new Place(node.Value.Height, change.Position) : null;
                        }
                    }
                }

                return found;
            }

            foreach (var claim in asked)
            {
                foreach (var block in NewestFirst())
                {
                    if (block.Claims.TryGetValue(claim, out var place))
                    {
                        found[claim] = place;
                        break;
                    }
                }
            }

            return found;
        }

        public Place? Transaction(Hash32 hash)
        {
            foreach (var block in NewestFirst())
            {
                if (block.Transactions.TryGetValue(hash, out var place))
                {
                    return place;
                }
            }

            return null;
        }

        public long Flow(Id lot, LotFlow flow) => NewestFirst().Sum(block => block.Flows.GetValueOrDefault((lot, flow)));

        /// <summary>Accounts that this part of the log touched in a lot.</summary>
        public IReadOnlyList<Id> TouchedIn(Id lot) => [.. NewestFirst().SelectMany(block => block.TouchedIn(lot)).Distinct()];

        private IEnumerable<TailBlock> NewestFirst()
        {
            for (var node = tail.blocks.Last; node is not null && node.Value.Height >= fromHeight; node = node.Previous)
            {
                yield return node.Value;
            }
        }
    }
}
