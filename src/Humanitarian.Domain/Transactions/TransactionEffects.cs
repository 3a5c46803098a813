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
    private ByAccount? byAccount;

    /// <summary>The transaction that these are the effects of: a copy made by <c>with</c> has its own.</summary>
    public Transaction Transaction => transaction;

    public IReadOnlyList<Id> Touched => touched;

    /// <exception cref="OverflowException">The changes do not fit 64 bits.</exception>
    public BalanceChange[] Changes => Found.Changes;

    private ByAccount Found => byAccount ??= touched.Length <= Few && transaction.Postings.Count <= 2 * Few && transaction.Chunk is null ? OfFew() : OfMany();

    /// <summary>What the account at an index of <see cref="Touched"/> sees of it.</summary>
    public ArraySegment<BalanceChange> ChangesAt(int index)
    {
        var found = Found;
        var start = index == 0 ? 0 : found.Ends[index - 1];
        return new ArraySegment<BalanceChange>(found.Changes, start, found.Ends[index] - start);
    }

    public int IndexOf(Id account) => Array.IndexOf(touched, account);

    private static Id[] TouchedBy(Transaction transaction)
    {
        if (transaction.Chunk is null && transaction.Postings.Count <= Few)
        {
            return TouchedByFew(transaction.Postings);
        }

        var touched = new List<Id>(Few);
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

    private static Id[] TouchedByFew(IReadOnlyList<Posting> postings)
    {
        Span<Id> found = stackalloc Id[Few];
        var count = 0;
        for (var index = 0; index < postings.Count; index++)
        {
            var account = postings[index].Account;
            if (!found[..count].Contains(account))
            {
                found[count++] = account;
            }
        }

        return found[..count].ToArray();
    }

    private ByAccount OfFew()
    {
        var found = new BalanceChange[transaction.Postings.Count];
        var ends = new int[touched.Length];
        var next = 0;
        for (var index = 0; index < touched.Length; index++)
        {
            var first = next;
            for (var at = 0; at < transaction.Postings.Count; at++)
            {
                var posting = transaction.Postings[at];
                if (posting.Account == touched[index])
                {
                    var place = first;
                    while (place < next && (found[place].Lot != posting.Lot || found[place].Unit != posting.Unit))
                    {
                        place++;
                    }

                    if (place == next)
                    {
                        found[next++] = new BalanceChange(posting.Account, posting.Unit, posting.Lot, 0, 0);
                    }

                    found[place] = Plus(found[place], posting);
                }
            }

            ends[index] = next;
        }

        return new ByAccount(next == found.Length ? found : found[..next], ends);
    }

    private ByAccount OfMany()
    {
        var flat = new List<BalanceChange>(touched.Length);
        var places = new Dictionary<(Id, string, Id), int>(touched.Length);
        foreach (var posting in Effects.AllPostings(transaction))
        {
            ref var place = ref CollectionsMarshal.GetValueRefOrAddDefault(places, (posting.Account, posting.Unit, posting.Lot), out var known);
            if (!known)
            {
                place = flat.Count;
                flat.Add(new BalanceChange(posting.Account, posting.Unit, posting.Lot, 0, 0));
            }

            flat[place] = Plus(flat[place], posting);
        }

        return Grouped(flat);
    }

    private static BalanceChange Plus(BalanceChange change, Posting posting) => posting.Bucket == Bucket.Available
        ? change with { AvailableMinor = checked(change.AvailableMinor + posting.AmountMinor) }
        : change with { HeldMinor = checked(change.HeldMinor + posting.AmountMinor) };

    /// <summary>Brings the changes of each account together, stably.</summary>
    private ByAccount Grouped(List<BalanceChange> flat)
    {
        var indexes = new Dictionary<Id, int>(touched.Length);
        for (var index = 0; index < touched.Length; index++)
        {
            indexes[touched[index]] = index;
        }

        var counts = new int[touched.Length];
        foreach (var change in flat)
        {
            counts[indexes[change.Account]]++;
        }

        var starts = new int[touched.Length];
        for (var index = 1; index < starts.Length; index++)
        {
            starts[index] = starts[index - 1] + counts[index - 1];
        }

        var grouped = new BalanceChange[flat.Count];
        foreach (var change in flat)
        {
            grouped[starts[indexes[change.Account]]++] = change;
        }

        return new ByAccount(grouped, starts);
    }

    /// <summary>Changes, those of each account together, and where each account's end.</summary>
    private sealed record ByAccount(BalanceChange[] Changes, int[] Ends);

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
