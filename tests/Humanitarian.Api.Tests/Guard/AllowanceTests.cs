using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Guard;

public sealed class AllowanceTests
{
    private readonly ManualTime time = new();

    [Fact]
    public void Bucket_refills_over_time_and_never_beyond_its_size()
    {
        var allowances = new Allowances<string>(time, 10, 2);
        Assert.Equal(new Allowance(0, TimeSpan.Zero), allowances.Take("a", 10));
        Assert.Equal(new Allowance(0, TimeSpan.FromSeconds(1.5)), allowances.Take("a", 3));
        time.Advance(TimeSpan.FromSeconds(1.5));
        Assert.True(allowances.Take("a", 3).Taken);
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(9, allowances.Take("a", 1).Remaining);
    }

    [Fact]
    public void Newcomer_beyond_the_bound_takes_the_place_of_full_buckets()
    {
        var allowances = new Allowances<string>(time, 1, 1, keysMax: 2);
        Assert.True(allowances.Take("a", 1).Taken && allowances.Take("b", 1).Taken);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(allowances.Take("b", 1).Taken && allowances.Take("c", 1).Taken);
        Assert.False(allowances.Take("b", 1).Taken);
        Assert.False(allowances.Take("c", 1).Taken);
    }

    [Fact]
    public void Newcomer_beyond_the_bound_empties_the_table_when_no_bucket_is_full()
    {
        var allowances = new Allowances<int>(time, 1, 1, keysMax: 2);
        Assert.All(Enumerable.Range(0, 1_000), key => Assert.True(allowances.Take(key, 1).Taken));
        Assert.True(allowances.Take(0, 1).Taken);
    }

    [Fact]
    public async Task Takers_at_the_same_time_take_no_more_than_there_is()
    {
        var allowances = new Allowances<int>(time, 1_000, 1);
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Enumerable.Range(0, 500).Count(_ => allowances.Take(0, 1).Taken))));
        Assert.Equal(1_000, taken.Sum());
    }
}
