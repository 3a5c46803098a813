using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Cluster.Tests;

/// <summary>A database is backed up beside its silos; the backup goes into a new database, into a data folder, and back.</summary>
public sealed class BackupTests(PreparedCluster prepared)
{
    [Fact]
    public async Task Database_backed_up_under_load_is_restored_into_either_store_and_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using var rig = await prepared.CopyAsync(1);
        rig.Silos[0].Start();
        await rig.Silos[0].ReadyAsync();
        var load = new Load(prepared.World, Seed.Choose(), "backed up");
        var acknowledged = await BackupChecks.BackUpUnderLoadAsync(load, rig.Urls[0], "--config", rig.Silos[0].SettingsFile, folder.In("backup"));
        await rig.Silos[0].Process.KillAsync();

        await RunAsync("restore", folder.In("backup"), "--data", folder.In("data"));
        var files = new LedgerFolders(folder.In("data"), prepared.Keys);
        await using (var server = ServerProcess.Serve(files))
        {
            await BackupChecks.GoesOnAsync((await server.ReadyAsync()).Url, prepared.World, acknowledged, "on files");
            Assert.Equal(0, await server.TerminateAsync());
        }

        await RunAsync("backup", "--data", files.Data, folder.In("back"));
        await GoesOnInDatabaseAsync(folder, folder.In("back"), acknowledged);
        await GoesOnInDatabaseAsync(folder, folder.In("backup"), acknowledged);
    }

    [Fact]
    public async Task Database_that_holds_a_ledger_is_not_overwritten()
    {
        using var folder = new TemporaryFolder();
        await using var rig = await prepared.CopyAsync(1);
        await RunAsync("backup", "--config", rig.Silos[0].SettingsFile, folder.In("backup"));
        var (code, text) = await ServerProcess.RunAsync("restore", folder.In("backup"), "--config", rig.Silos[0].SettingsFile);
        Assert.True(code == 2, text);
        Assert.Contains("STARTUP_TARGET_NOT_EMPTY", text, StringComparison.Ordinal);
    }

    private async Task GoesOnInDatabaseAsync(TemporaryFolder folder, string backup, IReadOnlyList<Command> acknowledged)
    {
        var database = await prepared.Server.CreateDatabaseAsync();
        await using var rig = prepared.Of(database, Directory.CreateDirectory(folder.In(database)).FullName, 2);
        await RunAsync("restore", backup, "--config", rig.Silos[0].SettingsFile);
        foreach (var silo in rig.Silos)
        {
            silo.Start();
            await silo.ReadyAsync();
        }

        await BackupChecks.GoesOnAsync(rig.Urls[1], prepared.World, acknowledged, "on " + database);
        foreach (var silo in rig.Silos)
        {
            Assert.Equal(0, await silo.Process.TerminateAsync());
        }

        await RunAsync("verify", "--config", rig.Silos[0].SettingsFile, "--claim-key", Path.Combine(prepared.Keys, "claim.key"));
    }

    private static async Task RunAsync(params string[] arguments)
    {
        var (code, text) = await ServerProcess.RunAsync(arguments);
        Assert.True(code == 0, text);
    }
}
