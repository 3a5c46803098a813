using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>Silos of a new ledger start at the same moment.</summary>
public sealed class FirstStartTests(PreparedCluster prepared)
{
    [Fact]
    public async Task Silos_that_start_at_once_on_an_empty_database_serve_the_ledger_that_one_of_them_made()
    {
        using var folder = new TemporaryFolder();
        var database = await prepared.Server.CreateDatabaseAsync();
        await using var rig = prepared.Of(database, folder.Path, 3, settings => settings["Keys"]!["Folder"] = folder.In("keys"));
        Array.ForEach(rig.Silos, silo => silo.Start());
        await Task.WhenAll(rig.Silos.Select(silo => silo.ReadyAsync()));
        Assert.Single(rig.Silos, silo => silo.Process.Text.Contains("A new ledger was made", StringComparison.Ordinal));
        Assert.Single(rig.Silos.Select(silo => silo.Process.Text.Split('\n').First(line => line.StartsWith("Ledger ", StringComparison.Ordinal))).Distinct());
    }
}
