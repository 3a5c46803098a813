using Humanitarian.Domain.Lots;

namespace Humanitarian.Domain.Transactions;

/// <summary>One side of a move: an account and the part of its balance.</summary>
public readonly record struct Side(Id Account, bool OfPerson, Bucket Bucket)
{
    public static Side Available(Id account, bool ofPerson = false) => new(account, ofPerson, Bucket.Available);

    public static Side Held(Id account, bool ofPerson = false) => new(account, ofPerson, Bucket.Held);
}

/// <summary>Value that passes lot by lot from one side to another: what most transactions are.</summary>
/// <param name="Parts">Positive amounts by lot, each lot once.</param>
public sealed record PairedMove(Side From, Side To, string Unit, IReadOnlyList<LotPart> Parts)
{
    public long TotalMinor => Parts.Count == 1 ? Parts[0].AmountMinor : Parts.Sum(part => part.AmountMinor);

    /// <summary>The postings of a move: for each lot a debit and its credit.</summary>
    public IReadOnlyList<Posting> Postings()
    {
        var postings = new Posting[2 * Parts.Count];
        for (var index = 0; index < Parts.Count; index++)
        {
            var (lot, amount) = (Parts[index].Lot, Parts[index].AmountMinor);
            postings[2 * index] = new Posting(From.Account, From.OfPerson, Unit, lot, -amount, From.Bucket);
            postings[(2 * index) + 1] = new Posting(To.Account, To.OfPerson, Unit, lot, amount, To.Bucket);
        }

        return postings;
    }

    /// <summary>Reads a move and what rules added behind it; null when the postings do not begin with one.</summary>
    public static (PairedMove Move, Posting[] Legs)? Leading(IReadOnlyList<Posting> postings)
    {
        var all = postings as Posting[] ?? [.. postings];
        var end = 2;
        while (end + 2 <= all.Length && Of(all.AsSpan(0, end + 2)) is not null)
        {
            end += 2;
        }

        return all.Length >= 2 && Of(all.AsSpan(0, end)) is { } move ? (move, all[end..]) : null;
    }

    /// <summary>Reads postings as a move; null when they are none.</summary>
    public static PairedMove? Of(IReadOnlyList<Posting> postings) => Of((postings as Posting[] ?? [.. postings]).AsSpan());

    private static PairedMove? Of(ReadOnlySpan<Posting> postings)
    {
        if (postings.Length < 2 || postings.Length % 2 != 0)
        {
            return null;
        }

        var from = new Side(postings[0].Account, postings[0].OfPerson, postings[0].Bucket);
        var to = new Side(postings[1].Account, postings[1].OfPerson, postings[1].Bucket);
        var unit = postings[0].Unit;
        var parts = new LotPart[postings.Length / 2];
        for (var index = 0; index < parts.Length; index++)
        {
            var (debit, credit) = (postings[2 * index], postings[(2 * index) + 1]);
            if (debit.AmountMinor is >= 0 or long.MinValue || credit.AmountMinor != -debit.AmountMinor || debit.Lot != credit.Lot
                || debit.Unit != unit || credit.Unit != unit
                || new Side(debit.Account, debit.OfPerson, debit.Bucket) != from || new Side(credit.Account, credit.OfPerson, credit.Bucket) != to
                || IsAmong(parts.AsSpan(0, index), debit.Lot))
            {
                return null;
            }

            parts[index] = new LotPart(debit.Lot, credit.AmountMinor);
        }

        return new PairedMove(from, to, unit, parts);
    }

    private static bool IsAmong(ReadOnlySpan<LotPart> parts, Id lot)
    {
        foreach (var part in parts)
        {
            if (part.Lot == lot)
            {
                return true;
            }
        }

        return false;
    }
}
