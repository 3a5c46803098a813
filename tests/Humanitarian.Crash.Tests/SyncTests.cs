using System.Diagnostics;
using System.Globalization;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Crash.Tests;

/// <summary>The page cache survives SIGKILL, so a trace of the system calls shows what would survive a loss of power.</summary>
public sealed class SyncTests(PreparedLedger prepared)
{
    private const int Redemptions = 200;

    [Fact]
    public async Task Every_acknowledgement_follows_a_completed_sync_of_its_block()
    {
        await RequireTracerAsync();
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        var trace = folder.In("trace");
        await using (var server = ServerProcess.Serve(folders, "strace", "-f", "-qq", "-y", "-o", trace, "-e", "trace=fsync,fdatasync,pwrite64,write,writev,sendto,sendmsg"))
        {
            var (url, _) = await server.ReadyAsync();
            var load = new Load(prepared.World, 0, "sync");
            for (var redemption = 0; redemption < Redemptions; redemption++)
            {
                await load.RedeemOnceAsync(url, redemption % prepared.World.Shoppers.Count);
            }

            await server.TerminateAsync(await ChildAsync(server.Id));
        }

        var calls = SystemCalls.Read(File.ReadLines(trace)).ToList();
        var answers = calls.Count(call => call.Step == CallStep.Answers);
        Assert.True(answers > Redemptions, $"The trace shows only {answers} answers.");
        RequireSynced(calls, folders, answers - Redemptions);
    }

    /// <summary>
    /// Each of the last answers comes after a write to the log of blocks, all of which are synced. Pages move from the log to the file
    /// only when the log is synced, and the log begins anew only when the file is.
    /// </summary>
    private static void RequireSynced(List<Call> calls, LedgerFolders folders, int ready)
    {
        var files = new Dictionary<string, SyncState> { [folders.Blocks] = new(), [folders.Blocks + "-wal"] = new() };
        var (blocks, log) = (files[folders.Blocks], files[folders.Blocks + "-wal"]);
        var (answer, written) = (0, 0L);
        foreach (var call in calls)
        {
            if (call.Step == CallStep.Answers)
            {
                if (++answer > ready)
                {
                    Assert.True(log.Begun > written, $"Acknowledgement {answer - ready}: no block was written for it.");
                    Assert.True(log.IsSynced, $"Acknowledgement {answer - ready}: its block is not synced.");
                }

                written = log.Begun;
            }
            else if (files.TryGetValue(call.File, out var file))
            {
                Assert.False(call.Step == CallStep.WriteBegins && file == blocks && !log.IsSynced, "A page is moved out of a log that is not synced.");
                Assert.False(call.Step == CallStep.WriteBegins && file == log && call.Offset == 0 && !blocks.IsSynced, "The log begins anew before its pages are synced.");
                file.Take(call.Step);
            }
        }

        Seed.Say($"{answer - ready} acknowledgements, {log.Begun} writes to the log of blocks, {blocks.Begun} to its file");
    }

    private static async Task RequireTracerAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "System calls are traced on Linux only.");
        try
        {
            var start = new ProcessStartInfo("strace", ["-o", "/dev/null", "true"]) { RedirectStandardError = true };
            using var probe = Process.Start(start)!;
            var errors = await probe.StandardError.ReadToEndAsync();
            await probe.WaitForExitAsync();
            Assert.SkipUnless(probe.ExitCode == 0, $"This machine does not permit tracing (ptrace): {errors}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("strace is not installed.");
        }
    }

    private static async Task<int> ChildAsync(int parent) => int.Parse(
        (await File.ReadAllTextAsync($"/proc/{parent}/task/{parent}/children")).Trim().Split(' ')[0], CultureInfo.InvariantCulture);
}
