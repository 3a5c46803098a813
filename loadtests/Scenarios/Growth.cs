using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>Whether a transfer costs more when there are more accounts and more history.</summary>
internal static class Growth
{
    private const int UsualActive = 100_000;

    public static Scenario Scenario { get; } = new(
        "growth",
        "Transfers among the same active accounts (--active, 100,000) on ledgers that grow to --accounts accounts and --history transfers, each built in bulk; the share of the smallest's rate.",
        "Accounts: 10 million, the target derived from SCOPE's 20 million identities and Ehsaas' 14.8 million households.",
        InitAsync);

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var active = settings.Active ?? Math.Min(UsualActive, settings.Accounts);
        var middle = (Accounts: (int)Math.Sqrt((double)active * settings.Accounts), History: settings.History / 10);
        (int Accounts, long History)[] sizes = [(active, 0), (Math.Max(active, middle.Accounts), middle.History), (settings.Accounts, settings.History)];
        var rates = new List<double>();
        var checks = new List<Check>();
        var metrics = new Dictionary<string, double>();
        return Task.FromResult(new Prepared
        {
            Stages =
            [
                .. sizes.Distinct().Select(size => new Stage($"accounts_{size.Accounts}_history_{size.History}", "", async stopping =>
                {
                    var (rate, aftermath) = await OneAsync(settings with { Accounts = size.Accounts, History = size.History, Active = active }, status, stopping);
                    rates.Add(rate);
                    checks.AddRange(aftermath.Checks.Select(check => check with { Name = $"{size.Accounts:N0} accounts, {size.History:N0} transfers before: {check.Name}" }));
                    var name = $"accounts_{size.Accounts}_history_{size.History}";
                    metrics[name + ".per_second"] = rate;
                    metrics[name + ".share"] = rate / rates[0];
                    return 1;
                })),
            ],
            VerifyAsync = _ =>
            {
                metrics["share"] = rates[^1] / rates[0];
                return Task.FromResult(new Aftermath(checks, metrics));
            },
        });
    }

    private static async Task<(double Rate, Aftermath Aftermath)> OneAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var prepared = await Transfers.InitAsync(settings, status, cancellationToken);
        try
        {
            var generator = new LoadGenerator(TimeProvider.System, Waiting.Precisely);
            var meter = new Meter();
            var phases = settings.PhasesOf(prepared);
            await Task.Factory.StartNew(
                () => generator.Run(settings.WarmUpOf(phases), prepared.Request!, new Meter(), settings.Seed, cancellationToken),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            await prepared.MeasuringAsync();
            status("measuring");
            var elapsed = await Task.Factory.StartNew(
                () => generator.Run(phases, prepared.Request!, meter, settings.Seed, cancellationToken),
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            var aftermath = await prepared.VerifyAsync(meter);
            var failed = meter.Failed + meter.InFlight;
            return (meter.Ok / elapsed.TotalSeconds, aftermath with { Checks = [.. aftermath.Checks, new Check("nothing failed", failed == 0 && meter.Ok > 0, $"{failed:N0} of {meter.Sent:N0}")] });
        }
        finally
        {
            await prepared.CleanAsync();
        }
    }
}
