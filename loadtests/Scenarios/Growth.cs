using System.Globalization;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Scenarios;

/// <summary>Whether a transfer costs more when there are more accounts and more history.</summary>
internal static class Growth
{
    private const int UsualActive = 100_000;

    public static Scenario Scenario { get; } = new(
        "growth",
        "Transfers among the same active accounts (--active, 100,000) on ledgers that grow to --accounts accounts and --history transfers, each built in bulk; the share of the smallest's rate. With --keep also among all accounts of the largest, which measures their activation.",
        "Accounts: 10 million, the target derived from SCOPE's 20 million identities and Ehsaas' 14.8 million households.",
        InitAsync)
    {
        Always = [("target", "inproc")],
        Refuse = settings => settings.Rate is not null || settings.Simulations.Any(phase => phase.IsOpen)
            ? "growth compares what ledgers of several sizes can do, so it has no --rate and no open simulation."
            : null,
    };

    private static Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var active = settings.Active ?? Math.Min(UsualActive, settings.Accounts);
        var middle = Math.Max(active, (int)Math.Sqrt((double)active * settings.Accounts));
        Size[] sizes = [new(active, 0, active), new(middle, settings.History / 10, active), new(settings.Accounts, settings.History, active)];
        // A ledger of ten million accounts takes many minutes to build; it is not built twice.
        Size[] whole = settings.Keep is not null && settings.Accounts > active ? [new(settings.Accounts, settings.History, settings.Accounts)] : [];
        var rates = new Dictionary<Size, double>();
        var checks = new List<Check>();
        return Task.FromResult(new Prepared
        {
            Stages =
            [
                .. sizes.Concat(whole).Distinct().Select(size => new Stage(size.Name, "", async stopping =>
                {
                    var (rate, aftermath) = await OneAsync(settings with { Accounts = size.Accounts, History = size.History, Active = size.Active }, status, stopping);
                    rates[size] = rate;
                    checks.AddRange(aftermath.Checks.Select(check => check with { Name = $"{size.Text}: {check.Name}" }));
                    return 1;
                })),
            ],
            VerifyAsync = _ =>
            {
                var metrics = new Dictionary<string, double> { ["share"] = rates[sizes[^1]] / rates[sizes[0]] };
                foreach (var (size, rate) in rates)
                {
                    metrics[size.Name + ".per_second"] = rate;
                    metrics[size.Name + ".share"] = rate / rates[sizes[0]];
                }

                return Task.FromResult(new Aftermath(checks, metrics) { Curve = [.. sizes.Distinct().Select(size => new CurvePoint(size.Accounts, size.History, rates[size]))] });
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
            // A large ledger takes minutes to verify; who watches has the figure meanwhile.
            status(string.Create(CultureInfo.InvariantCulture, $"{meter.Ok / elapsed.TotalSeconds:N0}/s; verifying"));
            var aftermath = await prepared.VerifyAsync(meter);
            var failed = meter.Failed + meter.InFlight;
            return (meter.Ok / elapsed.TotalSeconds, aftermath with { Checks = [.. aftermath.Checks, new Check("nothing failed", failed == 0 && meter.Ok > 0, $"{failed:N0} of {meter.Sent:N0}")] });
        }
        finally
        {
            await prepared.CleanAsync();
        }
    }

    private sealed record Size(int Accounts, long History, int Active)
    {
        public string Name => $"accounts_{Names.Text(Accounts)}_history_{Names.Text(History)}_active_{Names.Text(Active)}";

        public string Text => $"{Active:N0} of {Accounts:N0} accounts, {History:N0} transfers before";
    }
}
