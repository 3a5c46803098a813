using System.Diagnostics;
using Humanitarian.LoadTests.Baselines;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>What a ledger costs that is not being paid on: verification, memory, restart.</summary>
internal static class AtRest
{
    private const long UsualHistory = 1_000_000;
    private const int Together = 1_000;

    public static Scenario Verify { get; } = new(
        "verify", "Verifies a ledger of --history transfers from genesis, every rule replayed.", "What a donor or an auditor does; there is no faster way to trust a ledger wholly.",
        async (settings, status, cancellationToken) =>
        {
            var (store, keys) = await BuiltAsync(settings, status, cancellationToken);
            Chain.Verification.VerificationReport? report = null;
            return new Prepared
            {
                Stages =
                [
                    new Stage("verify", "transactions", async _ =>
                    {
                        report = await RunningLedger.VerifyAsync(store.Stores, keys);
                        return report.Transactions;
                    }),
                ],
                VerifyAsync = _ => Task.FromResult(new Aftermath([new Check("the chain verifies from genesis", report!.Ok && report.Transfers >= HistoryOf(settings), report.Failure?.Message ?? $"{report.Transfers:N0} transfers")], new Dictionary<string, double>())),
                CleanAsync = store.DisposeAsync,
            };
        }) { Always = [("target", "inproc")] };

    public static Scenario Memory { get; } = new(
        "memory", "Memory of a silo at rest, of an empty grain, and of an account that has paid, each for --accounts of them.", "A registry of 10 million people must not need 10 million people's memory.",
        MemoryAsync) { Always = [("target", "inproc")] };

    public static Scenario Restart { get; } = new(
        "restart", "Kills a process that serves a ledger of --history transfers with SIGKILL, and times a new one until it is ready (SQLite): the tool's own silo, or the published program that --server names.", "Power fails where aid is given.",
        async (settings, status, cancellationToken) =>
        {
            var (store, keys) = await BuiltAsync(settings with { Store = "sqlite" }, status, cancellationToken);
            await store.CloseAsync();
            var server = settings.Server is { } program ? new PublishedServer(program, store.Folder) : null;
            Process? serving = null;
            return new Prepared
            {
                Stages = [new Stage("first_start_to_ready", "", ServeAsync), new Stage("kill", "", KillAsync), new Stage("restart_to_ready", "", ServeAsync), new Stage("kill_again", "", KillAsync)],
                VerifyAsync = async _ =>
                {
                    await using var files = await Storage.Sqlite.SqliteStorage.OpenAsync(store.Folder, cancellationToken: cancellationToken);
                    var report = await RunningLedger.VerifyAsync(files, keys);
                    return new Aftermath(
                        [new Check("what was there is there, and verifies from genesis", report.Ok && report.Transfers >= HistoryOf(settings), report.Failure?.Message ?? $"{report.Transfers:N0} transfers")],
                        new Dictionary<string, double>());
                },
                CleanAsync = async () =>
                {
                    await KillAsync(CancellationToken.None);
                    server?.Dispose();
                    await store.DisposeAsync();
                },
            };

            async Task<long> ServeAsync(CancellationToken stopping)
            {
                serving = server is null ? await HeldAsync(store.Folder, stopping) : await server.StartAsync(stopping);
                return 1;
            }

            async Task<long> KillAsync(CancellationToken stopping)
            {
                serving?.Kill();
                await (serving?.WaitForExitAsync(stopping) ?? Task.CompletedTask);
                serving?.Dispose();
                serving = null;
                return 1;
            }
        })
    {
        Always = [("store", "sqlite"), ("target", "inproc")],
        Takes = [nameof(RunSettings.Server)],
        Refuse = settings => settings.Server is { } program && !File.Exists(program) ? $"There is no program '{program}' (--server)." : null,
    };

    /// <summary>The hidden half of <see cref="Restart"/>: serves the ledger of a folder until its input ends.</summary>
    public static async Task<int> HoldAsync(string folder, TextReader input, TextWriter output, CancellationToken cancellationToken)
    {
        await using var files = await Storage.Sqlite.SqliteStorage.OpenAsync(folder, cancellationToken: cancellationToken);
        await using var ledger = await RunningLedger.StartAsync(files, new LedgerKeys(), cancellationToken);
        await output.WriteLineAsync("ready");
        await output.FlushAsync(cancellationToken);
        await input.ReadToEndAsync(cancellationToken);
        return 0;
    }

    private static async Task<(StoreUnderTest Store, LedgerKeys Keys)> BuiltAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var keys = new LedgerKeys();
        var (store, _) = await Exchange.OpenAsync(settings with { History = HistoryOf(settings) }, keys, status, cancellationToken);
        return (store, keys);
    }

    private static long HistoryOf(RunSettings settings) => settings.History > 0 ? settings.History : UsualHistory;

    private static async Task<Process> HeldAsync(string folder, CancellationToken cancellationToken)
    {
        var process = Process.Start(new ProcessStartInfo(Program()) { ArgumentList = { "hold", folder }, RedirectStandardInput = true, RedirectStandardOutput = true })!;
        if (await process.StandardOutput.ReadLineAsync(cancellationToken) == "ready")
        {
            return process;
        }

        process.Kill();
        throw new InvalidOperationException("The process ended before it was ready.");
    }

    /// <summary>The tool's own program, also when a test hosts it.</summary>
    private static string Program()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, typeof(AtRest).Assembly.GetName().Name + (OperatingSystem.IsWindows() ? ".exe" : ""));
        return File.Exists(beside) ? beside : Environment.ProcessPath!;
    }

    private static async Task<Prepared> MemoryAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var keys = new LedgerKeys();
        var (store, _) = await Exchange.OpenAsync(settings, keys, status, cancellationToken);
        var ledger = await store.OrDisposeAsync(() => RunningLedger.StartAsync(store.Stores, keys, cancellationToken));
        var bytes = new Dictionary<string, double> { ["at_rest_mb"] = Settled() / 1e6, ["at_rest_resident_mb"] = Environment.WorkingSet / 1e6 };
        var active = settings.ActiveAccounts;
        return new Prepared
        {
            Stages =
            [
                new Stage("empty_grains", "grains", async _ =>
                {
                    var before = Settled();
                    foreach (var some in Enumerable.Range(0, active).Chunk(Together))
                    {
                        await Task.WhenAll(some.Select(number => ledger.Grains.GetGrain<INoopGrain>(Names.Account(number).ToString()).NoopAsync()));
                    }

                    bytes["bytes_per_empty_grain"] = (Settled() - before) / (double)active;
                    return active;
                }),
                new Stage("paying_accounts", "accounts", async stopping =>
                {
                    var before = Settled();
                    await Parallel.ForEachAsync(Enumerable.Range(0, active), new ParallelOptions { MaxDegreeOfParallelism = settings.InFlight, CancellationToken = stopping }, async (number, _) =>
                        VoucherProgram.Done(await ledger.Commands.TransferAsync(
                            VoucherProgram.Context(Names.Administrator, "memory " + Names.Text(number)), Names.Program, Names.Account(number), Names.Account((number + 1) % active), 1)));
                    await ledger.CatchUpAsync();
                    bytes["bytes_per_active_account"] = (Settled() - before) / (double)active;
                    return active;
                }),
            ],
            Probe = ledger.Levels.Read,
            VerifyAsync = async _ =>
            {
                bytes["bytes_above_empty_grain"] = bytes["bytes_per_active_account"] - bytes["bytes_per_empty_grain"];
                var report = await ledger.VerifyAsync();
                return new Aftermath([new Check("the chain verifies from genesis", report.Ok, report.Failure?.Message ?? "")], bytes);
            },
            CleanAsync = async () =>
            {
                ledger.Levels.Dispose();
                await ledger.DisposeAsync();
                await store.DisposeAsync();
            },
        };
    }

    private static long Settled()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
