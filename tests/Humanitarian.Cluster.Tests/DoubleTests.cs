using System.Text.Json.Nodes;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;
using Npgsql;

namespace Humanitarian.Cluster.Tests;

/// <summary>
/// Two silos that do not know of each other, because each finds a membership table of its own: every account and the sequencer are
/// active twice, both with the database at hand. Leases and the conditional insert must make that harmless.
/// </summary>
public sealed class DoubleTests(PreparedCluster prepared)
{
    private const string Apart = "apart";
    private const int Takeovers = 10;

    [Fact]
    public async Task Every_grain_active_twice_pays_nothing_twice_and_forks_nothing()
    {
        await using var rig = await prepared.CopyAsync();
        await prepared.Server.SqlAsync(
            $"""
             CREATE SCHEMA {Apart};
             CREATE TABLE {Apart}.OrleansMembershipVersionTable (LIKE public.OrleansMembershipVersionTable INCLUDING ALL);
             CREATE TABLE {Apart}.OrleansMembershipTable (LIKE public.OrleansMembershipTable INCLUDING ALL);
             GRANT USAGE ON SCHEMA {Apart} TO {PreparedCluster.Role};
             GRANT ALL ON ALL TABLES IN SCHEMA {Apart} TO {PreparedCluster.Role}
             """,
            rig.Database);
        var apart = rig.Silos[1];
        apart.Change(settings => Search(settings, $"{Apart},public"));
        await rig.StartAsync(Seed.Choose());
        Assert.Equal(1, await rig.ActiveAsync());
        await rig.UntilAsync(() => Task.FromResult(Array.TrueForAll(rig.Silos, silo => silo.TimesOrdering >= Takeovers)), "two sequencers that supplant each other");
        await rig.AnsweredAsync();

        Assert.Equal(0, await apart.Process.TerminateAsync());
        apart.Change(settings => Search(settings, "public"));
        apart.Start();
        await rig.MendAsync();
        await rig.AnsweredAsync();
        await rig.EndAsync();
    }

    /// <summary>Where Orleans looks for its tables; the ledger's own are always the public ones.</summary>
    private static void Search(JsonObject settings, string path)
    {
        var postgres = settings["Storage"]!["Postgres"]!;
        postgres["Connection"] = new NpgsqlConnectionStringBuilder((string)postgres["Connection"]!) { SearchPath = path }.ConnectionString;
    }
}
