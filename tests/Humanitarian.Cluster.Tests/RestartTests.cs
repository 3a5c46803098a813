using System.Diagnostics;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>Silos are restarted in order, one after the other, as for a new version.</summary>
public sealed class RestartTests(PreparedCluster prepared)
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Rolling_restart_under_load_acknowledges_something_all_the_time()
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
        Assert.True(gap < Promise, $"{gap}");
    }
}
