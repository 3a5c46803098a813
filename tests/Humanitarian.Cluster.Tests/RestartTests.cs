using System.Diagnostics;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>Silos are restarted in order, one after the other, as for a new version.</summary>
public sealed class RestartTests(PreparedCluster prepared)
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BesideOthers = TimeSpan.FromSeconds(30);

    [Fact]
    public Task Rolling_restart_under_load_acknowledges_something_all_the_time() => RestartAsync(BesideOthers);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Rolling_restart_under_load_acknowledges_something_every_ten_seconds() => RestartAsync(Promise);

    private async Task RestartAsync(TimeSpan within)
    {
        await using var rig = await prepared.CopyAsync();
        await rig.StartAsync(Seed.Choose());
        var began = Stopwatch.GetTimestamp();
        foreach (var silo in rig.Silos)
        {
            Assert.Equal(0, await silo.Process.TerminateAsync());
            silo.Start();
            await silo.ReadyAsync();
            await rig.AnsweredAsync();
        }

        var (gap, slowest) = (rig.Load.LongestGapSince(began), rig.Load.Slowest);
        await rig.EndAsync();
        Seed.Say($"nothing acknowledged for {gap.TotalSeconds:F1} s at most; the slowest command took {slowest.TotalSeconds:F1} s; asked again: {string.Join(", ", rig.Load.AskedAgain)}");
        Assert.True(gap < within, $"{gap}");
    }
}
