using System.Diagnostics;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>The database dies, is restarted, gets slow and fills up under load. Nobody touches the silos: they go on by themselves.</summary>
public sealed class DatabaseTests(PreparedCluster prepared)
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(50);

    [Fact]
    public Task Postmaster_is_killed_and_started_again() => SurvivesAsync(rig => OutageAsync(rig, prepared.Server.KillAsync));

    [Fact]
    public Task Database_is_restarted_in_order() => SurvivesAsync(rig => OutageAsync(rig, prepared.Server.StopAsync));

    [Fact]
    public Task Session_is_killed_and_takes_all_others_with_it() => SurvivesAsync(async rig =>
    {
        var session = await prepared.Server.RowsAsync($"SELECT pid FROM pg_stat_activity WHERE datname = '{rig.Database}' AND usename = '{PreparedCluster.Role}' LIMIT 1");
        using var kill = Process.Start("kill", ["-KILL", session.Single()]);
        await kill.WaitForExitAsync();
    });

    [Fact]
    public Task Database_is_slow_for_every_silo() => SurvivesAsync(rig => SlowAsync(rig, rig.Silos));

    [Fact]
    [Trait("Category", "Soak")]
    public Task Database_is_slow_for_the_silo_that_orders() => SurvivesAsync(rig => SlowAsync(rig, rig.Sequencing));

    [Fact]
    public async Task Disk_of_the_database_is_full_until_somebody_frees_space()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can mount a small disk.");
        await using var disk = await SmallDisk.MountAsync(prepared.Server);
        await SurvivesAsync(
            async rig =>
            {
                disk.Fill();
                await rig.UntilAsync(async () => !await AnyReadyAsync(rig), "silos that say they are not ready");
                Assert.Contains("disk is full", rig.Sequencing.Process.Text, StringComparison.Ordinal);
                disk.Free();
            },
            disk.Tablespace);
    }

    /// <summary>Something happens to the database, twice; after each, commands are answered without anybody's help.</summary>
    private async Task SurvivesAsync(Func<ClusterRig, Task> disturb, string? tablespace = null)
    {
        await using var rig = await prepared.CopyAsync(tablespace: tablespace);
        await rig.StartAsync(Seed.Choose());
        for (var time = 0; time < 2; time++)
        {
            await disturb(rig);
            var over = Stopwatch.GetTimestamp();
            await rig.AnsweredAsync();
            Seed.Say($"{Stopwatch.GetElapsedTime(over).TotalSeconds:F1} s to 100 answers");
        }

        Assert.All(rig.Silos, silo => Assert.False(silo.Process.HasEnded));
        await rig.EndAsync();
    }

    private async Task OutageAsync(ClusterRig rig, Func<Task> stop)
    {
        await stop();
        await rig.UntilAsync(async () => !await AnyReadyAsync(rig), "silos that say they are not ready");
        await prepared.Server.StartAgainAsync();
    }

    private static async Task SlowAsync(ClusterRig rig, params SiloProcess[] silos)
    {
        Array.ForEach(silos, silo => silo.Database.Delay = Slow);
        await rig.AnsweredAsync();
        Array.ForEach(silos, silo => silo.Database.Delay = TimeSpan.Zero);
    }

    private static async Task<bool> AnyReadyAsync(ClusterRig rig) => (await Task.WhenAll(rig.Silos.Select(silo => silo.IsReadyAsync()))).Contains(true);
}
