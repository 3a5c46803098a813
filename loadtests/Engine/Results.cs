using System.Text.Json;
using System.Text.Json.Serialization;

namespace Humanitarian.LoadTests.Engine;

/// <summary>Everything one call of the tool measured: the JSON file.</summary>
internal sealed record RunReport(DateTimeOffset Started, Machine Machine, string Commit, IReadOnlyList<ScenarioResult> Scenarios)
{
    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>True when every threshold and every check held.</summary>
    [JsonIgnore]
    public bool Ok => Scenarios.All(scenario => scenario.Ok);

    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <exception cref="JsonException">The text is no report.</exception>
    public static RunReport FromJson(string text) => JsonSerializer.Deserialize<RunReport>(text, Json) ?? throw new JsonException("An empty report.");
}

/// <summary>Where it was measured.</summary>
internal sealed record Machine(string Processor, int Cores, double MemoryGiB, string System, string Runtime, string Gc);

/// <summary>What one scenario measured.</summary>
/// <param name="Seconds">From the first arrival to the last answer.</param>
/// <param name="Metrics">Every figure by name: what thresholds and compare look at.</param>
/// <param name="Latency">From the intended start; from the actual start in the closed model, where nothing else is intended.</param>
/// <param name="Service">From the actual start.</param>
/// <param name="Lateness">The generator's own delay.</param>
/// <param name="Series">Samples by name, one for each of <see cref="Times"/>.</param>
/// <param name="Times">Seconds since the start of the measurement.</param>
/// <param name="Curve">Transfers a second over sizes that grew; null where a scenario has one size.</param>
internal sealed record ScenarioResult(
    string Name,
    string About,
    IReadOnlyDictionary<string, string> Settings,
    IReadOnlyList<string> Simulations,
    bool OpenModel,
    double Seconds,
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyDictionary<string, long> Refusals,
    IReadOnlyDictionary<string, long> Failures,
    Percentiles? Latency,
    Percentiles? Service,
    Percentiles? Lateness,
    IReadOnlyList<double> Times,
    IReadOnlyDictionary<string, double[]> Series,
    IReadOnlyList<StageResult> Stages,
    IReadOnlyList<Check> Checks,
    IReadOnlyList<ThresholdResult> Thresholds,
    IReadOnlyList<CurvePoint>? Curve = null)
{
    public bool Ok => Checks.All(check => check.Ok) && Thresholds.All(threshold => threshold.Ok);
}

/// <summary>One stage, timed as a whole.</summary>
internal sealed record StageResult(string Name, string Unit, long Count, double Seconds)
{
    public double PerSecond => Seconds > 0 ? Count / Seconds : 0;
}

/// <summary>What a ledger of so many accounts did after so many transfers.</summary>
internal sealed record CurvePoint(int Accounts, long History, double PerSecond);

/// <summary>A distribution of times in milliseconds.</summary>
/// <param name="Curve">Pairs of percentile and milliseconds, for a plot.</param>
internal sealed record Percentiles(double P50, double P75, double P90, double P99, double P999, double P9999, double Max, double Mean, long Count, IReadOnlyList<double[]> Curve)
{
    private static readonly double[] Points =
        [0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97.5, 99, 99.5, 99.75, 99.9, 99.95, 99.99, 99.995, 99.999, 100];

    public static Percentiles? Of(HdrHistogram.HistogramBase times)
    {
        double At(double percentile) => times.GetValueAtPercentile(percentile) / 1000d;
        return times.TotalCount == 0
            ? null
            : new Percentiles(
                At(50), At(75), At(90), At(99), At(99.9), At(99.99), At(100), HdrHistogram.HistogramExtensions.GetMean(times) / 1000, times.TotalCount,
                [.. Points.Select(point => new[] { point, At(point) })]);
    }
}
