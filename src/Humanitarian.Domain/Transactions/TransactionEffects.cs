using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Humanitarian.Domain.Transactions;

/// <summary>
/// The accounts and balances that a transaction touches, found once: the decision, the asked accounts, the sequencer, the tail and the
/// projections all ask for them.
/// </summary>
internal sealed class TransactionEffects(Transaction transaction)
{
    // Up to so many a look along a list is faster than a dictionary, and allocates nothing.
    private const int Few = 12;
    private readonly Id[] touched = TouchedBy(transaction);
    private BalanceChange[]? changes;
    private int[] ends = [];

    /// <summary>The transaction that these are the effects of: a copy made by <c>with</c> has its own.</summary>
    public Transaction Transaction => transaction;

    public IReadOnlyList<Id> Touched => touched;

    /// <exception cref="OverflowException">The changes do not fit 64 bits.</exception>
    public BalanceChange[] Changes
    {
        get
        {
            if (Volatile.Read(ref changes) is not { } known)
            {
                (known, ends) = ByAccount();
                Volatile.Write(ref changes, known);
            }

            return known;
        }
    }

    /// <summary>What the account at an index of <see cref="Touched"/> sees of it.</summary>
    public ArraySegment<BalanceChange> ChangesAt(int index)
    {
        var all = Changes;
        var start = index == 0 ? 0 : ends[index - 1];
        return new ArraySegment<BalanceChange>(all, start, ends[index] - start);
    }

    public int IndexOf(Id account) => Array.IndexOf(touched, account);

    private static Id[] TouchedBy(Transaction transaction)
    {
        var touched = new List<Id>(Math.Min(transaction.Postings.Count, Few));
        HashSet<Id>? seen = null;
        foreach (var posting in Effects.AllPostings(transaction))
        {
            if (seen is null ? !touched.Contains(posting.Account) : seen.Add(posting.Account))
            {
                touched.Add(posting.Account);
                seen ??= touched.Count > Few ? [.. touched] : null;
            }
        }

        return [.. touched];
    }

    private (BalanceChange[] Changes, int[] Ends) ByAccount()
    {
        var flat = new List<BalanceChange>(touched.Length);
        var places = Math.Max(touched.Length, transaction.Postings.Count) > 2 * Few ? new Dictionary<(Id, string, Id), int>() : null;
        foreach (var posting in Effects.AllPostings(transaction))
        {
            var place = PlaceOf(flat, places, posting);
            ref var change = ref CollectionsMarshal.AsSpan(flat)[place];
            change = posting.Bucket == Bucket.Available
                ? change with { AvailableMinor = checked(change.AvailableMinor + posting.AmountMinor) }
                : change with { HeldMinor = checked(change.HeldMinor + posting.AmountMinor) };
        }

        return Grouped(flat);
    }

    private static int PlaceOf(List<BalanceChange> flat, Dictionary<(Id, string, Id), int>? places, Posting posting)
    {
        if (places is null)
        {
            for (var index = 0; index < flat.Count; index++)
            {
                var known = flat[index];
                if (known.Account == posting.Account && known.Lot == posting.Lot && known.Unit == posting.Unit)
                {
                    return index;
                }
            }
        }
        else if (!places.TryAdd((posting.Account, posting.Unit, posting.Lot), flat.Count))
        {
            return places[(posting.Account, posting.Unit, posting.Lot)];
        }

        flat.Add(new BalanceChange(posting.Account, posting.Unit, posting.Lot, 0, 0));
        return flat.Count - 1;
    }

    /// <summary>Brings the changes of each account together, stably.</summary>
    private (BalanceChange[] Changes, int[] Ends) Grouped(List<BalanceChange> flat)
    {
        var indexes = touched.Length > Few ? new Dictionary<Id, int>(touched.Length) : null;
        for (var index = 0; indexes is not null && index < touched.Length; index++)
        {
            indexes[touched[index]] = index;
        }

        var counts = new int[touched.Length];
        foreach (var change in flat)
        {
            counts[Index(change.Account)]++;
        }

        var starts = new int[touched.Length];
        for (var index = 1; index < starts.Length; index++)
        {
            starts[index] = starts[index - 1] + counts[index - 1];
        }

        var grouped = new BalanceChange[flat.Count];
        foreach (var change in flat)
        {
            grouped[starts[Index(change.Account)]++] = change;
        }

        return (grouped, starts);

        int Index(Id account) => indexes is null ? Array.IndexOf(touched, account) : indexes[account];
    }

    /// <summary>Where a transaction keeps its effects: equality and <c>with</c> do not see it.</summary>
    internal struct Place : IEquatable<Place>
    {
        private TransactionEffects? effects;

        public TransactionEffects Of(Transaction transaction) =>
            effects is { } known && ReferenceEquals(known.Transaction, transaction) ? known : effects = new TransactionEffects(transaction);

        public readonly bool Equals(Place other) => true;

        public override readonly bool Equals([NotNullWhen(true)] object? obj) => obj is Place;

        public override readonly int GetHashCode() => 0;
    }
}
