using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>Cables are pulled under load, and put back. A silo that ends because the others gave it up is started again, as a supervisor would.</summary>
public sealed class NetworkTests(PreparedCluster prepared)
{
    [Fact]
    public Task Silos_are_cut_off_from_each_other() => CutAsync(rig =>
    {
        Array.ForEach(rig.Silos, silo => silo.Peers.Cut());
        return () => Array.ForEach(rig.Silos, silo => silo.Peers.Heal());
    });

    [Fact]
    public Task What_the_silo_that_orders_sends_does_not_reach_the_other() => CutAsync(rig => OneWay(rig.Sequencing, rig.Other));

    [Fact]
    [Trait("Category", "Soak")]
    public Task What_the_other_silo_sends_does_not_reach_the_one_that_orders() => CutAsync(rig => OneWay(rig.Other, rig.Sequencing));

    [Fact]
    [Trait("Category", "Soak")]
    public Task What_the_database_answers_does_not_reach_the_silo_that_orders() => CutAsync(rig =>
    {
        var silo = rig.Sequencing;
        silo.Database.Cut(towards: false);
        return silo.Database.Heal;
    });

    /// <summary>Commands are answered while the network is cut, and after it is whole again.</summary>
    /// <param name="cut">Returns what makes it whole.</param>
    private async Task CutAsync(Func<ClusterRig, Action> cut)
    {
        await using var rig = await prepared.CopyAsync();
        await rig.StartAsync(Seed.Choose());
        var heal = cut(rig);

        // What was answered right after the cut may have been under way before.
        await rig.AnsweredAsync(30);
        await rig.AnsweredAsync(30);
        heal();
        await rig.MendAsync();
        await rig.AnsweredAsync();
        Seed.Say($"the slowest command took {rig.Load.Slowest.TotalSeconds:F1} s");
        await rig.EndAsync();
    }

    /// <summary>Either may have opened a connection; what one sends is lost on both.</summary>
    private static Action OneWay(SiloProcess sender, SiloProcess receiver)
    {
        sender.Peers.Cut(towards: false);
        receiver.Peers.Cut(answers: false);
        return () =>
        {
            sender.Peers.Heal();
            receiver.Peers.Heal();
        };
    }
}
