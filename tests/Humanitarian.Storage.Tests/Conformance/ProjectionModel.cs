using CsCheck;
using Humanitarian.Domain;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Storage.Tests.Conformance;

/// <summary>The projections as dictionaries, changed one step at a time, and the summing of steps into a batch.</summary>
internal sealed class ProjectionModel
{
    private readonly SortedDictionary<(int, Id), RecordRow> _records = [];
    private readonly SortedDictionary<(Id, ulong), EntryRow> _entries = [];
    private readonly SortedDictionary<(Id, string, Id), (long Available, long Held)> _balances = new(BalanceOrder);
    private readonly SortedSet<TransactionRow> _transactions = new(Comparer<TransactionRow>.Create((a, b) =>
        (a.Prefix, a.Place.Height, a.Place.Position).CompareTo((b.Prefix, b.Place.Height, b.Place.Position))));
    private readonly SortedDictionary<Claim, Place> _claims = [];
    private readonly SortedDictionary<(Id, int), long> _flows = [];
    private readonly SortedSet<(long, int, Id)> _due = [];
    private int _blocks;

    /// <summary>What a block does, in order; drawn small, so that keys meet again.</summary>
    public sealed record Block(IReadOnlyList<object> Steps);

    public sealed record Take(Claim Claim, Place Place);

    public sealed record Reopen(Claim Claim);

    public sealed record Transaction(Hash32 Hash, Place Place);

    private static Comparer<(Id, string, Id)> BalanceOrder => Comparer<(Id, string, Id)>.Create((a, b) =>
        a.Item1 != b.Item1 ? a.Item1.CompareTo(b.Item1)
        : a.Item2 != b.Item2 ? string.CompareOrdinal(a.Item2, b.Item2)
        : a.Item3.CompareTo(b.Item3));

    /// <summary>Blocks of up to six steps; a step is a kind, a key and an amount.</summary>
    public static readonly Gen<(int Kind, int Key, int Amount)[][]> GenBlocks =
        Gen.Select(Gen.Int[0, 7], Gen.Int[0, 5], Gen.Int[-2, 2]).Array[0, 6].Array[1, 12];

    /// <summary>Gives the drawn steps their heights, positions and entry numbers.</summary>
    public static List<Block> Number((int Kind, int Key, int Amount)[][] drawn)
    {
        var entries = new Dictionary<int, ulong>();
        return [.. drawn.Select((steps, height) => new Block([.. steps.Select((step, position) =>
            Step(step.Kind, step.Key, step.Amount, new Place((ulong)height, position), entries))]))];
    }

    public static ProjectionModel Replay(IReadOnlyList<Block> blocks)
    {
        var model = new ProjectionModel { _blocks = blocks.Count };
        foreach (var step in blocks.SelectMany(block => block.Steps))
        {
            model.Apply(step);
        }

        return model;
    }

    /// <summary>The blocks as one batch: sums of changes, the last word on everything else.</summary>
    public static ProjectionBatch Batch(ulong from, IReadOnlyList<Block> blocks)
    {
        var steps = blocks.SelectMany(block => block.Steps).ToList();
        var claims = steps.Where(step => step is Take or Reopen)
            .GroupBy(step => (step as Take)?.Claim ?? ((Reopen)step).Claim, (_, all) => all.Last()).ToList();
        return new ProjectionBatch(
            from,
            from + (ulong)blocks.Count - 1,
            [.. steps.OfType<RecordRow>().GroupBy(row => (row.Kind, row.Id), (_, all) => all.Last())],
            [.. steps.OfType<BalanceRow>().GroupBy(row => (row.Account, row.Unit, row.Lot), (key, all) =>
                new BalanceRow(key.Account, key.Unit, key.Lot, all.Sum(row => row.AvailableMinor), all.Sum(row => row.HeldMinor)))],
            [.. steps.OfType<EntryRow>()],
            [.. steps.OfType<Transaction>().Select(step => new TransactionRow(step.Hash, step.Place))],
            [.. claims.OfType<Take>().Select(take => new ClaimRow(take.Claim, take.Place))],
            [.. claims.OfType<Reopen>().Select(reopen => reopen.Claim)],
            [.. steps.OfType<FlowRow>().GroupBy(row => (row.Lot, row.Flow), (key, all) =>
                new FlowRow(key.Lot, key.Flow, all.Sum(row => row.AmountMinor)))],
            [.. steps.OfType<DueRow>().GroupBy(row => (row.Time, row.Kind, row.Id), (_, all) => all.Last())]);
    }

    public List<string> Lines() =>
    [
        ProjectionText.Height((ulong)_blocks - 1),
        .. _records.Values.Select(ProjectionText.Line),
        .. _entries.Values.Select(row => ProjectionText.Line(row)),
        .. _balances.Where(row => row.Value != (0, 0)).Select(row => ProjectionText.Line(
            new BalanceRow(row.Key.Item1, row.Key.Item2, row.Key.Item3, row.Value.Available, row.Value.Held))),
        .. _transactions.Select(row => ProjectionText.Line(row)),
        .. _claims.Select(row => ProjectionText.Line(new ClaimRow(row.Key, row.Value))),
        .. _flows.Where(row => row.Value != 0).Select(row => ProjectionText.Line(new FlowRow(row.Key.Item1, row.Key.Item2, row.Value))),
        .. _due.Select(row => ProjectionText.Line(new DueRow(row.Item1, row.Item2, row.Item3, false))),
    ];

    private static object Step(int kind, int key, int amount, Place place, Dictionary<int, ulong> entries)
    {
        // The high bit orders ids as bytes, not as signed numbers.
        var id = new Id((ulong)key << 61, 1);
        var lot = key % 3 == 0 ? Id.None : new Id(0, (ulong)key);
        var unit = key % 2 == 0 ? "USD" : "h";
        return kind switch
        {
            0 => new RecordRow(key % 2, id, lot, (uint)place.Height + 1, new[] { (byte)(amount + 2) }),
            1 => new BalanceRow(id, unit, lot, amount, 0),
            2 => new BalanceRow(id, unit, lot, 0, amount),
            3 => new EntryRow(
                id, entries[key] = entries.GetValueOrDefault(key) + 1, unit, amount, -amount, place.Height, place.Position, key, 1000 + amount),
            4 => new Transaction(new Hash32((ulong)key << 61, place.Height, (ulong)place.Position, 0), place),
            5 => amount > 0 ? new Take(new Claim((ulong)key, 0), place) : new Reopen(new Claim((ulong)key, 0)),
            6 => new FlowRow(lot, key, amount),
            _ => new DueRow(key - 3, key % 2, id, amount > 0),
        };
    }

    private void Apply(object step)
    {
        switch (step)
        {
            case RecordRow row:
                _records[(row.Kind, row.Id)] = row;
                break;
            case EntryRow row:
                _entries.Add((row.Account, row.Number), row);
                break;
            case BalanceRow row:
                var (available, held) = _balances.GetValueOrDefault((row.Account, row.Unit, row.Lot));
                _balances[(row.Account, row.Unit, row.Lot)] = (available + row.AvailableMinor, held + row.HeldMinor);
                break;
            case Transaction row:
                _transactions.Add(new TransactionRow(row.Hash, row.Place));
                break;
            case Take row:
                _claims[row.Claim] = row.Place;
                break;
            case Reopen row:
                _claims.Remove(row.Claim);
                break;
            case FlowRow row:
                _flows[(row.Lot, row.Flow)] = _flows.GetValueOrDefault((row.Lot, row.Flow)) + row.AmountMinor;
                break;
            case DueRow row:
                _ = row.Done ? _due.Remove((row.Time, row.Kind, row.Id)) : _due.Add((row.Time, row.Kind, row.Id));
                break;
        }
    }
}
