namespace Humanitarian.LoadTests.Engine;

/// <summary>What a run is to do, from the command line.</summary>
internal sealed record RunSettings
{
    /// <summary>Arrivals a second; null leaves the scenario its own model.</summary>
    public double? Rate { get; init; }

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Requests under way in the closed model.</summary>
    public int InFlight { get; init; } = 2_000;

    public int Accounts { get; init; } = 100_000;

    /// <summary>How many of the accounts take part in transfers; null for all.</summary>
    public int? Active { get; init; }

    public int ActiveAccounts => Math.Min(Active ?? Accounts, Accounts);

    /// <summary>Lines of a list, devices, history: what else a scenario multiplies; null leaves the scenario its own.</summary>
    public int? Lines { get; init; }

    /// <summary>Transfers of history built before the run.</summary>
    public long History { get; init; }

    /// <summary>A folder in which built ledgers are kept for later runs; null keeps none.</summary>
    public string? Keep { get; init; }

    /// <summary>Who pays whom: uniform, zipf, hot-payee or hot-payer.</summary>
    public string Shape { get; init; } = "uniform";

    public string Store { get; init; } = "sqlite";

    /// <summary>A PostgreSQL server to use; null starts a private one.</summary>
    public string? Connection { get; init; }

    public string Target { get; init; } = "inproc";

    /// <summary>A published program to start and kill; null for processes of the tool's own.</summary>
    public string? Server { get; init; }

    /// <summary>A script with another client, to confirm a result over HTTP; null for none.</summary>
    public string? Outside { get; init; }

    public int Seed { get; init; } = 1;

    /// <summary>Phases instead of the scenario's own.</summary>
    public IReadOnlyList<LoadSimulation> Simulations { get; init; } = [];

    /// <summary>The command line's thresholds, beside the scenarios' own.</summary>
    public IReadOnlyList<string> Thresholds { get; init; } = [];

    /// <summary>What was set of that which only scenarios that say so take.</summary>
    public IEnumerable<(string Setting, string Value)> Rare =>
        from rare in new[] { (nameof(Server), Server), (nameof(Outside), Outside) }
        where rare.Item2 is not null
        select rare!;

    /// <summary>The phases to run.</summary>
    public IReadOnlyList<LoadSimulation> PhasesOf(Prepared prepared) =>
        Simulations.Count > 0 ? Simulations
        : Rate is { } rate && !prepared.FollowsRate ? [LoadSimulation.Inject(rate, Duration)]
        : prepared.Simulations.Count > 0 ? prepared.Simulations
        : [LoadSimulation.KeepConstant(InFlight, Duration)];

    /// <summary>The first phase for the length of the warm-up.</summary>
    public IReadOnlyList<LoadSimulation> WarmUpOf(IReadOnlyList<LoadSimulation> phases) =>
        WarmUp <= TimeSpan.Zero ? [] : [phases.First(phase => phase.Kind != LoadKind.Pause) with { During = WarmUp }];

    /// <summary>As the report of a scenario names them.</summary>
    public IReadOnlyDictionary<string, string> Describe(Scenario scenario)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["accounts"] = Text(Accounts), ["active"] = Active is { } active ? Text(active) : "the scenario's own", ["in-flight"] = Text(InFlight), ["shape"] = Shape, ["store"] = Store, ["target"] = Target, ["seed"] = Text(Seed),
            ["warm-up"] = $"{Text(WarmUp.TotalSeconds)} s", ["duration"] = $"{Text(Duration.TotalSeconds)} s", ["history"] = Text(History),
            ["rate"] = Rate is { } rate ? Text(rate) : "closed model", ["lines"] = Lines is { } lines ? Text(lines) : "the scenario's own",
        };
        foreach (var (setting, value) in Rare.Where(rare => scenario.Takes.Contains(rare.Setting)))
        {
            all[setting.ToLowerInvariant()] = Path.GetFileName(value);
        }

        foreach (var (setting, value) in scenario.Always)
        {
            all[setting] = value;
        }

        return all;
    }

    private static string Text(double number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
