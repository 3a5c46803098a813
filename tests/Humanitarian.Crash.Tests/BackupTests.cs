using System.Text.Json.Nodes;
using Humanitarian.Crash.Tests.Support;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Crash.Tests;

/// <summary>A data folder is backed up beside its server and made anew from the backup.</summary>
public sealed class BackupTests(PreparedLedger prepared)
{
    [Fact]
    public async Task Ledger_backed_up_under_load_is_restored_verifies_and_goes_on()
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        IReadOnlyList<Command> acknowledged;
        await using (var server = ServerProcess.Serve(folders))
        {
            var load = new Load(prepared.World, Seed.Choose(), "backed up");
            acknowledged = await BackupChecks.BackUpUnderLoadAsync(load, (await server.ReadyAsync()).Url, "--data", folders.Data, folder.In("backup"));
            await server.KillAsync();
        }

        Assert.DoesNotContain(Directory.EnumerateFiles(folder.In("backup")).Select(Path.GetFileName), file => file!.Contains("key", StringComparison.OrdinalIgnoreCase));
        var (code, text) = await ServerProcess.RunAsync("verify", "--export", folder.In("backup/blocks.export"));
        Assert.True(code == 0, text);
        var restored = await RestoreAsync(folder, folders.Keys);
        await LedgerChecks.VerifyAsync(restored);
        await using (var again = ServerProcess.Serve(restored))
        {
            await BackupChecks.GoesOnAsync((await again.ReadyAsync()).Url, prepared.World, acknowledged, "restored");
            Assert.Equal(0, await again.TerminateAsync());
        }

        await LedgerChecks.VerifyAsync(restored);
    }

    [Fact]
    public async Task Side_state_and_matching_come_back_as_they_were_and_matching_stays_out_when_asked()
    {
        using var folder = new TemporaryFolder();
        await BackUpAsync(prepared.Folders, folder.In("backup"));
        var restored = await RestoreAsync(folder, prepared.Folders.Keys);
        await using (var before = await SqliteStorage.OpenAsync(prepared.Folders.Data, readOnly: true))
        await using (var after = await SqliteStorage.OpenAsync(restored.Data, readOnly: true))
        {
            Assert.Equal(await before.Side.AllAsync().ToListAsync(), await after.Side.AllAsync().ToListAsync());
            var matching = await after.Matching.AllAsync().ToListAsync();
            Assert.NotEmpty(matching);
            Assert.Equal(await before.Matching.AllAsync().ToListAsync(), matching);
        }

        await BackUpAsync(prepared.Folders, folder.In("without"), "--without-matching");
        Assert.False(File.Exists(folder.In("without/matching.jsonl")));
        await RequireAsync(0, "verified", "restore", folder.In("without"), "--data", folder.In("unmatched"));
        await using var unmatched = await SqliteStorage.OpenAsync(folder.In("unmatched"), readOnly: true);
        Assert.Empty(await unmatched.Matching.AllAsync().ToListAsync());
    }

    [Theory]
    [InlineData("blocks.export")]
    [InlineData("side.jsonl")]
    [InlineData("matching.jsonl")]
    public async Task One_changed_bit_of_a_backup_is_refused_before_anything_is_made(string file)
    {
        using var folder = new TemporaryFolder();
        await BackUpAsync(prepared.Folders, folder.In("backup"));
        var bytes = await File.ReadAllBytesAsync(folder.In($"backup/{file}"));
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(folder.In($"backup/{file}"), bytes);
        await RequireAsync(2, "STARTUP_BACKUP_DAMAGED", "restore", folder.In("backup"), "--data", folder.In("restored"));
        Assert.False(Directory.Exists(folder.In("restored")));
    }

    [Theory]
    [InlineData("height")]
    [InlineData("head")]
    [InlineData("genesis")]
    [InlineData("ledger")]
    public async Task Manifest_that_names_another_chain_is_refused(string field)
    {
        using var folder = new TemporaryFolder();
        await BackUpAsync(prepared.Folders, folder.In("backup"));
        var path = folder.In("backup/manifest.json");
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(path))!;
        manifest[field] = field == "height" ? (ulong)manifest[field]! - 1 : Changed((string)manifest[field]!);
        await File.WriteAllTextAsync(path, manifest.ToJsonString());
        await RequireAsync(2, "STARTUP_BACKUP_DAMAGED", "restore", folder.In("backup"), "--data", folder.In("restored"));
    }

    private static string Changed(string hex) => hex[..^2] + (hex.EndsWith("00", StringComparison.Ordinal) ? "11" : "00");

    [Fact]
    public async Task Nothing_that_exists_is_overwritten()
    {
        using var folder = new TemporaryFolder();
        await BackUpAsync(prepared.Folders, folder.In("backup"));
        var manifest = await File.ReadAllTextAsync(folder.In("backup/manifest.json"));
        await RequireAsync(2, "STARTUP_TARGET_NOT_EMPTY", "backup", "--data", prepared.Folders.Data, folder.In("backup"));
        Assert.Equal(manifest, await File.ReadAllTextAsync(folder.In("backup/manifest.json")));
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        await RequireAsync(2, "STARTUP_TARGET_NOT_EMPTY", "restore", folder.In("backup"), "--data", folders.Data);
        File.Delete(folders.Blocks);
        await RequireAsync(2, "STARTUP_TARGET_NOT_EMPTY", "restore", folder.In("backup"), "--data", folders.Data);
    }

    [Fact]
    public async Task Interrupted_restore_is_not_served_and_is_taken_up_again()
    {
        using var folder = new TemporaryFolder();
        await BackUpAsync(prepared.Folders, folder.In("backup"));
        var head = (string)JsonNode.Parse(await File.ReadAllTextAsync(folder.In("backup/manifest.json")))!["head"]!;
        await using (var source = await SqliteStorage.OpenAsync(prepared.Folders.Data, readOnly: true))
        await using (var half = await SqliteStorage.OpenAsync(folder.In("restored")))
        {
            await half.Side.PutAsync(new("restore", "unfinished", "", 0, head));
            await foreach (var block in source.Blocks.ReadAsync(0).Take(5))
            {
                await half.Blocks.AppendAsync(block);
            }
        }

        var restored = new LedgerFolders(folder.In("restored"), prepared.Folders.Keys);
        await using (var server = ServerProcess.Serve(restored))
        {
            Assert.Equal(2, await server.EndAsync());
            Assert.Contains("STARTUP_RESTORE_UNFINISHED", server.Text, StringComparison.Ordinal);
        }

        await RestoreAsync(folder, prepared.Folders.Keys);
        await using var again = ServerProcess.Serve(restored);
        await again.ReadyAsync();
    }

    [Fact]
    public async Task Backup_that_ends_before_a_remembered_head_is_refused()
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        await BackUpAsync(folders, folder.In("backup"));
        await RequireAsync(0, "", "head", "--data", folders.Data, folder.In("early.json"));
        await using (var server = ServerProcess.Serve(folders))
        {
            await server.ReadyAsync(); // Its first block names its epoch.
            Assert.Equal(0, await server.TerminateAsync());
        }

        await RequireAsync(0, "", "head", "--data", folders.Data, folder.In("late.json"));
        await RequireAsync(2, "STARTUP_BACKUP_OLDER", "restore", folder.In("backup"), "--data", folder.In("restored"), "--head", folder.In("late.json"));
        Assert.False(Directory.Exists(folder.In("restored")));
        await RequireAsync(0, "verified", "restore", folder.In("backup"), "--data", folder.In("restored"), "--head", folder.In("early.json"));
    }

    private static Task BackUpAsync(LedgerFolders folders, string backup, params string[] options) =>
        RequireAsync(0, "read back", ["backup", "--data", folders.Data, backup, .. options]);

    private static async Task<LedgerFolders> RestoreAsync(TemporaryFolder folder, string keys)
    {
        await RequireAsync(0, "verified", "restore", folder.In("backup"), "--data", folder.In("restored"));
        return new LedgerFolders(folder.In("restored"), keys);
    }

    private static async Task RequireAsync(int code, string text, params string[] arguments)
    {
        var ended = await ServerProcess.RunAsync(arguments);
        Assert.True(ended.Code == code, ended.Text);
        Assert.Contains(text, ended.Text, StringComparison.Ordinal);
    }
}
