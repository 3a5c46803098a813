using System.Globalization;
using Humanitarian.LoadTests.Engine;
using Spectre.Console;

namespace Humanitarian.LoadTests.Reports;

/// <summary>Results on the console.</summary>
internal static class Summary
{
    public static void Write(IAnsiConsole console, RunReport report)
    {
        foreach (var scenario in report.Scenarios)
        {
            var table = new Table().Title(Markup.Escape(scenario.Name)).AddColumns("figure", "value");
            foreach (var (name, value) in scenario.Metrics)
            {
                table.AddRow(Markup.Escape(name), Number(value));
            }

            foreach (var (code, count) in scenario.Refusals.Concat(scenario.Failures))
            {
                table.AddRow(Markup.Escape(code), Number(count));
            }

            foreach (var check in scenario.Checks)
            {
                table.AddRow(Markup.Escape(check.Name), Markup.Escape(Verdict(check.Ok, check.Detail)));
            }

            foreach (var threshold in scenario.Thresholds)
            {
                table.AddRow(Markup.Escape(threshold.Threshold), Markup.Escape(Verdict(threshold.Ok, threshold.Measured)));
            }

            console.Write(table);
        }

        console.WriteLine(report.Ok ? "Every promise held." : "A PROMISE WAS BROKEN.");
    }

    public static void Write(IAnsiConsole console, RunReport before, RunReport after, IReadOnlyList<ComparedMetric> rows)
    {
        if (before.Machine != after.Machine)
        {
            console.WriteLine("The machines differ: compare ratios, not figures.");
        }

        var table = new Table().AddColumns("scenario", "figure", Markup.Escape(before.Commit), Markup.Escape(after.Commit), "change");
        foreach (var row in rows)
        {
            table.AddRow(
                Markup.Escape(row.Scenario), Markup.Escape(row.Metric), Number(row.Before), Number(row.After),
                row.ChangePercent.ToString("+0.0;-0.0", CultureInfo.InvariantCulture) + " %" + (row.Worse ? " WORSE" : ""));
        }

        console.Write(table);
    }

    public static string Number(double value) => value.ToString(
        value == Math.Floor(value) && Math.Abs(value) < 1e15 ? "N0" : Math.Abs(value) < 100 ? "0.###" : "N0", CultureInfo.InvariantCulture);

    private static string Verdict(bool ok, string detail) => $"{(ok ? "ok" : "BROKEN")} ({detail})";
}
