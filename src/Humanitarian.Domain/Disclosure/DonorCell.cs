namespace Humanitarian.Domain.Disclosure;

/// <summary>What has become of people's money in a cell, in minor units. A donor is told it only through <see cref="DonorCell.Tell(CellFlows, int)"/>.</summary>
/// <param name="DisbursedMinor">Credited to them, what has expired since included.</param>
/// <param name="SentMinor">With a provider or paid out by one.</param>
/// <param name="DeliveredMinor">Paid out by a provider; never above what was sent.</param>
public readonly record struct CellFlows(
    long DisbursedMinor, long ExpiredMinor, long RedeemedMinor, long SettledMinor, long SentMinor, long DeliveredMinor);

/// <summary>A disbursement, or several small ones together, as one cell of what donors are told: it covers enough households.</summary>
/// <param name="Lots">The disbursements' lots.</param>
/// <param name="TotalMinor">Sum of their lists, in minor units.</param>
/// <param name="Households">Distinct households on them.</param>
/// <param name="LargestMinor">The most that one household has on them, in minor units.</param>
/// <remarks>
/// <para>
/// A cell's total is cut into equal steps of at least what <c>least</c> households of the largest share have. A figure is told up to
/// the last step that it has passed, the whole only when nothing is missing. So every figure told of a cell, every difference of two of
/// them, and every difference of two answers at any two times is a number of whole steps: nothing, or the money of at least that
/// many households. A figure lags: what it does not tell yet stands where it was before (redeemed is still held, credited still
/// unspent), so that the figures always sum to the total.
/// </para>
/// <para>
/// A list of fewer households is told only together with those released after it, once they cover enough; the others of the cell
/// never change afterwards.
/// </para>
/// </remarks>
public sealed record DonorCell(IReadOnlyList<Id> Lots, long TotalMinor, long Households, long LargestMinor)
{
    /// <summary>Fewest households that a figure of a donor covers, unless it is configured otherwise.</summary>
    public const int DefaultLeast = 10;

    /// <summary>True for several small disbursements that are told as one.</summary>
    public bool IsMerged => Lots.Count > 1;

    /// <summary>The cells of a program's disbursements in the order of their release. Small ones that do not make up a cell yet are left out.</summary>
    public static IReadOnlyList<DonorCell> Of(IEnumerable<(Id Lot, long TotalMinor, ListCover Cover)> released, int least)
    {
        var cells = new List<DonorCell>();
        var (waiting, total, shares) = (new List<Id>(), 0L, new Dictionary<Id, long>());
        foreach (var (lot, totalMinor, cover) in released)
        {
            if (cover.Households >= least)
            {
                cells.Add(new DonorCell([lot], totalMinor, cover.Households, cover.LargestMinor));
                continue;
            }

            waiting.Add(lot);
            total = checked(total + totalMinor);
            foreach (var share in cover.Few)
            {
                shares[share.Household] = checked(shares.GetValueOrDefault(share.Household) + share.AmountMinor);
            }

            if (shares.Count >= least)
            {
                cells.Add(new DonorCell(waiting, total, shares.Count, shares.Values.Max()));
                (waiting, total, shares) = ([], 0, []);
            }
        }

        return cells;
    }

    /// <summary>Into how many steps the total is cut; 0 for a cell of too few households, of which nothing is told.</summary>
    public long Steps(int least)
    {
        if (Households < least || TotalMinor <= 0 || LargestMinor <= 0)
        {
            return 0;
        }

        var step = (Int128)least * LargestMinor;
        if ((Int128)LargestMinor * Households != TotalMinor)
        {
            // Where shares differ, a step's length would tell the largest, which is one household's: it is a power of two or more.
            for (step--; (step & (step + 1)) != 0;)
            {
                step |= step >> 1;
            }

            step++;
        }

        return Math.Max(1, (long)(TotalMinor / step));
    }

    /// <summary>What a donor is told of a part of the cell's money: whole steps of it, so that several parts never sum to more than the whole.</summary>
    public long Tell(long amountMinor, int least) => Steps(least) is > 0 and var steps ? Amount(Passed(amountMinor, steps), steps) : 0;

    /// <summary>What a donor is told.</summary>
    /// <param name="flows">What is so; redeemed and expired sum to at most what was disbursed, that and what was sent to at most the total.</param>
    public CellFlows Tell(CellFlows flows, int least)
    {
        var steps = Steps(least);
        if (steps == 0)
        {
            return default;
        }

        long Told(long amountMinor) => Amount(Passed(amountMinor, steps), steps);
        var disbursed = Passed(flows.DisbursedMinor, steps);

        // What expires leaves from the end of what was credited, so that what is told of redemptions never moves because of it.
        return new CellFlows(
            Amount(disbursed, steps), Amount(disbursed, steps) - Amount(disbursed - Passed(flows.ExpiredMinor, steps), steps), Told(flows.RedeemedMinor),
            Told(flows.SettledMinor), Told(flows.SentMinor), Told(flows.DeliveredMinor));
    }

    private long Passed(long amountMinor, long steps) => (long)((Int128)amountMinor * steps / TotalMinor);

    private long Amount(long step, long steps) => (long)((Int128)TotalMinor * step / steps);
}
