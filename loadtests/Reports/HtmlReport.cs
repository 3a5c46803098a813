using System.Net;
using System.Text;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Reports;

/// <summary>One page without script or anything fetched: what was measured, plotted, and whether it held.</summary>
internal static class HtmlReport
{
    private static readonly (string Title, string[] Series)[] Plots =
    [
        ("Throughput, requests a second", ["ok_per_second", "refused_per_second", "failed_per_second"]),
        ("Latency over time, ms", ["latency_p50_ms", "latency_p99_ms", "latency_max_ms"]),
        ("Requests under way", ["in_flight"]),
        ("Queue at the sequencer", ["queue_depth", "queue_bulk", "queue_leases"]),
        ("Projections behind the log, seconds", ["lag_seconds"]),
        ("Processor, % (this process; the whole machine)", ["cpu_percent", "machine_cpu_percent"]),
        ("Pauses for garbage, ms in each second", ["gc_pause_ms"]),
        ("Allocated, MB a second", ["allocated_mb_per_second"]),
        ("Memory, MB", ["memory_mb", "heap_mb"]),
    ];

    public static string Of(RunReport report)
    {
        using var css = new StreamReader(typeof(HtmlReport).Assembly.GetManifestResourceStream("report.css")!);
        var html = new StringBuilder();
        html.Append("<!doctype html><html lang='en'><meta charset='utf-8'><meta name='viewport' content='width=device-width'><title>Load test</title><style>")
            .Append(css.ReadToEnd()).Append("</style><body><h1>Load test</h1><p>")
            .Append(Text(ReportText.Surroundings(report))).Append("</p><p>").Append(Text(ReportText.HowToRead)).Append("</p>");
        html.Append(report.Ok ? "<p>Every promise held.</p>" : "<p class='bad'>A promise was broken.</p>");
        foreach (var scenario in report.Scenarios)
        {
            Write(html, scenario);
        }

        return html.Append("</body></html>").ToString();
    }

    private static void Write(StringBuilder html, ScenarioResult scenario)
    {
        html.Append("<h2>").Append(Text(scenario.Name)).Append("</h2><p>").Append(Text(scenario.About)).Append("</p><p class='faint'>")
            .Append(Text(ReportText.Load(scenario))).Append("</p>");
        Rows(html, ["figure", "value"], scenario.Metrics.Select(metric => new[] { metric.Key, Summary.Number(metric.Value) }));
        if (scenario.Stages.Count > 0)
        {
            Rows(html, ["stage", "count", "seconds", "a second"], scenario.Stages.Select(stage =>
                new[] { $"{stage.Name} ({stage.Unit})", Summary.Number(stage.Count), Summary.Number(stage.Seconds), Summary.Number(stage.PerSecond) }));
        }

        if (ReportText.Times(scenario).ToArray() is { Length: > 0 } times)
        {
            Rows(html, ReportText.TimeColumns, times);
        }

        if (scenario.Refusals.Count + scenario.Failures.Count > 0)
        {
            Rows(html, ["not done", "how many"], scenario.Refusals.Select(one => new[] { "refused: " + one.Key, Summary.Number(one.Value) })
                .Concat(scenario.Failures.Select(one => new[] { "failed: " + one.Key, Summary.Number(one.Value) })));
        }

        Rows(html, ["must hold", "did it", "found"], ReportText.Verdicts(scenario));
        html.Append("<div class='plots'>");
        var curves = new (string Name, Percentiles? Times)[] { ("from the intended start", scenario.OpenModel ? scenario.Latency : null), ("service time", scenario.Service) };
        html.Append(SvgPlot.Percentiles("Latency by percentile, ms", [.. curves.Where(curve => curve.Times is not null).Select(curve => (curve.Name, curve.Times!.Curve))]));
        if (scenario.Curve is { } grown)
        {
            html.Append(SvgPlot.Of(
                "Transfers a second by accounts and transfers before", [new Line("per_second", [.. grown.Select((point, place) => ((double)place, point.PerSecond))])],
                [.. grown.Select((point, place) => ((double)place, $"{SvgPlot.Short(point.Accounts)}, {SvgPlot.Short(point.History)}"))]));
        }

        foreach (var (title, series) in Plots)
        {
            html.Append(SvgPlot.Of(title, [.. series.Where(scenario.Series.ContainsKey).Select(name => new Line(name, [.. scenario.Times.Zip(scenario.Series[name])]))]));
        }

        html.Append("</div>");
    }

    private static void Rows(StringBuilder html, string[] header, IEnumerable<string[]> rows)
    {
        html.Append("<table><tr>").AppendJoin("", header.Select(cell => $"<th>{Text(cell)}</th>")).Append("</tr>");
        foreach (var row in rows)
        {
            html.Append(row.Contains(ReportText.Broken) ? "<tr class='bad'>" : "<tr>")
                .AppendJoin("", row.Select((cell, column) => column == 0 ? $"<td>{Text(cell)}</td>" : $"<td class='number'>{Text(cell)}</td>")).Append("</tr>");
        }

        html.Append("</table>");
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
