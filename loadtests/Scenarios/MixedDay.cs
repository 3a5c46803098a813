using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>A day in a crisis: mostly redemptions, offices that look, newcomers who are registered, in one stream of arrivals.</summary>
internal static class MixedDay
{
    private const double UsualPerSecond = 200;

    public static Scenario Scenario { get; } = new(
        "mixed-day",
        "Of 1,000 arrivals over HTTP 799 are redemptions, 200 reads and 1 a list of 200 newcomers; the rate rises to 200/s (or --rate), stays, has a peak of twice as much, and falls.",
        "The day behind redemption-peak, coordination and registration-surge at once.",
        InitAsync) { Always = [("target", "http")] };

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken) => VoucherRun.PrepareAsync(
        settings with { Target = "http" }, status, run => PrepareAsync(run, settings, status, cancellationToken), cancellationToken);

    private static async Task<Prepared> PrepareAsync(VoucherRun run, RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var disbursement = await run.PayAsync(settings.Accounts, status, cancellationToken);
        var accounts = Feeds.Uniform(settings.Accounts, (ulong)settings.Seed + 40);
        var (usual, part) = (settings.Rate ?? UsualPerSecond, settings.Duration / 5);
        return new Prepared
        {
            Request = number => (number % 1_000) switch
            {
                999 => RegistrationSurge.RegisterAsync(run, number),
                var place when place % 5 == 0 => Coordination.ReadAsync(run, disbursement, accounts, number / 5),
                _ => run.RedeemAsync(number),
            },
            Simulations =
            [
                LoadSimulation.RampingInject(usual / 10, usual, part), LoadSimulation.Inject(usual, part), LoadSimulation.InjectRandom(usual, usual * 2, part),
                LoadSimulation.Inject(usual, part), LoadSimulation.RampingInject(usual, usual / 10, part),
            ],
            FollowsRate = true,
            Probe = run.Ledger.Levels.Read,
            MeasuringAsync = run.Ledger.CatchUpAsync,
            VerifyAsync = run.VerifyAsync,
            CleanAsync = run.CleanAsync,
            Thresholds = Promises.OfPeople(settings),
        };
    }
}
