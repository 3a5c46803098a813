using System.Globalization;
using System.Text;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Reports;

/// <summary>What the pages and the Markdown say alike, and the Markdown and CSV themselves.</summary>
internal static class ReportText
{
    public const string Broken = "NO";

    public const string HowToRead =
        "In the open model request i is due at start + i/rate, and its latency counts from then, so that a stalled system or generator hides nothing; the service time, "
        + "from the actual start, stands beside it, and lateness is the generator's own delay. In the closed model a request is sent when an earlier one has ended: "
        + "its times are service times and say nothing about people who would have come meanwhile. Refusals are answers, failures are not; neither is timed. Load, ledger and database share "
        + "this machine. Compare ratios to the baselines of the same run before figures.";

    public static readonly string[] TimeColumns = ["ms", "p50", "p75", "p90", "p99", "p99.9", "p99.99", "max", "mean"];

    public static string Surroundings(RunReport report) => string.Create(
        CultureInfo.InvariantCulture,
        $"{report.Started:yyyy-MM-dd HH:mm} UTC, commit {report.Commit}; {report.Machine.Cores} cores ({report.Machine.Processor}), {report.Machine.MemoryGiB} GiB, {report.Machine.System}, "
        + $"{report.Machine.Runtime}, GC {report.Machine.Gc}.");

    public static string Load(ScenarioResult scenario) =>
        $"{(scenario.Simulations.Count == 0 ? "stages, one after the other" : (scenario.OpenModel ? "open model: " : "closed model: ") + string.Join("; ", scenario.Simulations))}. "
        + string.Join(", ", scenario.Settings.Select(setting => $"{setting.Key} {setting.Value}")) + ".";

    public static IEnumerable<string[]> Times(ScenarioResult scenario)
    {
        var all = new (string Name, Percentiles? Times)[]
        {
            ("latency from the intended start", scenario.OpenModel ? scenario.Latency : null), ("service time", scenario.Service), ("lateness of the generator", scenario.Lateness),
        };
        return all.Where(one => one.Times is not null).Select(one => new[] { one.Name }.Concat(
            new[] { one.Times!.P50, one.Times.P75, one.Times.P90, one.Times.P99, one.Times.P999, one.Times.P9999, one.Times.Max, one.Times.Mean }.Select(Summary.Number)).ToArray());
    }

    public static IEnumerable<string[]> Verdicts(ScenarioResult scenario) =>
        scenario.Checks.Select(check => new[] { check.Name, check.Ok ? "yes" : Broken, check.Detail })
            .Concat(scenario.Thresholds.Select(threshold => new[] { threshold.Threshold, threshold.Ok ? "yes" : Broken, threshold.Measured }));

    public static string Markdown(RunReport report)
    {
        var text = new StringBuilder("# Load test\n\n").Append(Surroundings(report)).Append("\n\n").Append(HowToRead).Append("\n\n")
            .Append(report.Ok ? "Every promise held.\n" : "**A promise was broken.**\n");
        foreach (var scenario in report.Scenarios)
        {
            text.Append("\n## ").Append(scenario.Name).Append("\n\n").Append(scenario.About).Append("\n\n").Append(Load(scenario)).Append("\n\n");
            Rows(text, ["figure", "value"], scenario.Metrics.Select(metric => new[] { metric.Key, Summary.Number(metric.Value) }));
            Rows(text, TimeColumns, Times(scenario));
            Rows(text, ["not done", "how many"], scenario.Refusals.Concat(scenario.Failures).Select(one => new[] { one.Key, Summary.Number(one.Value) }));
            Rows(text, ["must hold", "did it", "found"], Verdicts(scenario));
        }

        return text.ToString();
    }

    /// <summary>One line for each second.</summary>
    public static string Csv(ScenarioResult scenario)
    {
        var names = scenario.Series.Keys.ToArray();
        var text = new StringBuilder("seconds,").AppendJoin(',', names).Append('\n');
        for (var index = 0; index < scenario.Times.Count; index++)
        {
            text.AppendJoin(',', names.Select(name => scenario.Series[name][index]).Prepend(scenario.Times[index]).Select(value => value.ToString("0.###", CultureInfo.InvariantCulture))).Append('\n');
        }

        return text.ToString();
    }

    private static void Rows(StringBuilder text, string[] header, IEnumerable<string[]> rows)
    {
        var all = rows.ToArray();
        if (all.Length == 0)
        {
            return;
        }

        text.Append("| ").AppendJoin(" | ", header).Append(" |\n|").AppendJoin("", header.Select(_ => " --- |")).Append('\n');
        foreach (var row in all)
        {
            text.Append("| ").AppendJoin(" | ", row.Select(cell => cell.Replace("|", "\\|", StringComparison.Ordinal))).Append(" |\n");
        }

        text.Append('\n');
    }
}
