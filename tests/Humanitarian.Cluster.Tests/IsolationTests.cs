using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>A silo that alone is cut off from the database makes room for the others.</summary>
public sealed class IsolationTests(PreparedCluster prepared)
{
    // Ten seconds until it gives the database up, looks that take as long as four, three for its end, and a busy machine.
    private static readonly TimeSpan LeavesWithin = TimeSpan.FromSeconds(25);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Silo_that_does_not_order_leaves_when_it_alone_loses_the_database() => CutOffAsync(rig => rig.Other);

    [Fact]
    public Task Silo_that_orders_leaves_when_it_alone_loses_the_database() => CutOffAsync(rig => rig.Sequencing);

    private async Task CutOffAsync(Func<ClusterRig, SiloProcess> choose)
    {
        await using var rig = await prepared.CopyAsync();
        await rig.StartAsync(Seed.Choose());
        var silo = choose(rig);
        silo.Database.Cut();
        var ended = silo.Process.EndAsync();
        await rig.UntilAsync(() => Task.FromResult(ended.IsCompleted), "the end of the silo that is cut off", LeavesWithin);
        Assert.Equal(1, await ended);
        await rig.AnsweredAsync();
        silo.Database.Heal();
        silo.Start();
        await silo.ReadyAsync();
        await rig.AnsweredAsync();
        await rig.EndAsync();
    }
}
