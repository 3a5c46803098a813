using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Crash.Tests;

/// <summary>
/// What a loss of power may do to the files of a killed server: whatever no acknowledgement rests on is lost, cut anywhere, or
/// overwritten. The server must start on what is left, with every acknowledged command, and go on.
/// </summary>
public sealed class UnsyncedTailTests(PreparedLedger prepared)
{
    private const int Kills = 2;
    private const int AnswersMax = 300;
    private const int NewestAsked = 100;
    private static readonly TimeSpan LoadMax = TimeSpan.FromSeconds(4);

    private enum Damage
    {
        Lost,
        Cut,
        Overwritten,
        Garbage,
        PagesTorn,
    }

    [Fact]
    public async Task Log_of_blocks_whose_unsynced_tail_is_lost_or_torn_keeps_what_was_acknowledged()
    {
        var seed = Seed.Choose();
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        var load = new Load(prepared.World, seed, "tail");
        var (copies, unacknowledged) = (0, 0UL);
        for (var kill = 0; kill < Kills; kill++)
        {
            await Killing.LoadAndKillAsync(folders, prepared.World, load, random.Next(20, AnswersMax), LoadMax);
            foreach (var damage in Enum.GetValues<Damage>())
            {
                var copy = folders.CopyTo(folder.In($"copy-{copies++}"));
                unacknowledged += await DamageAsync(copy, damage, load, random);
                await RequireGoesOnAsync(copy, load, $"copy-{copies}");
                Directory.Delete(copy.Data, recursive: true);
            }
        }

        Seed.Say($"{copies} restarts from damaged copies with up to {load.Issued.Count} commands; together {unacknowledged} blocks without an acknowledgement were damaged");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Projections_that_are_lost_or_old_are_made_up_for_at_the_start(bool old)
    {
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        var load = new Load(prepared.World, 1, "projections");
        await Killing.LoadAndKillAsync(folders, prepared.World, load, AnswersMax, LoadMax);
        foreach (var file in Directory.EnumerateFiles(folders.Data, "projections.db*"))
        {
            File.Delete(file);
        }

        if (old)
        {
            File.Copy(prepared.Folders.Projections, folders.Projections);
        }

        await RequireGoesOnAsync(folders, load, "after");
    }

    [Fact]
    public async Task Projections_whose_log_is_torn_are_made_up_for_at_the_start()
    {
        var random = new Random(Seed.Choose());
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        var load = new Load(prepared.World, 2, "projections");
        await Killing.LoadAndKillAsync(folders, prepared.World, load, AnswersMax, LoadMax);
        for (var time = 0; time < 2; time++)
        {
            var copy = folders.CopyTo(folder.In($"copy-{time}"));
            using (var log = File.OpenWrite(copy.Projections + "-wal"))
            {
                log.SetLength(random.NextInt64(log.Length));
            }

            await RequireGoesOnAsync(copy, load, $"after-{time}");
        }
    }

    /// <summary>
    /// Damages what lies behind the last block that was acknowledged or projected, both of which happen only once it is synced; returns
    /// how many blocks lay there.
    /// </summary>
    private static async Task<ulong> DamageAsync(LedgerFolders folders, Damage damage, Load load, Random random)
    {
        var height = (await ChainContent.ReadAsync(folders)).Height;
        var behind = height - Math.Max(load.AcknowledgedHeight, await LedgerChecks.ProjectedAsync(folders));
        var path = folders.Blocks + "-wal";
        var bytes = await File.ReadAllBytesAsync(path);
        var log = WriteAheadLog.Read(bytes);
        var kept = Math.Max(0, log.Commits.Count - (int)behind);
        var synced = kept > 0 ? (int)log.Commits[kept - 1] : Math.Min(bytes.Length, WriteAheadLog.HeaderBytes);
        var damaged = damage switch
        {
            Damage.Cut => bytes[..random.Next(synced, bytes.Length + 1)],
            Damage.Overwritten => [.. bytes[..synced], .. Noise(random, bytes.Length - synced)],
            Damage.Garbage => [.. bytes[..synced], .. Noise(random, random.Next(1, 20_000))],
            Damage.PagesTorn => bytes,
            _ => bytes[..synced],
        };
        await File.WriteAllBytesAsync(path, damaged);
        if (damage == Damage.PagesTorn)
        {
            TearPages(folders.Blocks, log, kept, random);
        }

        return behind;
    }

    /// <summary>A checkpoint may have been writing the pages that the log holds; the log still has them. The first page keeps its place.</summary>
    private static void TearPages(string path, WriteAheadLog log, int commits, Random random)
    {
        using var file = File.OpenWrite(path);
        foreach (var page in log.Pages.Take(commits).SelectMany(pages => pages).Where(page => page > 1).Distinct())
        {
            file.Position = ((long)(page - 1) * log.PageBytes) + random.Next(log.PageBytes / 2);
            file.Write(Noise(random, log.PageBytes / 2));
        }
    }

    private static byte[] Noise(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private async Task RequireGoesOnAsync(LedgerFolders folders, Load load, string run)
    {
        await using (var server = ServerProcess.Serve(folders))
        {
            var (url, _) = await server.ReadyAsync();
            await Reconciliation.RunAsync([url], prepared.World, load.Issued.TakeLast(NewestAsked), resolve: false);
            await new Load(prepared.World, 0, run).RedeemOnceAsync(url, 0);
            await server.KillAsync();
        }

        (await ChainContent.ReadAsync(folders)).RequireAcknowledged(load.Issued);
        await LedgerChecks.VerifyHereAsync(folders);
    }
}

/// <summary>One life of a server that ends under load.</summary>
internal static class Killing
{
    public static async Task LoadAndKillAsync(LedgerFolders folders, VoucherWorld world, Load load, int answers, TimeSpan within)
    {
        await using var server = ServerProcess.Serve(folders);
        var (url, _) = await server.ReadyAsync();
        await Reconciliation.RunAsync([url], world, load.Issued.Where(command => command.Known.Fate == Fate.Unknown).ToArray());
        var loading = load.RunAsync(url);
        await load.AnsweredAsync(answers, within);
        load.End();
        await server.KillAsync();
        await loading;
        Assert.Empty(load.Faults);
    }
}
