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
    public long TotalMinor => Parts.Sum(part => part.AmountMinor);

    /// <summary>The postings of a move: for each lot a debit and its credit.</summary>
    public IReadOnlyList<Posting> Postings() =>
    [
        .. Parts.SelectMany(part => new[]
        {
            new Posting(From.Account, From.OfPerson, Unit, part.Lot, -part.AmountMinor, From.Bucket),
            new Posting(To.Account, To.OfPerson, Unit, part.Lot, part.AmountMinor, To.Bucket),
        }),
    ];

    /// <summary>Reads a move and what rules added behind it; null when the postings do not begin with one.</summary>
    public static (PairedMove Move, Posting[] Legs)? Leading(IReadOnlyList<Posting> postings)
    {
        var end = 2;
        while (end + 2 <= postings.Count && Of([.. postings.Take(end + 2)]) is not null)
        {
            end += 2;
        }

        return Of([.. postings.Take(end)]) is { } move ? (move, [.. postings.Skip(end)]) : null;
    }

    /// <summary>Reads postings as a move; null when they are none.</summary>
    public static PairedMove? Of(IReadOnlyList<Posting> postings)
    {
        if (postings.Count < 2 || postings.Count % 2 != 0)
        {
            return null;
        }

        var from = new Side(postings[0].Account, postings[0].OfPerson, postings[0].Bucket);
        var to = new Side(postings[1].Account, postings[1].OfPerson, postings[1].Bucket);
        var unit = postings[0].Unit;
        var parts = new LotPart[postings.Count / 2];
        for (var index = 0; index < parts.Length; index++)
        {
            var (debit, credit) = (postings[2 * index], postings[(2 * index) + 1]);
            if (debit.AmountMinor is >= 0 or long.MinValue || credit.AmountMinor != -debit.AmountMinor || debit.Lot != credit.Lot
                || debit.Unit != unit || credit.Unit != unit
                || new Side(debit.Account, debit.OfPerson, debit.Bucket) != from || new Side(credit.Account, credit.OfPerson, credit.Bucket) != to
                || Array.Exists(parts[..index], part => part.Lot == debit.Lot))
            {
                return null;
            }

            parts[index] = new LotPart(debit.Lot, credit.AmountMinor);
        }

        return new PairedMove(from, to, unit, parts);
    }
}
