using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Tests;

/// <summary>When load simulations let requests arrive.</summary>
public sealed class SimulationTests
{
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);

    [Fact]
    public void Arrival_i_of_an_even_injection_is_at_i_over_the_rate()
    {
        var arrivals = LoadSimulation.Inject(400, Ten).Arrivals(1).ToArray();
        Assert.Equal(4_000, arrivals.Length);
        Assert.Equal(TimeSpan.Zero, arrivals[0]);
        Assert.Equal(TimeSpan.FromMilliseconds(2.5), arrivals[1]);
        Assert.Equal(TimeSpan.FromSeconds(9.9975), arrivals[^1]);
    }

    [Fact]
    public void A_ramp_has_the_area_under_its_line_and_its_rate_at_both_ends()
    {
        var arrivals = LoadSimulation.RampingInject(0, 1_000, Ten).Arrivals(1).ToArray();
        Assert.Equal(5_000, arrivals.Length);
        Assert.InRange(arrivals.Count(at => at < TimeSpan.FromSeconds(1)), 49, 51);
        Assert.InRange(arrivals.Count(at => at >= TimeSpan.FromSeconds(9)), 949, 951);
        Assert.Equal(arrivals.Order(), arrivals);
    }

    [Fact]
    public void A_falling_ramp_mirrors_a_rising_one() =>
        Assert.InRange(LoadSimulation.RampingInject(1_000, 0, Ten).Arrivals(1).Count(at => at < TimeSpan.FromSeconds(1)), 949, 951);

    [Fact]
    public void A_random_injection_keeps_between_its_rates_and_repeats_by_its_seed()
    {
        var simulation = LoadSimulation.InjectRandom(100, 200, Ten);
        var perSecond = simulation.Arrivals(7).GroupBy(at => (int)at.TotalSeconds).Select(second => second.Count()).ToArray();
        Assert.Equal(10, perSecond.Length);
        Assert.All(perSecond, count => Assert.InRange(count, 99, 201));
        Assert.Equal(simulation.Arrivals(7), simulation.Arrivals(7));
        Assert.NotEqual(simulation.Arrivals(7), simulation.Arrivals(8));
    }

    [Fact]
    public void Closed_simulations_say_how_many_are_under_way()
    {
        Assert.Equal(50, LoadSimulation.RampingConstant(0, 100, Ten).CopiesAt(TimeSpan.FromSeconds(5)));
        Assert.Equal(100, LoadSimulation.KeepConstant(100, Ten).CopiesAt(TimeSpan.FromSeconds(9)));
        Assert.Equal(0, LoadSimulation.KeepConstant(100, Ten).CopiesAt(Ten));
        Assert.Equal(0, LoadSimulation.Pause(Ten).CopiesAt(TimeSpan.Zero));
    }

    [Theory]
    [InlineData("ramping-inject 0-5000 for 10s; inject 5000 for 60s; pause for 5s")]
    [InlineData("inject-random 100-500 for 30s")]
    [InlineData("ramping-constant 0-2000 for 10s; keep-constant 2000 for 0.5s")]
    public void What_is_read_is_written_the_same(string text) => Assert.Equal(text, string.Join("; ", LoadSimulation.Parse(text)));

    [Theory]
    [InlineData("inject 500")]
    [InlineData("flood 500 for 10s")]
    [InlineData("inject for 10s")]
    [InlineData("inject many for 10s")]
    public void What_is_no_simulation_is_refused(string text) => Assert.Throws<FormatException>(() => LoadSimulation.Parse(text));

    [Fact]
    public void A_zipf_feed_prefers_the_first_and_a_uniform_one_nobody()
    {
        var feed = Feeds.Zipf(1_000, 1, 3);
        var hits = Enumerable.Range(0, 100_000).Select(request => feed(request)).GroupBy(item => item).ToDictionary(item => item.Key, item => item.Count());
        Assert.InRange(hits[0] / (double)hits[9], 8, 12.5);
        var even = Feeds.Uniform(10, 3);
        Assert.All(Enumerable.Range(0, 100_000).GroupBy(request => even(request)), item => Assert.InRange(item.Count(), 9_500, 10_500));
    }
}
