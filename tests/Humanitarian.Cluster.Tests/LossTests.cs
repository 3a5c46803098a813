using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;
using Humanitarian.Host.Configuration;
using Orleans.Configuration;

namespace Humanitarian.Cluster.Tests;

/// <summary>Silos and the database die under load. HUMANITARIAN_CRASH_SEED repeats a run's choices; HUMANITARIAN_SILO_KILLS says how often the soak kills.</summary>
public sealed class LossTests(PreparedCluster prepared)
{
    private const int Kills = 2;
    private const string SoakKills = "20";

    // The promise; a machine that is busy with other things needs some of it itself.
    private static readonly TimeSpan AnswersAgainWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswersAgainByDefaultsWithin = TimeSpan.FromSeconds(30);

    [Fact]
    public Task Silo_that_orders_is_killed_under_load() => KillAsync(Kills, rig => rig.Sequencing);

    [Fact]
    public Task Silo_that_does_not_order_is_killed_under_load() => KillAsync(Kills, rig => rig.Other);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Silo_that_orders_is_killed_twenty_times() => KillAsync(Soaked, rig => rig.Sequencing);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Silo_that_does_not_order_is_killed_twenty_times() => KillAsync(Soaked, rig => rig.Other);

    /// <summary>What the shipped probe settings gain.</summary>
    [Fact]
    [Trait("Category", "Soak")]
    public Task Silo_that_orders_is_killed_where_probes_are_as_patient_as_by_Orleans_defaults() => KillAsync(Kills, rig => rig.Sequencing, AnswersAgainByDefaultsWithin, settings =>
    {
        var defaults = new ClusterMembershipOptions();
        settings["Cluster"]!["Probes"] = JsonSerializer.SerializeToNode(new ProbeSettings { Timeout = defaults.ProbeTimeout, Missed = defaults.NumMissedProbesLimit });
    });

    private static int Soaked => int.Parse(Environment.GetEnvironmentVariable("HUMANITARIAN_SILO_KILLS") ?? SoakKills, CultureInfo.InvariantCulture);

    private async Task KillAsync(int kills, Func<ClusterRig, SiloProcess> choose, TimeSpan? within = null, Action<JsonObject>? change = null)
    {
        await using var rig = await prepared.CopyAsync(change: change);
        await rig.StartAsync(Seed.Choose());
        var gaps = new List<double>();
        for (var kill = 0; kill < kills; kill++)
        {
            var silo = choose(rig);
            var killed = Stopwatch.GetTimestamp();
            await silo.Process.KillAsync();
            await rig.AnsweredAsync();
            gaps.Add(rig.Load.LongestGapSince(killed).TotalSeconds);
            silo.Start();
            await silo.ReadyAsync();
            await rig.AnsweredAsync();
        }

        await rig.EndAsync();
        Seed.Say($"{kills} kills; nothing acknowledged for {gaps.Average():F1} s on average, {gaps.Max():F1} s at most");
        Assert.All(gaps, gap => Assert.True(gap < (within ?? AnswersAgainWithin).TotalSeconds, $"{gap:F1} s"));
    }
}
