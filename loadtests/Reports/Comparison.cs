using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Reports;

/// <summary>A figure in two reports.</summary>
/// <param name="Worse">It got worse by more than is tolerated; a figure without a better side never does.</param>
internal sealed record ComparedMetric(string Scenario, string Metric, double Before, double After, bool Worse)
{
    public double ChangePercent => Before == 0 ? 0 : (After - Before) / Before * 100;
}

/// <summary>Compares the figures that two reports share; of a scenario that ran several times, the median of each.</summary>
internal static class Comparison
{
    /// <summary>What makes the newer report worse whatever its figures: promises that it broke, and scenarios that it lacks.</summary>
    public static IReadOnlyList<string> Faults(RunReport before, RunReport after) =>
    [
        .. before.Scenarios.Select(scenario => scenario.Name).Distinct().Except(after.Scenarios.Select(scenario => scenario.Name)).Select(name => $"{name} is not in the newer report."),
        .. after.Scenarios.Where(scenario => !scenario.Ok).Select(scenario => $"{scenario.Name} broke a promise in the newer report."),
    ];

    public static IReadOnlyList<ComparedMetric> Of(RunReport before, RunReport after, double tolerancePercent) =>
    [
        .. from old in Medians(before)
           join now in Medians(after) on old.Key equals now.Key
           select new ComparedMetric(old.Key.Scenario, old.Key.Metric, old.Value, now.Value, IsWorse(old.Key.Metric, old.Value, now.Value, tolerancePercent)),
    ];

    private static IEnumerable<((string Scenario, string Metric) Key, double Value)> Medians(RunReport report) =>
        from scenario in report.Scenarios
        from metric in scenario.Metrics
        group metric.Value by (Scenario: scenario.Name, Metric: metric.Key) into runs
        select (runs.Key, ScenarioRun.Median(runs));

    /// <summary>More of a rate or a ratio is better, less of a time, of bytes or of failures.</summary>
    private static bool IsWorse(string metric, double before, double after, double tolerancePercent)
    {
        var room = Math.Abs(before) * tolerancePercent / 100;
        return metric.EndsWith("per_second", StringComparison.Ordinal) && !metric.StartsWith("allocated", StringComparison.Ordinal) || metric.StartsWith("ratio.", StringComparison.Ordinal)
            ? after < before - room
            : (metric.EndsWith("_ms", StringComparison.Ordinal) || metric.EndsWith("seconds", StringComparison.Ordinal) || metric == "failed"
                || metric.StartsWith("bytes_", StringComparison.Ordinal)) && after > before + room;
    }
}
