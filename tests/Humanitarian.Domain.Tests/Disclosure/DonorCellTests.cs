using CsCheck;
using Humanitarian.Domain.Disclosure;

namespace Humanitarian.Domain.Tests.Disclosure;

/// <summary>What donors are told, against histories in which it is known who did what.</summary>
public sealed class DonorCellTests
{
    private const int Least = 10;

    private static readonly Gen<long[]> Shares = Gen.OneOf(
        Gen.Select(Gen.Int[1, 60], Gen.Long[1, 5_000], (count, share) => Enumerable.Repeat(share, count).ToArray()),
        Gen.Long[1, 40].Array[1, 60],
        Gen.Long[1, 1_000_000_000_000].Array[1, 40],
        Gen.Long[1, 9].Array[Least, 400]);

    [Fact]
    public void Every_figure_is_nothing_or_the_money_of_so_many_households() => Stories.Sample(story =>
    {
        var floor = Floor(story.Cell);
        foreach (var told in story.Moments.Select(moment => story.Cell.Tell(moment, Least)))
        {
            Assert.All(FiguresOf(told, story.Cell.TotalMinor), figure => Assert.True(figure == 0 || figure >= floor, $"{figure} of {story.Cell}"));
        }
    }, iter: 800);

    [Fact]
    public void Figures_add_up_and_lag_behind_what_is_so() => Stories.Sample(story =>
    {
        foreach (var so in story.Moments)
        {
            var told = story.Cell.Tell(so, Least);
            Assert.Equal(story.Cell.TotalMinor, FiguresOf(told, story.Cell.TotalMinor).Take(5).Sum());
            Assert.InRange(told.RedeemedMinor, 0, so.RedeemedMinor);
            Assert.InRange(told.SettledMinor, 0, Math.Min(so.SettledMinor, told.RedeemedMinor));
            Assert.InRange(told.DisbursedMinor, 0, so.DisbursedMinor);
            Assert.InRange(told.SentMinor, 0, so.SentMinor);
            Assert.InRange(told.DeliveredMinor, 0, Math.Min(so.DeliveredMinor, told.SentMinor));
        }
    }, iter: 800);

    [Fact]
    public void Two_answers_differ_by_nothing_or_by_the_money_of_so_many_households() => Stories.Sample(story =>
    {
        var floor = Floor(story.Cell);
        var told = story.Moments.ConvertAll(moment => Growing(story.Cell.Tell(moment, Least)));
        for (var earlier = 0; earlier < told.Count; earlier++)
        {
            for (var later = earlier; later < told.Count; later += 1 + (told.Count / 20))
            {
                Assert.All(told[earlier].Zip(told[later]), pair => Assert.True(pair.Second == pair.First || pair.Second - pair.First >= floor, $"{pair} of {story.Cell}"));
            }
        }
    }, iter: 250);

    [Fact]
    public void What_is_told_of_redemptions_was_redeemed_by_so_many_households() => Stories.Sample(story =>
    {
        long before = 0;
        for (var moment = 0; moment < story.Moments.Count; moment++)
        {
            var told = story.Cell.Tell(story.Moments[moment], Least).RedeemedMinor;
            Assert.True(told == 0 || story.Redeemers[moment] >= Least, $"{told} by {story.Redeemers[moment]}");
            Assert.True(told >= before);
            before = told;
        }
    }, iter: 800);

    [Fact]
    public void What_is_complete_is_told_whole() => Shares.Sample(shares =>
    {
        var cell = CellOf(shares);
        var whole = new CellFlows(cell.TotalMinor, 0, cell.TotalMinor, cell.TotalMinor, 0, 0);
        Assert.Equal(shares.Length >= Least ? whole : default, cell.Tell(whole, Least));
    }, iter: 800);

    [Fact]
    public void Small_lists_are_told_together_and_never_regrouped() => Gen.Select(Gen.Int[0, 12], Gen.Int[0, 30], Gen.Int[0, 9]).Array[0, 25].Sample(lists =>
    {
        var released = lists.Select((list, place) =>
        {
            // Households overlap: a list names some of thirty.
            HouseholdShare[] lines = [.. Enumerable.Range(list.Item2, list.Item1).Select(n => new HouseholdShare(new Id(1, (ulong)(n % 30)), 100 + list.Item3))];
            return (Lot: new Id(2, (ulong)place), Lines: lines, Total: lines.Sum(line => line.AmountMinor), Cover: ListCover.Of([.. lines], Least));
        }).ToArray();
        IReadOnlyList<DonorCell> Cells(int count) => DonorCell.Of(released.Take(count).Select(list => (list.Lot, list.Total, list.Cover)), Least);

        var all = Cells(released.Length);
        Assert.Equal(all.SelectMany(cell => cell.Lots).Distinct().Count(), all.Sum(cell => cell.Lots.Count));
        foreach (var cell in all)
        {
            var lines = released.Where(list => cell.Lots.Contains(list.Lot)).SelectMany(list => list.Lines).GroupBy(line => line.Household).ToArray();
            Assert.Equal(lines.Length, cell.Households);
            Assert.InRange(cell.Households, Least, long.MaxValue);
            Assert.Equal(lines.Max(household => household.Sum(line => line.AmountMinor)), cell.LargestMinor);
            Assert.Equal(lines.Sum(household => household.Sum(line => line.AmountMinor)), cell.TotalMinor);
        }

        for (var count = 0; count < released.Length; count++)
        {
            var before = Cells(count);
            Assert.All(before, cell => Assert.Contains(all, later => later.Lots.SequenceEqual(cell.Lots)));
        }
    }, iter: 800);

    [Theory]
    [InlineData(100, 100)]
    [InlineData(103, 127)]
    [InlineData(65, 127)]
    public void Lists_of_differing_shares_tell_the_largest_by_no_more_than_a_factor_of_two(long largest, long asWell)
    {
        // 1,000 households, of which one has more than the others.
        DonorCell Cell(long share) => new([new Id(3, 3)], 1_000_000, 1_000, share);
        Assert.Equal(1_000_000 / (128 * 16), new DonorCell([new Id(3, 3)], 1_000_000, 1_000, 128).Steps(16));
        Assert.Equal(Cell(largest).Steps(16), Cell(asWell).Steps(16));
        Assert.Equal(100, new DonorCell([new Id(3, 3)], 100_000, 1_000, 100).Steps(Least));
    }

    [Fact]
    public void A_list_counts_households_not_lines()
    {
        var (one, other) = (new Id(1, 1), new Id(1, 2));
        var cover = ListCover.Of([new(other, 5), new(one, 3), new(other, 4)], 3);
        Assert.Equal((2, 9), (cover.Households, cover.LargestMinor));
        Assert.Equal([new HouseholdShare(one, 3), new HouseholdShare(other, 9)], cover.Few);
        Assert.Empty(ListCover.Of([new(other, 5), new(one, 3), new(other, 4)], 2).Few);
    }

    private sealed record Story(DonorCell Cell, List<CellFlows> Moments, List<int> Redeemers);

    /// <summary>Households are credited, redeem bit by bit and are settled; what is left of some expires. Every moment is kept.</summary>
    private static Gen<Story> Stories => Gen.Select(Shares, Gen.Int[0, 3], Gen.Int[0, int.MaxValue]).Select((shares, kind, seed) =>
    {
        var (cell, left, redeemers) = (CellOf(shares), shares.ToArray(), new HashSet<int>());
        var (flows, moments, counts) = (default(CellFlows), new List<CellFlows> { default }, new List<int> { 0 });
        void Note(CellFlows next)
        {
            flows = next;
            moments.Add(next);
            counts.Add(redeemers.Count);
        }

        uint state = (uint)seed | 1;
        uint Next(int below)
        {
            state = unchecked((state * 1_664_525) + 1_013_904_223);
            return (state >> 8) % (uint)below;
        }

        for (var who = 0; who < shares.Length; who++)
        {
            // One in eight is never paid.
            left[who] = Next(8) == 0 && kind > 0 ? 0 : shares[who];
            Note(kind == 3 ? flows with { SentMinor = flows.SentMinor + left[who] } : flows with { DisbursedMinor = flows.DisbursedMinor + left[who] });
        }

        for (var step = 0; step < shares.Length * 2; step++)
        {
            var who = (int)Next(shares.Length);
            var amount = Next(3) == 0 ? left[who] : left[who] / 2;
            if (amount == 0)
            {
                continue;
            }

            left[who] -= amount;
            redeemers.Add(who);
            Note(kind == 3 ? flows with { DeliveredMinor = flows.DeliveredMinor + amount }
                : flows with { RedeemedMinor = flows.RedeemedMinor + amount, SettledMinor = Next(2) == 0 ? flows.RedeemedMinor : flows.SettledMinor });
        }

        for (var who = 0; who < shares.Length && kind == 2; who++)
        {
            Note(flows with { ExpiredMinor = flows.ExpiredMinor + left[who] });
        }

        return new Story(cell, moments, counts);
    });

    private static DonorCell CellOf(long[] shares) => new([new Id(3, 3)], shares.Sum(), shares.Length, shares.Max());

    /// <summary>What so many households have, or all of them where some have much less than others.</summary>
    private static long Floor(DonorCell cell) => Math.Min(Least * cell.LargestMinor, cell.TotalMinor);

    /// <summary>The parts of a cell's total as a donor sees them, then what is settled of the redeemed and what is not.</summary>
    private static long[] FiguresOf(CellFlows told, long total) =>
    [
        total - told.DisbursedMinor - told.SentMinor, told.RedeemedMinor, told.ExpiredMinor, told.DisbursedMinor - told.RedeemedMinor - told.ExpiredMinor, told.SentMinor,
        told.DeliveredMinor, told.SentMinor - told.DeliveredMinor, told.SettledMinor, told.RedeemedMinor - told.SettledMinor,
    ];

    private static long[] Growing(CellFlows told) =>
        [told.DisbursedMinor, told.ExpiredMinor, told.RedeemedMinor, told.SettledMinor, told.SentMinor, told.DeliveredMinor];
}
