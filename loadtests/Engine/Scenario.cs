namespace Humanitarian.LoadTests.Engine;

/// <summary>A named way of using the system.</summary>
/// <param name="Name">As the command line takes it.</param>
/// <param name="About">What it does, in a sentence.</param>
/// <param name="Source">Where its numbers come from in the field, or what it is compared with.</param>
/// <param name="InitAsync">Builds everything that the load needs; not measured.</param>
internal sealed record Scenario(string Name, string About, string Source, Func<RunSettings, Action<string>, CancellationToken, Task<Prepared>> InitAsync)
{
    /// <summary>Settings that are the scenario's own whatever the command line says, as a report names them.</summary>
    public IReadOnlyList<(string Setting, string Value)> Always { get; init; } = [];

    /// <summary>Settings that few scenarios take, and this one does: names of properties of <see cref="RunSettings"/>.</summary>
    public IReadOnlyList<string> Takes { get; init; } = [];

    /// <summary>Says why the scenario cannot run with settings that others can; null where it can.</summary>
    public Func<RunSettings, string?> Refuse { get; init; } = _ => null;

    public bool IsBaseline => Name.StartsWith("baseline-", StringComparison.Ordinal);
}

/// <summary>What a scenario's init has made: what to send or do, what to watch, how to judge it, how to clean up.</summary>
internal sealed class Prepared
{
    /// <summary>Sends one request; null for a scenario of stages.</summary>
    public Func<long, ValueTask<Response>>? Request { get; init; }

    /// <summary>How many requests there are at all; the load ends with the last, and warming up takes a third of them at most.</summary>
    public long Requests { get; init; } = long.MaxValue;

    /// <summary>How load comes unless the command line says otherwise.</summary>
    public IReadOnlyList<LoadSimulation> Simulations { get; init; } = [];

    /// <summary>True when the simulations already follow the command line's rate in a shape of their own.</summary>
    public bool FollowsRate { get; init; }

    /// <summary>Work done once, in order, each timed by itself.</summary>
    public IReadOnlyList<Stage> Stages { get; init; } = [];

    /// <summary>Levels sampled every second.</summary>
    public Func<IEnumerable<(string Name, double Value)>> Probe { get; init; } = () => [];

    /// <summary>Called when warm-up has ended, before the measurement.</summary>
    public Func<Task> MeasuringAsync { get; init; } = () => Task.CompletedTask;

    /// <summary>Called as soon as the load has ended: looks at what is left to do, verifies, and counts the money.</summary>
    public Func<Meter, Task<Aftermath>> VerifyAsync { get; init; } = _ => Task.FromResult(Aftermath.Empty);

    /// <summary>Thresholds of the scenario's own.</summary>
    public IReadOnlyList<string> Thresholds { get; init; } = [];

    public Func<ValueTask> CleanAsync { get; init; } = () => ValueTask.CompletedTask;
}

/// <summary>A piece of work timed as a whole.</summary>
/// <param name="Unit">What it counts; empty where a rate would mean nothing.</param>
/// <param name="RunAsync">Returns how many units it did.</param>
internal sealed record Stage(string Name, string Unit, Func<CancellationToken, Task<long>> RunAsync);

/// <summary>Something that must hold after a run, whatever its speed.</summary>
internal sealed record Check(string Name, bool Ok, string Detail);

/// <summary>What was found after a run.</summary>
internal sealed record Aftermath(IReadOnlyList<Check> Checks, IReadOnlyDictionary<string, double> Metrics)
{
    /// <summary>A figure over a size that grew, from the smallest on.</summary>
    public IReadOnlyList<CurvePoint> Curve { get; init; } = [];

    public static Aftermath Empty { get; } = new([], new Dictionary<string, double>());
}
