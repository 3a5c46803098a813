using System.Globalization;
using Humanitarian.Crash.Tests.Support;

namespace Humanitarian.Crash.Tests;

/// <summary>
/// A server under load is killed with SIGKILL at random moments, again and again on the same data. HUMANITARIAN_CRASH_SEED repeats a
/// run's choices; HUMANITARIAN_KILLS says how often the soak kills.
/// </summary>
public sealed class KillTests(PreparedLedger prepared)
{
    private const int Kills = 20;
    private const int SoakKills = 200;
    private const int VerifyEvery = 5;
    private const int OldOnesAsked = 50;
    private const int AnswersMax = 600;
    private static readonly TimeSpan LoadMax = TimeSpan.FromSeconds(4);

    [Fact]
    public Task Server_killed_under_load_keeps_every_acknowledged_command_once() => RunAsync(Kills);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Server_killed_hundreds_of_times_keeps_every_acknowledged_command_once() =>
        RunAsync(int.Parse(Environment.GetEnvironmentVariable("HUMANITARIAN_KILLS") ?? $"{SoakKills}", CultureInfo.InvariantCulture));

    private async Task RunAsync(int kills)
    {
        var seed = Seed.Choose();
        var random = new Random(seed);
        using var folder = new TemporaryFolder();
        var folders = prepared.Folders.CopyTo(folder.In("data"));
        var before = await ChainContent.ReadAsync(folders);
        var (world, load) = (prepared.World, new Load(prepared.World, seed, "kill"));
        var (starts, early, found, doneNow, asked) = (new List<double>(), 0, 0, 0, 0);

        async Task<Uri> ReadyAsync(ServerProcess server)
        {
            var (url, seconds) = await server.ReadyAsync();
            starts.Add(seconds);
            var all = load.Issued.ToArray();
            var old = asked == 0 ? [] : RandomOf(random, all[..asked], OldOnesAsked);
            var resolved = await Reconciliation.RunAsync([url], world, [.. all[asked..], .. old]);
            (found, doneNow, asked) = (found + resolved.Found, doneNow + resolved.DoneNow, all.Length);
            Assert.Empty(load.Faults);
            return url;
        }

        for (var kill = 1; kill <= kills; kill++)
        {
            if (random.Next(5) == 0)
            {
                await using var unlucky = ServerProcess.Serve(folders);
                await Task.Delay(random.Next(100, 2_000));
                await unlucky.KillAsync();
                early++;
            }

            await using var server = ServerProcess.Serve(folders);
            var loading = load.RunAsync(await ReadyAsync(server));
            await load.AnsweredAsync(random.Next(1, AnswersMax), LoadMax);
            await Task.Delay(TimeSpan.FromMicroseconds(random.Next(50_000)));
            load.End();
            await server.KillAsync();
            await loading;
            if (kill % VerifyEvery == 0)
            {
                await LedgerChecks.VerifyAsync(folders);
            }
        }

        await using (var server = ServerProcess.Serve(folders))
        {
            await LedgerChecks.CountMoneyAsync(await ReadyAsync(server), world, load);
            Assert.Equal(0, await server.TerminateAsync());
        }

        await LedgerChecks.VerifyAsync(folders);
        (await ChainContent.ReadAsync(folders)).RequireOnce(before, load);
        var done = load.Issued.Count(command => command.Known.Fate == Fate.Done);
        Seed.Say(
            $"{kills} kills under load, {early} during start; {done} commands done, {load.Issued.Count - done} refused; of those without an answer {found} had been "
            + $"committed and {doneNow} had not; {load.Bulk.Count(run => run.IsReleased)} bulk disbursements; ready after {starts.Average():F2} s on average, {starts.Max():F2} s at most");
    }

    private static Command[] RandomOf(Random random, Command[] commands, int count) => [.. Enumerable.Range(0, count).Select(_ => commands[random.Next(commands.Length)]).Distinct()];
}
