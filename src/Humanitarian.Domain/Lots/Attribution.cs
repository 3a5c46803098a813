namespace Humanitarian.Domain.Lots;

/// <summary>
/// Whose money leaves a lot first. The units of a lot stand in a fixed sequence given by the D'Hondt divisor method over its parts
/// (Jefferson; ties go to the earlier part), so that the parts of the first n units never shrink as n grows, as a largest-remainder
/// split's may, and the parts of all units are exactly the lot's parts.
/// </summary>
/// <remarks>
/// What is redeemed and settled takes units from the front of the sequence, what is never delivered or expires from its end. So the
/// parts of each flow follow from its total alone, and settled ≤ redeemed ≤ disbursed holds for every part.
/// </remarks>
public static class Attribution
{
    /// <summary>How many of the first <paramref name="count"/> units belong to each part, in minor units.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative or exceeds the sum of the parts.</exception>
    public static long[] First(IReadOnlyList<LotPart> parts, long count)
    {
        Int128 total = 0;
        foreach (var part in parts)
        {
            total += part.AmountMinor;
        }

        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, total);
        var taken = new long[parts.Count];
        var left = count;
        for (var index = 0; index < taken.Length; index++)
        {
            // D'Hondt gives every part at least the whole number below its exact share, so the sequence may start there.
            taken[index] = total == 0 ? 0 : (long)((Int128)parts[index].AmountMinor * count / total);
            left -= taken[index];
        }

        for (; left > 0; left--)
        {
            taken[Next(parts, taken)]++;
        }

        return taken;
    }

    /// <summary>The parts of the units from <paramref name="from"/> up to <paramref name="to"/> in the sequence; empty parts are left out.</summary>
    public static IReadOnlyList<LotPart> Between(IReadOnlyList<LotPart> parts, long from, long to)
    {
        var before = First(parts, from);
        var after = First(parts, to);
        return [.. parts.Select((part, index) => new LotPart(part.Lot, after[index] - before[index])).Where(part => part.AmountMinor > 0)];
    }

    private static int Next(IReadOnlyList<LotPart> parts, long[] taken)
    {
        var best = -1;
        for (var index = 0; index < taken.Length; index++)
        {
            if (taken[index] < parts[index].AmountMinor
                && (best < 0
                    || (Int128)parts[index].AmountMinor * (taken[best] + 1) > (Int128)parts[best].AmountMinor * (taken[index] + 1)))
            {
                best = index;
            }
        }

        return best;
    }
}
