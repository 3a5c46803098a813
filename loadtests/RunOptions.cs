using System.CommandLine;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests;

/// <summary>The options of <c>run</c>.</summary>
internal sealed class RunOptions
{
    private static readonly RunSettings Usual = new();

    private readonly Option<double?> rate = new("--rate") { Description = "Arrivals a second, evenly spaced (open model). Without it the scenario's own model." };
    private readonly Option<double> duration = new("--duration") { Description = "Seconds to measure.", DefaultValueFactory = _ => Usual.Duration.TotalSeconds };
    private readonly Option<double> warmUp = new("--warm-up") { Description = "Seconds of load before the measurement.", DefaultValueFactory = _ => Usual.WarmUp.TotalSeconds };
    private readonly Option<string?> simulation = new("--simulation")
    {
        Description = "Phases instead of --rate and --duration: 'ramping-inject 0-5000 for 10s; inject 5000 for 60s'. Also inject-random, keep-constant, ramping-constant, pause.",
    };

    private readonly Option<int> inFlight = new("--in-flight") { Description = "Requests under way in the closed model.", DefaultValueFactory = _ => Usual.InFlight };
    private readonly Option<int> accounts = new("--accounts") { Description = "Accounts that take part.", DefaultValueFactory = _ => Usual.Accounts };
    private readonly Option<int?> active = new("--active") { Description = "How many of the accounts take part in transfers; all by default." };
    private readonly Option<int?> lines = new("--lines") { Description = "Lines of a list, where a scenario has one." };
    private readonly Option<long> history = new("--history") { Description = "Transfers already made when the run begins.", DefaultValueFactory = _ => 0 };
    private readonly Option<string?> keep = new("--keep")
    {
        Description = "A folder for ledgers built with --accounts and --history: built there once, later runs with the same numbers work on a copy (SQLite).",
    };

    private readonly Option<string> shape = new("--shape") { Description = "Who pays whom: uniform, zipf, hot-payee, hot-payer.", DefaultValueFactory = _ => Usual.Shape };
    private readonly Option<string> store = new("--store") { Description = "sqlite or postgres.", DefaultValueFactory = _ => Usual.Store };
    private readonly Option<string?> connection = new("--connection") { Description = "A PostgreSQL server's owner connection; without it a private server is started." };
    private readonly Option<string> target = new("--target") { Description = "inproc (the grains) or http (GraphQL over Kestrel), where a scenario has both.", DefaultValueFactory = _ => Usual.Target };
    private readonly Option<string?> server = new("--server") { Description = "A published program (an executable or Humanitarian.Host.dll) for 'restart' to start and kill; without it a process of the tool's own." };
    private readonly Option<string?> outside = new("--outside")
    {
        Description = "loadtests/outside/autocannon.mjs (after 'npm ci' there): sends redemption-peak's closed load over HTTP a second time, by another client.",
    };

    private readonly Option<int> seed = new("--seed") { Description = "Seed of all choices; the same seed asks the same.", DefaultValueFactory = _ => Usual.Seed };
    private readonly Option<string[]> threshold = new("--threshold")
    {
        Description = "A promise such as 'p99_ms <= 20' or 'transfers: ratio.baseline-grains >= 0.12'; broken, the exit code is 1.", DefaultValueFactory = _ => [],
    };

    public Argument<string[]> Scenarios { get; } = new("scenario") { Description = "Scenarios and baselines, in order; see list.", Arity = ArgumentArity.OneOrMore };

    public Option<bool> Json { get; } = new("--json") { Description = "Writes the report as JSON to standard output." };

    public Option<string?> Report { get; } = new("--report") { Description = "A folder for HTML, Markdown, CSV, JSON and .hgrm files." };

    public void AddTo(Command command)
    {
        command.Add(Scenarios);
        store.AcceptOnlyFromAmong("sqlite", "postgres");
        target.AcceptOnlyFromAmong("inproc", "http");
        shape.AcceptOnlyFromAmong("uniform", "zipf", "hot-payee", "hot-payer");
        foreach (var option in new Option[] { rate, duration, warmUp, simulation, inFlight, accounts, active, lines, history, keep, shape, store, connection, target, server, outside, seed, threshold, Json, Report })
        {
            command.Add(option);
        }
    }

    /// <exception cref="FormatException">A simulation, a number or a threshold cannot be used.</exception>
    public RunSettings Read(ParseResult parsed)
    {
        var thresholds = parsed.GetValue(threshold)!;
        var scenarios = parsed.GetValue(Scenarios)!;
        if (thresholds.Select(Threshold.Parse).FirstOrDefault(one => one.Scenario is { } named && !scenarios.Contains(named)) is { } stray)
        {
            throw new FormatException($"'{stray}' is of a scenario that is not in this run.");
        }

        if (parsed.GetValue(duration) <= 0 || parsed.GetValue(rate) <= 0 || parsed.GetValue(inFlight) < 1 || parsed.GetValue(accounts) < 2 || parsed.GetValue(active) < 2 || parsed.GetValue(lines) < 1
            || parsed.GetValue(history) < 0)
        {
            throw new FormatException("--duration and --rate are above 0, --in-flight and --lines at least 1, --accounts and --active at least 2, --history at least 0.");
        }

        var simulations = parsed.GetValue(simulation) is { } text ? LoadSimulation.Parse(text) : [];
        if (simulations.Count > 0 && simulations.All(phase => phase.Kind == LoadKind.Pause))
        {
            throw new FormatException("A simulation of pauses alone sends nothing.");
        }

        if (parsed.GetValue(active) > parsed.GetValue(accounts))
        {
            throw new FormatException("--active is at most --accounts.");
        }

        if (parsed.GetValue(keep) is not null && parsed.GetValue(store) != "sqlite")
        {
            throw new FormatException("--keep is for SQLite; a ledger on PostgreSQL is built for each run.");
        }

        return new RunSettings
        {
            Rate = parsed.GetValue(rate), Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)), WarmUp = TimeSpan.FromSeconds(parsed.GetValue(warmUp)),
            Simulations = simulations, InFlight = parsed.GetValue(inFlight),
            Accounts = parsed.GetValue(accounts), Active = parsed.GetValue(active), Lines = parsed.GetValue(lines), History = parsed.GetValue(history), Keep = parsed.GetValue(keep), Shape = parsed.GetValue(shape)!,
            Store = parsed.GetValue(store)!, Connection = parsed.GetValue(connection), Target = parsed.GetValue(target)!, Server = parsed.GetValue(server), Outside = parsed.GetValue(outside), Seed = parsed.GetValue(seed), Thresholds = thresholds,
        };
    }
}
