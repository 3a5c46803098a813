using HdrHistogram;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Reports;

/// <summary>The files of a report, named by the moment of its start.</summary>
internal static class ReportFiles
{
    private const double MicrosecondsInMillisecond = 1_000;
    private const int TicksPerHalfDistance = 5;

    /// <summary>Writes HTML, Markdown and JSON of the run, CSV and percentile distributions of each scenario.</summary>
    /// <returns>Their paths.</returns>
    public static async Task<IReadOnlyList<string>> WriteAsync(string folder, RunReport report, IReadOnlyList<Measured> measured, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var name = Path.Combine(folder, report.Started.ToString("yyyy-MM-dd-HHmmss", System.Globalization.CultureInfo.InvariantCulture));
        var files = new List<(string Path, string Content)>
        {
            (name + ".html", HtmlReport.Of(report)), (name + ".md", ReportText.Markdown(report)), (name + ".json", report.ToJson()),
        };
        foreach (var (place, (result, (_, latency, service))) in report.Scenarios.Zip(measured).Index())
        {
            // A scenario may be named several times, for the median of its runs.
            var earlier = report.Scenarios.Take(place).Count(one => one.Name == result.Name);
            var own = $"{name}-{result.Name}{(earlier == 0 ? "" : $"-{earlier + 1}")}";
            files.Add((own + ".csv", ReportText.Csv(result)));
            files.AddRange(new[] { (own + "-latency.hgrm", latency), (own + "-service.hgrm", service) }
                .Where(one => one.Item2 is not null).Select(one => (one.Item1, Distribution(one.Item2!))));
        }

        foreach (var (path, content) in files)
        {
            await File.WriteAllTextAsync(path, content, cancellationToken);
        }

        return [.. files.Select(file => file.Path)];
    }

    /// <summary>HdrHistogram's own text, in milliseconds, which its plotter reads.</summary>
    private static string Distribution(HistogramBase times)
    {
        using var text = new StringWriter();
        times.OutputPercentileDistribution(text, TicksPerHalfDistance, MicrosecondsInMillisecond);
        return text.ToString();
    }
}
