using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

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
                MeasuringAsync = run.Ledger.CatchUpAsync, CleanAsync = run.CleanAsync, Thresholds = Promises.OfPeople(settings),
                VerifyAsync = settings.Outside is { } script ? meter => OutsideAsync(run, script, settings, meter, cancellationToken) : run.VerifyAsync,
            };
        }, cancellationToken))
    {
        Takes = [nameof(RunSettings.Outside)],
        Refuse = settings => settings.Outside is null ? null
            : !File.Exists(settings.Outside) ? $"There is no script '{settings.Outside}' (--outside)."
            : !Directory.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(settings.Outside))!, "node_modules")) ? $"The packages of '{settings.Outside}' are not installed: 'npm ci' beside it."
            : settings.Target == "http" && settings.Simulations is [{ Kind: LoadKind.KeepConstant, To: >= 1 and <= WebLedger.Connections }] ? null
            : $"--outside sends a constant load over HTTP: add --target http --simulation 'keep-constant 200 for 40s', at most {WebLedger.Connections}.",
    };

    /// <summary>As many redemptions again by another client on the same ledger, before it is verified and the money of both is counted.</summary>
    private static async Task<Aftermath> OutsideAsync(VoucherRun run, string script, RunSettings settings, Meter meter, CancellationToken cancellationToken)
    {
        var lag = run.Ledger.Levels.LagSeconds();
        await run.Ledger.CatchUpAsync();
        var phase = settings.Simulations[0];
        var outside = await run.OutsideAsync(script, (int)phase.To, meter.Ok, settings.Accounts, cancellationToken);
        var aftermath = await run.VerifyAsync(meter);
        return new Aftermath(
            [.. aftermath.Checks, new Check("the other client was answered too", outside is { Ok: > 0, Unknown: 0 }, $"{outside.Ok:N0} done, {outside.Refused:N0} refused, {outside.Unknown:N0} failed or without an answer of {outside.Sent:N0}")],
            new Dictionary<string, double>(aftermath.Metrics)
            {
                ["lag_seconds_at_end"] = lag, ["outside.per_second"] = outside.Ok / outside.Seconds, ["outside.p50_ms"] = outside.P50, ["outside.p99_ms"] = outside.P99,
            });
    }
}
