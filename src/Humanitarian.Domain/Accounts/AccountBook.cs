using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Accounts;

/// <summary>
/// The balances of one account by unit and lot, in minor units: what is durable, and what open reservations take from it. Small, so
/// that lists serve it better than dictionaries.
/// </summary>
public sealed class AccountBook
{
    private readonly List<Row> rows = [];

    /// <summary>Number of the last entry.</summary>
    public ulong Entries { get; set; }

    /// <summary>The units in which the account has or had a balance.</summary>
    public IEnumerable<string> Units => rows.Select(row => row.Unit).Distinct();

    /// <summary>True when nothing is left or set aside in any unit; what shadow units count does not matter.</summary>
    public bool IsEmpty => rows.TrueForAll(row => row is { Available: 0, Held: 0 } || UnitRecord.IsShadow(row.Unit));

    /// <summary>What may be spent now, reservations taken off.</summary>
    public long Available(string unit) => Sum(unit, row => row.Available - row.ReservedAvailable);

    /// <summary>What holds set aside, reserved captures taken off.</summary>
    public long Held(string unit) => Sum(unit, row => row.Held - row.ReservedHeld);

    /// <summary>The most the account may come to have: durable balances and reserved credits.</summary>
    public long Highest(string unit) => Sum(unit, row => checked(row.Available + row.Held + row.Incoming));

    /// <summary>What may be spent of one lot.</summary>
    public long AvailableOf(string unit, Id lot) => Find(unit, lot) is { } row ? row.Available - row.ReservedAvailable : 0;

    /// <summary>What holds set aside of one lot.</summary>
    public long HeldOf(string unit, Id lot) => Find(unit, lot) is { } row ? row.Held - row.ReservedHeld : 0;

    /// <summary>Lots with something to spend, in no particular order.</summary>
    public IEnumerable<LotPart> Lots(string unit) =>
        from row in rows
        where row.Unit == unit && row.Available - row.ReservedAvailable > 0
        select new LotPart(row.Lot, row.Available - row.ReservedAvailable);

    /// <summary>Every durable balance.</summary>
    public IEnumerable<BalanceChange> Balances(Id account) =>
        from row in rows
        where row.Available != 0 || row.Held != 0
        select new BalanceChange(account, row.Unit, row.Lot, row.Available, row.Held);

    /// <summary>Turns a durable change into balance.</summary>
    /// <exception cref="OverflowException">The balance does not fit 64 bits.</exception>
    public void Apply(BalanceChange change)
    {
        var row = FindOrAdd(change.Unit, change.Lot);
        row.Available = checked(row.Available + change.AvailableMinor);
        row.Held = checked(row.Held + change.HeldMinor);
        if (row.IsIdle)
        {
            rows.Remove(row);
        }
    }

    /// <summary>Takes what a change would take, before it is durable.</summary>
    public void Reserve(BalanceChange change) => Reserve(change, 1);

    /// <summary>Gives a reservation back, when its transaction is refused or just before it is applied.</summary>
    public void Release(BalanceChange change) => Reserve(change, -1);

    private void Reserve(BalanceChange change, int sign)
    {
        var row = FindOrAdd(change.Unit, change.Lot);
        row.ReservedAvailable += sign * Math.Max(0, -change.AvailableMinor);
        row.ReservedHeld += sign * Math.Max(0, -change.HeldMinor);
        row.Incoming += sign * Math.Max(0, change.AvailableMinor + change.HeldMinor);
        if (row.IsIdle)
        {
            rows.Remove(row);
        }
    }

    private long Sum(string unit, Func<Row, long> value)
    {
        long sum = 0;
        foreach (var row in rows)
        {
            if (row.Unit == unit)
            {
                sum = checked(sum + value(row));
            }
        }

        return sum;
    }

    private Row? Find(string unit, Id lot)
    {
        foreach (var row in rows)
        {
            if (row.Lot == lot && row.Unit == unit)
            {
                return row;
            }
        }

        return null;
    }

    private Row FindOrAdd(string unit, Id lot)
    {
        if (Find(unit, lot) is { } row)
        {
            return row;
        }

        row = new Row(unit, lot);
        rows.Add(row);
        return row;
    }

    private sealed class Row(string unit, Id lot)
    {
        public string Unit { get; } = unit;

        public Id Lot { get; } = lot;

        public long Available { get; set; }

        public long Held { get; set; }

        public long ReservedAvailable { get; set; }

        public long ReservedHeld { get; set; }

        public long Incoming { get; set; }

        public bool IsIdle => (Available, Held, ReservedAvailable, ReservedHeld, Incoming) == (0, 0, 0, 0, 0);
    }
}
