using System.Globalization;
using Humanitarian.LoadTests.Engine;
using Spectre.Console;

namespace Humanitarian.LoadTests.Reports;

/// <summary>What a run does now: a table that renews itself on a terminal, a line every few seconds elsewhere.</summary>
internal sealed class LiveView(IAnsiConsole console)
{
    private static readonly (string Series, string Title)[] Columns =
    [
        ("ok_per_second", "done/s"), ("refused_per_second", "refused/s"), ("failed_per_second", "failed/s"), ("in_flight", "in flight"),
        ("latency_p50_ms", "p50 ms"), ("latency_p99_ms", "p99 ms"), ("queue_depth", "queue"), ("lag_seconds", "lag s"), ("cpu_percent", "cpu %"), ("memory_mb", "MB"),
    ];

    private const int SecondsBetweenLines = 5;

    public async Task<T> ShowAsync<T>(Func<RunProgress, Task<T>> work)
    {
        if (!console.Profile.Capabilities.Interactive)
        {
            return await work(new RunProgress(status => console.WriteLine(status), LineNowAndThen));
        }

        T result = default!;
        var table = new Table().AddColumn("").AddColumns([.. Columns.Select(column => column.Title)]);
        await console.Live(table).StartAsync(async live =>
        {
            result = await work(new RunProgress(
                status =>
                {
                    lock (table)
                    {
                        table.Caption(Markup.Escape(status));
                        live.Refresh();
                    }
                },
                (name, sampler, _) =>
                {
                    lock (table)
                    {
                        string[] cells = [Markup.Escape($"{name} {sampler.Elapsed.TotalSeconds:N0} s"), .. Columns.Select(column => Number(sampler.Newest(column.Series)))];
                        if (table.Rows.Count > 0)
                        {
                            table.RemoveRow(table.Rows.Count - 1);
                        }

                        table.AddRow(cells);
                        live.Refresh();
                    }
                }));
        });
        return result;
    }

    private void LineNowAndThen(string name, Sampler sampler, Meter meter)
    {
        if (sampler.Times.Count % SecondsBetweenLines == 0)
        {
            console.WriteLine($"{name} {sampler.Elapsed.TotalSeconds:N0} s: {string.Join(", ", Columns.Select(column => $"{column.Title} {Number(sampler.Newest(column.Series))}"))}");
        }
    }

    private static string Number(double value) => value.ToString(Math.Abs(value) < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
