using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Crash.Tests;

/// <summary>Files that no loss of power explains: the server refuses to start with a stable code, says what to do and overwrites nothing.</summary>
public sealed class DamageTests(PreparedLedger prepared)
{
    private const int FirstStartKills = 4;
    private const string Damaged = "STARTUP_DATABASE_DAMAGED";

    [Theory]
    [InlineData(2, 0)]
    [InlineData(10, 9)]
    [InlineData(1_000, 1)]
    public async Task Truncated_blocks_are_a_start_up_error_and_are_left_as_they_are(int divisor, int parts)
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        using (var file = File.OpenWrite(folders.Blocks))
        {
            file.SetLength(file.Length * Math.Max(parts, 1) / divisor);
        }

        var before = await File.ReadAllBytesAsync(folders.Blocks);
        await RequireRefusedAsync(folders, Damaged, "backup");
        Assert.Equal(before, await File.ReadAllBytesAsync(folders.Blocks));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Blocks_that_are_gone_beside_projections_are_a_start_up_error_and_no_new_ledger(bool empty)
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        var projections = await File.ReadAllBytesAsync(folders.Projections);
        File.Delete(folders.Blocks);
        if (empty)
        {
            await File.WriteAllBytesAsync(folders.Blocks, []);
        }

        await RequireRefusedAsync(folders, Damaged, "backup");
        var (code, text) = await ServerProcess.RunAsync("rebuild", "--data", folders.Data);
        Assert.True(code == 2, text);
        await RequireRefusedAsync(folders, Damaged, "backup");
        Assert.Equal(projections, await File.ReadAllBytesAsync(folders.Projections));
    }

    [Fact]
    public async Task Truncated_projections_are_a_start_up_error_that_names_rebuild_which_mends_them()
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        using (var file = File.OpenWrite(folders.Projections))
        {
            file.SetLength(file.Length / 2);
        }

        await RequireRefusedAsync(folders, Damaged, "rebuild");
        await RequireRebuiltAsync(folders);
        await RequireStartsAsync(folders, "rebuilt");
    }

    [Fact]
    public async Task Blocks_that_end_below_the_projections_are_a_start_up_error_until_rebuild_accepts_the_loss()
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        await RequireStartsAsync(folders, "ahead");
        await RequireStartsAsync(folders, "further ahead");
        File.Copy(prepared.Folders.Blocks, folders.Blocks, overwrite: true);
        await RequireRefusedAsync(folders, Damaged, "rebuild");
        await RequireRebuiltAsync(folders);
        await RequireStartsAsync(folders, "restored");
    }

    [Fact]
    public async Task Second_ledger_with_the_keys_of_a_first_leaves_every_key_of_the_first_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var first = LedgerFolders.In(folder.Path);
        await RequireRunsAsync(first);
        var before = KeysOf(first);
        await RequireRunsAsync(first with { Data = folder.In("second") });
        Assert.Equal(before, KeysOf(first));

        static async Task RequireRunsAsync(LedgerFolders folders)
        {
            await using var server = ServerProcess.Serve(folders);
            await server.ReadyAsync();
            Assert.Equal(0, await server.TerminateAsync());
        }

        static SortedDictionary<string, string> KeysOf(LedgerFolders folders) => new(
            Directory.EnumerateFiles(folders.Keys, "*", SearchOption.AllDirectories).ToDictionary(file => file, File.ReadAllText));
    }

    [Fact]
    public async Task First_start_that_is_killed_is_taken_up_by_the_next()
    {
        var random = new Random(Seed.Choose());
        for (var kill = 0; kill < FirstStartKills; kill++)
        {
            using var folder = new TemporaryFolder();
            var folders = LedgerFolders.In(folder.Path);
            await using (var first = ServerProcess.Serve(folders))
            {
                await Task.Delay(random.Next(200, 2_500));
                await first.KillAsync();
            }

            await using (var second = ServerProcess.Serve(folders))
            {
                await second.ReadyAsync();
                Assert.Equal(0, await second.TerminateAsync());
            }

            await LedgerChecks.VerifyAsync(folders);
        }
    }

    /// <summary>It starts, decides, stops in order, and what it leaves verifies.</summary>
    private async Task RequireStartsAsync(LedgerFolders folders, string run)
    {
        await using (var server = ServerProcess.Serve(folders))
        {
            var (url, _) = await server.ReadyAsync();
            await new Load(prepared.World, 0, run).RedeemOnceAsync(url, 0);
            Assert.Equal(0, await server.TerminateAsync());
        }

        await LedgerChecks.VerifyHereAsync(folders);
    }

    private static async Task RequireRebuiltAsync(LedgerFolders folders)
    {
        var (code, text) = await ServerProcess.RunAsync("rebuild", "--data", folders.Data);
        Assert.True(code == 0, text);
    }

    private static async Task RequireRefusedAsync(LedgerFolders folders, string code, string advice)
    {
        await using var server = ServerProcess.Serve(folders);
        var ended = await server.EndAsync();
        Assert.True(ended == 2, $"{ended}: {server.Text}");
        Assert.StartsWith(code, server.Text, StringComparison.Ordinal);
        Assert.Contains(advice, server.Text, StringComparison.Ordinal);
    }
}
