using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>Offices look while the others work: statements, traces of grants, live figures of disbursements, heads to verify.</summary>
internal static class Coordination
{
    private const double WritesPerSecond = 200;
    private const double ReadsPerSecond = 200;

    private const string Statement = "query($id: Id!) { statement(accountId: $id, first: 20) { nodes { number kind available { amountMinor } at } } }";
    private const string Account = "query($id: Id!) { account(id: $id) { id balances { available { amountMinor } } } }";
    private const string Trace = "query($id: Id!) { donationTrace(grantId: $id) { donated { amountMinor } disbursed { amountMinor } redeemed { amountMinor } children { label redeemed { amountMinor } } } }";
    private const string Figures = "query($id: Id!) { disbursement(id: $id) { state lines paidLines paid { amountMinor } unpaid { code lines } } }";

    public static Scenario Scenario { get; } = new(
        "coordination",
        "NGOs read statements, balances, traces and live figures over HTTP, open model at 200/s, while 200 redemptions a second go on beside them.",
        "The shared view that neutral coordination needs: the 29 partners of Ukraine's cash working group assisted 1.5 million people by May 2022 (ReliefWeb).",
        InitAsync) { Always = [("target", "http")] };

    /// <summary>One read; which, and of whom, follows from its number.</summary>
    public static ValueTask<Response> ReadAsync(VoucherRun run, Domain.Id disbursement, Feed accounts, long number)
    {
        var account = new { id = Names.Account(accounts(number)).ToString() };
        return new ValueTask<Response>((number % 10) switch
        {
            < 5 => run.Office.QueryAsync(Statement, account),
            < 8 => run.Office.QueryAsync(Account, account),
            8 => run.Office.QueryAsync(Figures, new { id = disbursement.ToString() }),
            _ => run.Office.QueryAsync(Trace, new { id = VoucherProgram.Grant.ToString() }),
        });
    }

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken) => VoucherRun.PrepareAsync(
        settings with { Target = "http" }, status, run => PrepareAsync(run, settings, status, cancellationToken), cancellationToken);

    private static async Task<Prepared> PrepareAsync(VoucherRun run, RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var disbursement = await run.PayAsync(settings.Accounts, status, cancellationToken);
        var accounts = Feeds.Uniform(settings.Accounts, (ulong)settings.Seed + 40);
        var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var written = new Meter();
        var writing = Task.CompletedTask;
        return new Prepared
        {
            Request = number => ReadAsync(run, disbursement, accounts, number),
            Simulations = [LoadSimulation.Inject(ReadsPerSecond, settings.Duration)],
            Probe = () => run.Ledger.Levels.Read().Append(("writes_done", written.Ok)),
            MeasuringAsync = () =>
            {
                // It ends with the reads, so its plan is longer than any run.
                writing = Task.Factory.StartNew(
                    () => new LoadGenerator(TimeProvider.System, Waiting.Precisely).Run(
                        [LoadSimulation.Inject(WritesPerSecond, TimeSpan.FromHours(12))], run.RedeemAsync, written, settings.Seed, stopping.Token),
                    CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                return Task.CompletedTask;
            },
            VerifyAsync = async meter =>
            {
                await stopping.CancelAsync();
                await writing;
                await UntilAnsweredAsync(written);
                written.TakeInterval();
                var aftermath = await run.VerifyAsync(meter);
                return new Aftermath(
                    [.. aftermath.Checks, new Check("redemptions went on meanwhile", written is { Ok: > 0, Failed: 0, InFlight: 0 }, $"{written.Ok:N0} done, {written.Failed + written.InFlight:N0} failed")],
                    new Dictionary<string, double>(aftermath.Metrics) { ["writes_done"] = written.Ok, ["writes_refused"] = written.Refused, ["writes_p99_ms"] = Percentiles.Of(written.Latency)?.P99 ?? 0 });
            },
            CleanAsync = async () =>
            {
                stopping.Dispose();
                await run.CleanAsync();
            },
            Thresholds = Promises.OfPeople(settings),
        };
    }

    private static async Task UntilAnsweredAsync(Meter meter)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        var began = TimeProvider.System.GetTimestamp();
        while (meter.InFlight > 0 && TimeProvider.System.GetElapsedTime(began) < LoadGenerator.Patience)
        {
            await tick.WaitForNextTickAsync();
        }
    }
}
