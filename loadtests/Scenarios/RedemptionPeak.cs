using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>Market day: beneficiaries pay at tills, one request each, arriving whenever they come.</summary>
internal static class RedemptionPeak
{
    /// <summary>100 a second is what the field needs: five times the mean of a day on which 686,000 are paid in ten hours.</summary>
    private const double NeededPerSecond = 100;

    public static Scenario Scenario { get; } = new(
        "redemption-peak",
        "One redeemVoucher a request by random beneficiaries at one vendor (--target http: GraphQL over Kestrel; inproc: the grains). Open model at 100/s unless --rate or --simulation says otherwise.",
        "Ehsaas Emergency Cash 2020: 1.77 million paid in 4 days, 12 million families planned in 2.5 weeks; ten-hour days and a peak of five times the mean make 95/s.",
        (settings, status, cancellationToken) => VoucherRun.PrepareAsync(settings, status, async run =>
        {
            await run.PayAsync(settings.Accounts, status, cancellationToken);
            return new Prepared
            {
                Request = run.RedeemAsync, Simulations = [LoadSimulation.Inject(NeededPerSecond, settings.Duration)], Probe = run.Ledger.Levels.Read,
                MeasuringAsync = run.Ledger.CatchUpAsync, VerifyAsync = run.VerifyAsync, CleanAsync = run.CleanAsync, Thresholds = Promises.OfPeople(settings),
            };
        }, cancellationToken));
}
