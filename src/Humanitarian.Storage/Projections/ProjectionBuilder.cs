using System.Runtime.InteropServices;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Storage.Projections;

/// <summary>A block with its transactions decoded once, for everyone who follows the log.</summary>
public sealed record FollowedBlock(Block Block, Hash32 Hash, IReadOnlyList<Transaction> Transactions)
{
    public ulong Height => Block.Header.Height;

    /// <summary>Decodes the transactions of a block.</summary>
    public static FollowedBlock Of(Block block, Hash32 hash) =>
        new(block, hash, [.. block.Transactions.Select(ordered => TransactionCodec.Decode(ordered.Transaction))]);

    /// <exception cref="EncodingException">The bytes are no block.</exception>
    public static FollowedBlock Of(StoredBlockBytes stored) => Of(BlockCodec.Decode(stored.Bytes.Span), stored.Hash);
}

/// <summary>A block's bytes and hash.</summary>
public readonly record struct StoredBlockBytes(ReadOnlyMemory<byte> Bytes, Hash32 Hash);

/// <summary>Sums up what a run of blocks changes in the projections. Order within the run does not matter to the result.</summary>
/// <param name="expected">About how many transactions come, so that nothing is moved as it grows.</param>
public sealed class ProjectionBuilder(int expected = 0)
{
    private readonly Dictionary<RecordKey, RecordRow> records = [];
    private readonly Dictionary<(Id, string, Id), BalanceRow> balances = new(expected);
    private readonly List<EntryRow> entries = new(2 * expected);
    private readonly List<TransactionRow> transactions = new(expected);
    private readonly Dictionary<Claim, Place?> claims = new(expected);
    private readonly Dictionary<(Id, int), long> flows = [];
    private readonly Dictionary<(long, int, Id), bool> due = [];
    private ulong? from;
    private ulong to;

    /// <summary>Number of transactions added.</summary>
    public int Count => transactions.Count;

    /// <summary>Adds the next block; closed parts that were deleted leave out what touches persons.</summary>
    public void Add(FollowedBlock followed) => Add(BlockChanges.Of(followed));

    /// <summary>Adds the next block; closed parts that were deleted leave out what touches persons.</summary>
    public void Add(BlockChanges block)
    {
        from ??= block.Height;
        to = block.Height;
        for (var position = 0; position < block.Transactions.Length; position++)
        {
            transactions.Add(new TransactionRow(block.Transactions[position].Hash, new Place(block.Height, position)));
        }

        foreach (var change in block.Claims)
        {
            claims[change.Claim] = change.Taken ? new Place(block.Height, change.Position) : null;
        }

        foreach (var write in block.Writes)
        {
            records[write.Record.Key] = new RecordRow(
                (int)write.Record.Kind, write.Record.Id, write.Record.Parent, write.Version, RecordCodec.Encode(write.Record));
            AddDue(write.Record);
        }

        foreach (var flow in block.Flows)
        {
            var key = (flow.Lot, (int)flow.Flow);
            flows[key] = checked(flows.GetValueOrDefault(key) + flow.AmountMinor);
        }

        foreach (var entry in block.Entries)
        {
            AddBalances(entry.Changes);
            var transaction = block.Transactions[entry.Position];
            if (transaction.HasClosedPart)
            {
                AddEntries(entry.Changes, entry.Number, (int)transaction.Kind, new Place(block.Height, entry.Position), block.Time);
            }
        }
    }

    /// <summary>The batch of everything added; null when nothing was.</summary>
    public ProjectionBatch? Build()
    {
        if (from is not { } first)
        {
            return null;
        }

        var (taken, reopened) = (new List<ClaimRow>(claims.Count), new List<Claim>());
        foreach (var (claim, place) in claims)
        {
            if (place is { } at)
            {
                taken.Add(new ClaimRow(claim, at));
            }
            else
            {
                reopened.Add(claim);
            }
        }

        // In the order of their keys, so that databases fill their pages in order instead of seeking at random: on large batches that
        // is most of the speed.
        taken.Sort(static (a, b) => a.Claim.CompareTo(b.Claim));
        reopened.Sort();
        entries.Sort(static (a, b) => First(a.Account.CompareTo(b.Account), a.Number.CompareTo(b.Number)));
        transactions.Sort(static (a, b) => First(a.Prefix.CompareTo(b.Prefix), First(a.Place.Height.CompareTo(b.Place.Height), a.Place.Position.CompareTo(b.Place.Position))));
        BalanceRow[] changes = [.. balances.Values];
        Array.Sort(changes, static (a, b) => First(a.Account.CompareTo(b.Account), First(string.CompareOrdinal(a.Unit, b.Unit), a.Lot.CompareTo(b.Lot))));
        return new ProjectionBatch(
            first,
            to,
            [.. records.Values.OrderBy(record => record.Kind).ThenBy(record => record.Id)],
            changes,
            entries,
            transactions,
            taken,
            reopened,
            [.. flows.Select(flow => new FlowRow(flow.Key.Item1, flow.Key.Item2, flow.Value))],
            [.. due.Select(row => new DueRow(row.Key.Item1, row.Key.Item2, row.Key.Item3, row.Value))]);
    }

    private static int First(int order, int thenOrder) => order != 0 ? order : thenOrder;

    private void AddBalances(ArraySegment<BalanceChange> changes)
    {
        foreach (var change in changes)
        {
            if (!change.Account.IsNone)
            {
                var key = (change.Account, change.Unit, change.Lot);
                ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(balances, key, out var known);
                row = known
                    ? row with { AvailableMinor = checked(row.AvailableMinor + change.AvailableMinor), HeldMinor = checked(row.HeldMinor + change.HeldMinor) }
                    : new BalanceRow(change.Account, change.Unit, change.Lot, change.AvailableMinor, change.HeldMinor);
            }
        }
    }

    /// <summary>One row for each unit in which an account is changed.</summary>
    private void AddEntries(ArraySegment<BalanceChange> changes, ulong number, int kind, Place place, long time)
    {
        var first = entries.Count;
        foreach (var change in changes)
        {
            var at = first;
            while (at < entries.Count && entries[at].Unit != change.Unit)
            {
                at++;
            }

            if (at == entries.Count)
            {
                entries.Add(new EntryRow(change.Account, number, change.Unit, change.AvailableMinor, change.HeldMinor, place.Height, place.Position, kind, time));
            }
            else
            {
                var row = entries[at];
                entries[at] = row with { AvailableMinor = checked(row.AvailableMinor + change.AvailableMinor), HeldMinor = checked(row.HeldMinor + change.HeldMinor) };
            }
        }
    }

    private void AddDue(Record record)
    {
        switch (record)
        {
            case HoldRecord { Purpose: not HoldPurpose.Budget } hold:
                due[(hold.Until, (int)RecordKind.Hold, hold.Id)] = hold.State != HoldState.Open;
                break;
            case CashLineRecord line:
                due[(line.Until, (int)RecordKind.CashLine, line.Id)] = line.State != CashLineState.Instructed;
                break;
            case LotRecord { IsReceipt: false, ExpiresAt: < long.MaxValue } lot:
                due[(lot.ExpiresAt, (int)RecordKind.Lot, lot.Id)] = false;
                break;
            // Under one key, whatever its time: a program has one amendment, and the record that ends it no longer knows when it was due.
            case ProgramRecord program:
                due[(0, (int)RecordKind.Program, program.Id)] = program is not { Active: true, Amendment.IsApproved: true };
                break;
            default:
                break;
        }
    }
}
