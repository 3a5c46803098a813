using System.Globalization;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Exports;

/// <summary>
/// Sums what passes through persons' accounts and tells only what at least k movements and k accounts made; smaller cells are taken
/// together by unit, and withheld when even that is too small.
/// </summary>
internal sealed class PublicCells(int k)
{
    private readonly Dictionary<(TransactionKind Kind, Id Program, string Unit, long Day), Cell> cells = [];
    private long uncounted;

    /// <summary>Counts a transaction with a closed part.</summary>
    /// <param name="blockTime">Unix milliseconds; its UTC day is the cell's.</param>
    public void Add(Transaction transaction, long blockTime)
    {
        if (!transaction.HasClosedPart)
        {
            uncounted++;
            return;
        }

        foreach (var unit in Effects.AllPostings(transaction).Where(posting => posting.OfPerson).GroupBy(posting => posting.Unit))
        {
            var key = (transaction.Kind, transaction.Program, unit.Key, Limits.DayOf(blockTime));
            if (!cells.TryGetValue(key, out var cell))
            {
                cells[key] = cell = new Cell();
            }

            Int128 rises = 0, falls = 0;
            foreach (var posting in unit)
            {
                rises += Math.Max(0, posting.AmountMinor);
                falls -= Math.Min(0, posting.AmountMinor);
                if (cell.Accounts.Count < k)
                {
                    cell.Accounts.Add(posting.Account);
                }
            }

            cell.SumMinor += Int128.Max(rises, falls);
            cell.Count += transaction.Chunk is { } chunk ? chunk.Lines.Count - chunk.Unpaid.Count : 1;
        }
    }

    public PublicSums Sums()
    {
        var told = cells.Where(cell => IsLarge(cell.Value)).OrderBy(cell => (cell.Key.Day, cell.Key.Kind, cell.Key.Program, cell.Key.Unit))
            .Select(cell => new PublicCell(
                cell.Key.Kind.ToString(), cell.Key.Program.ToString(), cell.Key.Unit,
                DateOnly.FromDayNumber(DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber + (int)cell.Key.Day).ToString("O", CultureInfo.InvariantCulture),
                cell.Value.Count, cell.Value.SumMinor.ToString(CultureInfo.InvariantCulture)));
        var small = cells.Where(cell => !IsLarge(cell.Value)).GroupBy(cell => cell.Key.Unit).OrderBy(unit => unit.Key, StringComparer.Ordinal)
            .Select(unit => (Unit: unit.Key, Cells: unit.Count(), Sum: Merge(unit.Select(cell => cell.Value)))).ToArray();
        return new PublicSums(
            [.. told],
            [
                .. small.Where(unit => IsLarge(unit.Sum))
                    .Select(unit => new PublicOther(unit.Unit, unit.Sum.Count, unit.Sum.SumMinor.ToString(CultureInfo.InvariantCulture))),
            ],
            small.Where(unit => !IsLarge(unit.Sum)).Sum(unit => unit.Cells),
            uncounted);
    }

    private bool IsLarge(Cell cell) => cell.Count >= k && cell.Accounts.Count >= k;

    private static Cell Merge(IEnumerable<Cell> small)
    {
        var merged = new Cell();
        foreach (var cell in small)
        {
            merged.Count += cell.Count;
            merged.SumMinor += cell.SumMinor;
            merged.Accounts.UnionWith(cell.Accounts);
        }

        return merged;
    }

    private sealed class Cell
    {
        public long Count { get; set; }

        public Int128 SumMinor { get; set; }

        /// <summary>At most k of the accounts: enough to know that there are so many.</summary>
        public HashSet<Id> Accounts { get; } = [];
    }
}
