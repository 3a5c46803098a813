using Humanitarian.Domain;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>What the tills of one organisation feel of another that sends ten times as much.</summary>
internal static class Fairness
{
    private const double TillsPerSecond = 50;
    private const int Tenfold = 10;
    private const int Rounds = 2;

    public static Scenario Scenario { get; } = new(
        "fairness",
        "One organisation's redemptions over HTTP at 50/s (--rate), alone and while another organisation redeems ten times as much, in turns; p99_ratio is what the flood does to the others' p99.",
        "Many organisations share one ledger: what one of them sends, by mistake or in its busiest hour, is not to be felt at the tills of the others.",
        InitAsync) { Always = [("target", "http")] };

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken) => VoucherRun.PrepareAsync(
        settings with { Target = "http" }, status, run => PrepareAsync(run, settings, status, cancellationToken), cancellationToken);

    private static async Task<Prepared> PrepareAsync(VoucherRun run, RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        await run.PayAsync(settings.Accounts, status, cancellationToken);
        var contest = new Contest(run, await run.FloodAsync(), settings);
        return new Prepared
        {
            Stages =
            [
                new Stage("warm_up", "", cancel => contest.WarmUpAsync(settings.WarmUp, cancel)),
                .. Enumerable.Range(1, Rounds).SelectMany(round => new[]
                {
                    new Stage($"alone_{round}", "", contest.AloneAsync), new Stage($"flooded_{round}", "", contest.FloodedAsync),
                }),
            ],
            Probe = run.Ledger.Levels.Read,
            VerifyAsync = contest.VerifyAsync,
            CleanAsync = async () =>
            {
                contest.Flood.Dispose();
                await run.CleanAsync();
            },
            Thresholds = settings.Duration >= Promises.LongEnough ? ["p99_ratio <= 5", "tills_refused <= 0", "tills_failed <= 0"] : ["tills_failed <= 0"],
        };
    }

    private sealed class Contest(VoucherRun run, Flood flood, RunSettings settings)
    {
        private readonly LoadGenerator tills = new(TimeProvider.System, Waiting.Precisely);
        private readonly LoadGenerator flooding = new(TimeProvider.System, Waiting.Precisely);
        private readonly (Meter Alone, Meter Flooded, Meter Flood) meters = (new(), new(), new());
        private readonly double rate = settings.Rate ?? TillsPerSecond;

        public Flood Flood => flood;

        public async Task<long> WarmUpAsync(TimeSpan during, CancellationToken cancellationToken)
        {
            var warming = new Meter();
            if (during > TimeSpan.Zero)
            {
                await Task.WhenAll(RunAsync(tills, rate, during, run.RedeemAsync, warming, cancellationToken), FloodAsync(during, cancellationToken));
            }

            return warming.Ok;
        }

        public async Task<long> AloneAsync(CancellationToken cancellationToken)
        {
            var before = meters.Alone.Ok;
            await RunAsync(tills, rate, settings.Duration / Rounds, run.RedeemAsync, meters.Alone, cancellationToken);
            return meters.Alone.Ok - before;
        }

        public async Task<long> FloodedAsync(CancellationToken cancellationToken)
        {
            var before = meters.Flooded.Ok;
            await Task.WhenAll(
                RunAsync(tills, rate, settings.Duration / Rounds, run.RedeemAsync, meters.Flooded, cancellationToken), FloodAsync(settings.Duration / Rounds, cancellationToken));
            return meters.Flooded.Ok - before;
        }

        public async Task<Aftermath> VerifyAsync(Meter meter)
        {
            var aftermath = await run.VerifyAsync(meter);
            var (alone, flooded) = (P99(meters.Alone), P99(meters.Flooded));
            var received = (await run.Ledger.Reader.BookAsync(Flood.Vendor)).Available(Names.Unit);
            return new Aftermath(
                [
                    .. aftermath.Checks,
                    new Check(
                        "the flood's vendor has what was acknowledged",
                        received >= meters.Flood.Ok * VoucherRun.AmountMinor && received <= (meters.Flood.Sent - meters.Flood.Refused) * VoucherRun.AmountMinor,
                        $"{received:N0} of {meters.Flood.Ok * VoucherRun.AmountMinor:N0} minor units"),
                    new Check("every till was answered", meters.Alone.InFlight + meters.Flooded.InFlight == 0, $"{meters.Alone.InFlight + meters.Flooded.InFlight:N0} without an answer"),
                ],
                new Dictionary<string, double>(aftermath.Metrics)
                {
                    ["alone_p99_ms"] = alone, ["flooded_p99_ms"] = flooded, ["p99_ratio"] = alone > 0 ? flooded / alone : double.PositiveInfinity,
                    ["alone_p50_ms"] = Percentiles.Of(meters.Alone.Latency)?.P50 ?? 0, ["flooded_p50_ms"] = Percentiles.Of(meters.Flooded.Latency)?.P50 ?? 0,
                    ["tills_refused"] = meters.Alone.Refused + meters.Flooded.Refused, ["tills_failed"] = meters.Alone.Failed + meters.Flooded.Failed,
                    ["flood_done"] = meters.Flood.Ok, ["flood_refused"] = meters.Flood.Refused, ["flood_failed"] = meters.Flood.Failed, ["flood_p99_ms"] = P99(meters.Flood),
                });
        }

        private Task FloodAsync(TimeSpan during, CancellationToken cancellationToken) =>
            RunAsync(flooding, rate * Tenfold, during, flood.RedeemAsync, meters.Flood, cancellationToken);

        private Task RunAsync(
            LoadGenerator generator, double perSecond, TimeSpan during, Func<long, ValueTask<Response>> request, Meter meter, CancellationToken cancellationToken) =>
            Task.Factory.StartNew(
                () => generator.Run([LoadSimulation.Inject(perSecond, during)], request, meter, settings.Seed, cancellationToken),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        private static double P99(Meter meter)
        {
            meter.TakeInterval();
            return Percentiles.Of(meter.Latency)?.P99 ?? 0;
        }
    }
}

/// <summary>Another organisation's till: it has a key, a vendor account and connections of its own.</summary>
internal sealed class Flood(HttpClient http, string key, Feed beneficiaries) : IDisposable
{
    private readonly GraphQlClient till = new(http, key);

    public static Id Organisation { get; } = Names.IdOf("flooding");

    public static Id Till { get; } = Names.IdOf("flooding till");

    public static Id Vendor { get; } = Names.IdOf("flooding vendor");

    public async ValueTask<Response> RedeemAsync(long request) =>
        await till.MutateAsync(VoucherRun.Redeem, "redeemVoucher", VoucherRun.Redemption("flood " + Names.Text(request), beneficiaries(request), Vendor));

    public void Dispose() => http.Dispose();
}
