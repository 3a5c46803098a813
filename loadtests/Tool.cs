using System.CommandLine;
using System.Text.Json;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Reports;
using Humanitarian.LoadTests.Scenarios;
using Spectre.Console;

namespace Humanitarian.LoadTests;

/// <summary>The command line. Exit code 0 when every promise held, 1 when one did not, 2 when the command line or the setup is wrong.</summary>
internal static class Tool
{
    private const int Broken = 1;
    private const int Wrong = 2;

    public static async Task<int> RunAsync(string[] arguments, IAnsiConsole console, TextWriter output)
    {
        var parsed = new RootCommand("Load tests of the ledger.") { Run(console, output), List(console), Compare(console), Hold(output) }.Parse(arguments);
        var code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = output });
        return parsed.Errors.Count > 0 ? Wrong : code;
    }

    private static Command Run(IAnsiConsole console, TextWriter output)
    {
        var options = new RunOptions();
        var command = new Command("run", "Runs scenarios one after the other, verifies after each, and reports. Name baselines among them to get ratios.");
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => GuardAsync(console, async () =>
        {
            var settings = options.Read(parsed);
            var scenarios = parsed.GetValue(options.Scenarios)!.Select(Catalogue.Find).ToArray();
            if (Refuse(scenarios, settings) is { } refused)
            {
                throw new FormatException(refused);
            }

            var json = parsed.GetValue(options.Json);
            var started = TimeProvider.System.GetUtcNow();
            var live = new LiveView(console);
            var measured = await live.ShowAsync(progress => ScenarioRun.RunAllAsync(scenarios, settings, TimeProvider.System, progress, cancellationToken));
            var report = new RunReport(started, Surroundings.Machine(), Surroundings.Commit(), [.. measured.Select(one => one.Result)]);
            if (parsed.GetValue(options.Report) is { } folder)
            {
                var written = await ReportFiles.WriteAsync(folder, report, measured, cancellationToken);
                console.WriteLine($"Reports: {string.Join(", ", written)}");
            }

            if (json)
            {
                await output.WriteLineAsync(report.ToJson());
            }
            else
            {
                Summary.Write(console, report);
            }

            return report.Ok ? 0 : Broken;
        }));
        return command;
    }

    private static string? Refuse(IReadOnlyList<Scenario> scenarios, RunSettings settings) =>
        settings.Rare.Where(rare => !scenarios.Any(scenario => scenario.Takes.Contains(rare.Setting))).Select(rare => $"No scenario of this run takes --{rare.Setting.ToLowerInvariant()}; see run --help.")
            .Concat(scenarios.Select(scenario => scenario.Refuse(settings))).FirstOrDefault(reason => reason is not null);

    private static Command List(IAnsiConsole console)
    {
        var command = new Command("list", "Lists the scenarios.");
        command.SetAction(_ =>
        {
            var table = new Table().AddColumns("scenario", "what it does", "source");
            foreach (var scenario in Catalogue.All)
            {
                table.AddRow(Markup.Escape(scenario.Name), Markup.Escape(scenario.About), Markup.Escape(scenario.Source));
            }

            console.Write(table);
            return 0;
        });
        return command;
    }

    private static Command Compare(IAnsiConsole console)
    {
        var before = new Argument<FileInfo>("A.json") { Description = "The older report." };
        var after = new Argument<FileInfo>("B.json") { Description = "The newer report." };
        var worst = new Option<double>("--tolerance") { Description = "Percent by which a figure may get worse before the exit code says so.", DefaultValueFactory = _ => 10 };
        var command = new Command("compare", "Compares two reports; exit code 1 when a figure got worse by more than the tolerance.") { before, after, worst };
        command.SetAction((parsed, cancellationToken) => GuardAsync(console, async () =>
        {
            var reports = await Task.WhenAll(new[] { parsed.GetValue(before)!, parsed.GetValue(after)! }.Select(async file =>
                RunReport.FromJson(await File.ReadAllTextAsync(file.FullName, cancellationToken))));
            var rows = Comparison.Of(reports[0], reports[1], parsed.GetValue(worst));
            Summary.Write(console, reports[0], reports[1], rows);
            var faults = Comparison.Faults(reports[0], reports[1]);
            foreach (var fault in faults)
            {
                console.WriteLine(fault);
            }

            return faults.Count > 0 || rows.Any(row => row.Worse) ? Broken : 0;
        }));
        return command;
    }

    private static Command Hold(TextWriter output)
    {
        var folder = new Argument<string>("folder");
        var command = new Command("hold", "Serves the ledger of a folder until its input ends; what 'restart' kills.") { folder };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => AtRest.HoldAsync(parsed.GetValue(folder)!, Console.In, output, cancellationToken));
        return command;
    }

    /// <summary>What the caller can mend is a sentence; anything else is a fault and shown whole.</summary>
    private static async Task<int> GuardAsync(IAnsiConsole console, Func<Task<int>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception fault) when (fault is FormatException or JsonException or IOException)
        {
            console.WriteLine(fault.Message);
            return Wrong;
        }
    }
}
