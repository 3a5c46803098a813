using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>A silo that stands still is given up by the others. Woken, it believes for a moment that nothing has happened: it must do no harm.</summary>
public sealed class EvictionTests(PreparedCluster prepared)
{
    [Fact]
    public Task Silo_that_orders_is_stopped_until_it_is_evicted_and_woken() => StopAsync(rig => rig.Sequencing);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Silo_that_does_not_order_is_stopped_until_it_is_evicted_and_woken() => StopAsync(rig => rig.Other);

    [Fact]
    public async Task Insert_of_an_old_sequencer_that_arrives_after_its_successor_has_ordered_changes_nothing()
    {
        await using var rig = await prepared.CopyAsync();
        await rig.StartAsync(Seed.Choose());
        var old = rig.Sequencing;

        // Under load it always has an insert under way; it lies in the network now, and its sender stands still.
        old.Database.Cut();
        await old.Process.SignalAsync("STOP");
        await EvictedAsync(rig);
        Assert.NotEqual(old, rig.Sequencing);

        // The late insert comes to the database before its sender learns anything, and the sender hears of it on waking.
        old.Database.Heal();
        await old.Process.SignalAsync("CONT");
        await LeavesAsync(rig, old);
        await rig.AnsweredAsync();
        await rig.EndAsync();
    }

    private async Task StopAsync(Func<ClusterRig, SiloProcess> choose)
    {
        await using var rig = await prepared.CopyAsync();
        await rig.StartAsync(Seed.Choose());
        var silo = choose(rig);
        await silo.Process.SignalAsync("STOP");
        await EvictedAsync(rig);
        await silo.Process.SignalAsync("CONT");
        await LeavesAsync(rig, silo);
        await rig.AnsweredAsync();
        await rig.EndAsync();
    }

    /// <summary>The other one has the cluster for itself, and answers.</summary>
    private static async Task EvictedAsync(ClusterRig rig)
    {
        await rig.UntilAsync(async () => await rig.ActiveAsync() == rig.Silos.Length - 1, "an eviction");
        await rig.AnsweredAsync(30);
    }

    /// <summary>Woken, it learns that it was given up, and ends; its supervisor starts it anew.</summary>
    private static async Task LeavesAsync(ClusterRig rig, SiloProcess silo)
    {
        await rig.UntilAsync(() => Task.FromResult(silo.Process.HasEnded), "the end of a silo that was evicted");
        Assert.NotEqual(0, await silo.Process.EndAsync());
        await rig.MendAsync();
    }
}
