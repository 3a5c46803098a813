using System.Diagnostics;
using CsCheck;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Lots;

public sealed class AttributionTests
{
    private static readonly Gen<long[]> Small = Gen.Long[1, 40].Array[1, 6];

    private static readonly Gen<long[]> Any = Gen.OneOf(
        Small, Gen.Long[1, 1_000_000_000_000].Array[1, 40], Gen.Long[1, long.MaxValue / 8].Array[1, 8], Gen.Long[1, 3].Array[1, 300]);

    [Fact]
    public void The_sequence_is_that_of_seats_given_one_by_one() => Small.Sample(
        sizes =>
        {
            var taken = new long[sizes.Length];
            var parts = Parts(sizes);
            for (long count = 0; count <= sizes.Sum(); count++)
            {
                Assert.Equal(taken, Attribution.First(parts, count));
                // D'Hondt by hand: the next unit goes to the greatest size / (taken + 1), the earlier one of equals.
                var next = Enumerable.Range(0, sizes.Length).Where(part => taken[part] < sizes[part])
                    .OrderByDescending(part => part, Comparer<int>.Create((a, b) => (sizes[a] * (taken[b] + 1)).CompareTo(sizes[b] * (taken[a] + 1))))
                    .ThenBy(part => part).Cast<int?>().FirstOrDefault();
                if (next is { } part)
                {
                    taken[part]++;
                }
            }
        },
        iter: 2_000);

    [Fact]
    public void Parts_sum_to_the_count_and_never_shrink() => Gen.Select(Any, Gen.Double[0, 1], Gen.Double[0, 1]).Sample(
        (sizes, x, y) =>
        {
            var parts = Parts(sizes);
            var total = sizes.Sum();
            var (low, high) = (At(Math.Min(x, y), total), At(Math.Max(x, y), total));
            var (before, after) = (Attribution.First(parts, low), Attribution.First(parts, high));
            Assert.Equal(low, before.Sum());
            Assert.Equal(high, after.Sum());
            Assert.All(before.Zip(after), pair => Assert.True(pair.First <= pair.Second));
            Assert.All(after.Zip(sizes), pair => Assert.True(pair.First <= pair.Second));
            Assert.Equal(high - low, Attribution.Between(parts, low, high).Sum(part => part.AmountMinor));
            Assert.All(Attribution.Between(parts, low, high), part => Assert.True(part.AmountMinor > 0));
        },
        iter: 20_000);

    [Fact]
    public void All_units_are_exactly_the_parts() => Any.Sample(
        sizes => Assert.Equal(sizes, Attribution.First(Parts(sizes), sizes.Sum())), iter: 5_000);

    [Fact]
    public void A_step_of_one_unit_goes_to_one_part() => Gen.Select(Any, Gen.Double[0, 1]).Sample(
        (sizes, x) =>
        {
            var from = Math.Min(At(x, sizes.Sum()), sizes.Sum() - 1);
            Assert.Equal(1, Assert.Single(Attribution.Between(Parts(sizes), from, from + 1)).AmountMinor);
        },
        iter: 5_000);

    [Theory]
    [InlineData(new long[] { 5, 5, 5 }, 1, new long[] { 1, 0, 0 })]
    [InlineData(new long[] { 5, 5, 5 }, 2, new long[] { 1, 1, 0 })]
    [InlineData(new long[] { 1, 2, 1 }, 2, new long[] { 1, 1, 0 })]
    [InlineData(new long[] { 2, 1 }, 2, new long[] { 2, 0 })]
    [InlineData(new long[] { long.MaxValue }, long.MaxValue, new long[] { long.MaxValue })]
    [InlineData(new long[] { long.MaxValue - 1, 1 }, long.MaxValue - 1, new long[] { long.MaxValue - 1, 0 })]
    [InlineData(new long[] { long.MaxValue / 2, long.MaxValue / 2 }, long.MaxValue / 2, new long[] { (long.MaxValue / 4) + 1, long.MaxValue / 4 })]
    public void Ties_go_to_the_earlier_part(long[] sizes, long count, long[] expected) =>
        Assert.Equal(expected, Attribution.First(Parts(sizes), count));

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    public void A_count_outside_the_parts_is_a_fault(long count) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Attribution.First(Parts([1, 2]), count));

    [Fact]
    public void Nothing_has_no_parts() => Assert.Empty(Attribution.Between(Parts([3, 4]), 3, 3));

    [Fact]
    public void A_thousand_parts_of_large_amounts_take_moments()
    {
        var parts = Parts([.. Enumerable.Range(1, 1_000).Select(part => 1_000_000_000_000L + part)]);
        var clock = Stopwatch.StartNew();
        for (var round = 1; round <= 10; round++)
        {
            Assert.Equal(round * 99_999_999L, Attribution.First(parts, round * 99_999_999L).Sum());
        }

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed} for ten attributions over a thousand parts");
    }

    private static LotPart[] Parts(long[] sizes) => [.. sizes.Select((size, index) => new LotPart(World.IdOf($"part {index}"), size))];

    private static long At(double share, long total) => Math.Min(total, (long)((decimal)total * (decimal)share));
}
