using System.Collections.Concurrent;
using System.Diagnostics;
using Humanitarian.Domain;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>Single transfers from one person's account to another's, each through the payer's grain, durable before it is answered.</summary>
internal static class Transfers
{
    private const long AmountMinor = 1;
    private const int AccountsInRead = 10_000;

    /// <summary>Beyond it accounts are activated by the load itself, which is then a part of what is measured.</summary>
    private const int MostActivated = 500_000;

    public static Scenario Scenario { get; } = new(
        "transfers",
        "Single transfers between accounts through account grains, in process (--shape uniform, zipf, hot-payee or hot-payer).",
        "The shape of pgledger's and TigerBeetle's benchmarks; a local currency's daily life (Sarafu: 92,223 transactions in 2019).",
        InitAsync) { Always = [("target", "inproc")] };

    public static async Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var run = await OpenAsync(settings, status, cancellationToken);
        try
        {
            if (settings.ActiveAccounts <= MostActivated)
            {
                status("activating accounts");
                await run.ActivateAsync(settings.ActiveAccounts, settings.InFlight, cancellationToken);
            }

            return new Prepared
            {
                Request = run.TransferAsync, Probe = run.Ledger.Levels.Read, MeasuringAsync = run.MeasuringAsync, VerifyAsync = run.VerifyAsync,
                CleanAsync = run.CleanAsync, Thresholds = Promises.OfSaturation(settings),
            };
        }
        catch
        {
            await run.CleanAsync();
            throw;
        }
    }

    private static async Task<Run> OpenAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var keys = new LedgerKeys();
        var (store, moved) = await Exchange.OpenAsync(settings, keys, status, cancellationToken);
        status("starting the silo");
        return await store.OrDisposeAsync(async () => new Run(store, await RunningLedger.StartAsync(store.Stores, keys, cancellationToken), moved, PairsOf(settings)));
    }

    /// <summary>Who pays whom in each request.</summary>
    internal static Func<long, (int Payer, int Payee)> PairsOf(RunSettings settings)
    {
        var (accounts, seed) = (settings.ActiveAccounts, (ulong)settings.Seed);
        var (uniform, other) = (Feeds.Uniform(accounts, seed + 10), Feeds.Uniform(accounts, seed + 11));
        (Feed Payers, Feed Payees) = settings.Shape switch
        {
            "uniform" => (uniform, other),
            "zipf" => (Feeds.Zipf(accounts, 1.0, seed + 10), Feeds.Zipf(accounts, 1.0, seed + 11)),
            "hot-payee" => (uniform, _ => 0),
            "hot-payer" => ((Feed)(_ => 0), other),
            _ => throw new FormatException($"'{settings.Shape}' is no shape: uniform, zipf, hot-payee or hot-payer."),
        };
        return request => Exchange.Pair(Payers(request), Payees(request), accounts);
    }

    private sealed class Run(StoreUnderTest store, RunningLedger ledger, long[] moved, Func<long, (int Payer, int Payee)> pairs)
    {
        private readonly ConcurrentQueue<long> unknown = new();
        private readonly long[] expected = moved;
        private long bytesBefore;
        private long done;
        private long doneBefore;

        public RunningLedger Ledger => ledger;

        public async ValueTask<Response> TransferAsync(long request)
        {
            try
            {
                if (await AskAsync(request) is not { } refusal)
                {
                    Count(request);
                    return Response.Ok;
                }

                if (refusal.Code != RefusalCode.Unknown)
                {
                    return Response.Refused(refusal.Code);
                }

                unknown.Enqueue(request);
                return Response.Failed(refusal.Code);
            }
            catch (Exception)
            {
                unknown.Enqueue(request);
                throw;
            }
        }

        /// <summary>Each active account pays the next one once: afterwards all have a grain, a lease and a book.</summary>
        public Task ActivateAsync(int active, int inFlight, CancellationToken cancellationToken) => Parallel.ForEachAsync(
            Enumerable.Range(0, active),
            new ParallelOptions { MaxDegreeOfParallelism = inFlight, CancellationToken = cancellationToken },
            async (number, _) =>
            {
                if ((await PayAsync("activate " + Names.Text(number), number, (number + 1) % active)) is { } refusal)
                {
                    throw new InvalidOperationException($"{refusal.Code}: {refusal.Message}");
                }

                Count(number, (number + 1) % active);
            });

        public async Task MeasuringAsync()
        {
            await ledger.CatchUpAsync();
            bytesBefore = await store.BytesOnDiskAsync();
            doneBefore = Interlocked.Read(ref done);
        }

        public async Task<Aftermath> VerifyAsync(Meter meter)
        {
            var metrics = new Dictionary<string, double> { ["lag_seconds_at_end"] = ledger.Levels.LagSeconds() };
            var watch = Stopwatch.StartNew();
            await ledger.CatchUpAsync();
            metrics["catch_up_seconds"] = watch.Elapsed.TotalSeconds;
            metrics["bytes_per_transfer"] = (await store.BytesOnDiskAsync() - bytesBefore) / Math.Max(1d, Interlocked.Read(ref done) - doneBefore);
            metrics["outcomes_unknown_at_first"] = unknown.Count;
            await ResolveAsync();
            await ledger.CatchUpAsync();
            watch.Restart();
            var report = await ledger.VerifyAsync();
            metrics["verify_per_second"] = report.Transactions / watch.Elapsed.TotalSeconds;
            var (wrongOnChain, sum) = Compare(number => report.State.Book(Names.Account(number)).Available(Names.Unit));
            return new Aftermath(
                [
                    new Check("the chain verifies from genesis", report.Ok, report.Failure?.Message ?? $"{report.Transactions:N0} transactions"),
                    new Check("every account has on the chain what was acknowledged", wrongOnChain == 0, $"{wrongOnChain:N0} accounts differ"),
                    new Check("balances sum to zero", sum == 0, $"{sum}"),
                    new Check("no outcome is left unknown", unknown.IsEmpty, $"{unknown.Count:N0} are"),
                    await ProjectedAsync(),
                ],
                metrics);
        }

        public async ValueTask CleanAsync()
        {
            ledger.Levels.Dispose();
            await ledger.DisposeAsync();
            await store.DisposeAsync();
        }

        private Task<Refusal?> AskAsync(long request) => PayAsync("transfer " + Names.Text(request), pairs(request).Payer, pairs(request).Payee);

        private async Task<Refusal?> PayAsync(string key, int payer, int payee) => (await ledger.Commands.TransferAsync(
            new Grains.Commands.CommandContext(Names.Administrator, key, default, null), Names.Program, Names.Account(payer), Names.Account(payee), AmountMinor)).Refusal;

        /// <summary>The ledger's promise: asking again with the same key tells what became of it.</summary>
        private async Task ResolveAsync()
        {
            var began = TimeProvider.System.GetTimestamp();
            while (TimeProvider.System.GetElapsedTime(began) < LoadGenerator.Patience && unknown.TryDequeue(out var request))
            {
                if (await AskAsync(request) is not { } refusal)
                {
                    Count(request);
                }
                else if (refusal.Code == RefusalCode.Unknown)
                {
                    unknown.Enqueue(request);
                }
            }
        }

        private void Count(long request) => Count(pairs(request).Payer, pairs(request).Payee);

        private void Count(int payer, int payee)
        {
            Interlocked.Add(ref expected[payer], -AmountMinor);
            Interlocked.Add(ref expected[payee], AmountMinor);
            Interlocked.Increment(ref done);
        }

        private (long Wrong, Int128 Sum) Compare(Func<int, long> balance)
        {
            long wrong = 0;
            Int128 sum = 0;
            for (var number = 0; number < expected.Length; number++)
            {
                var found = balance(number);
                wrong += found == expected[number] ? 0 : 1;
                sum += found;
            }

            return (wrong, sum);
        }

        private async Task<Check> ProjectedAsync()
        {
            long wrong = 0;
            for (var first = 0; first < expected.Length; first += AccountsInRead)
            {
                Id[] ids = [.. Enumerable.Range(first, Math.Min(AccountsInRead, expected.Length - first)).Select(Names.Account)];
                var read = (await store.Stores.Projections.AccountsAsync(ids)).Value.ToDictionary(one => one.Account, one => one.Balances.Sum(row => row.AvailableMinor));
                wrong += ids.Where((id, index) => read.GetValueOrDefault(id) != expected[first + index]).LongCount();
            }

            return new Check("every account has in the projections what was acknowledged", wrong == 0, $"{wrong:N0} accounts differ");
        }
    }
}
