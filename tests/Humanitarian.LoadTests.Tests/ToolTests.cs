using Humanitarian.Domain;
using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Reports;
using Spectre.Console;

namespace Humanitarian.LoadTests.Tests;

/// <summary>The tool as it is called: its files and its exit code.</summary>
public sealed class ToolTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("humanitarian-loadtests-").FullName;
    private readonly StringWriter shown = new();

    [Fact]
    public async Task Transfers_run_verify_count_their_money_and_report()
    {
        var (code, json) = await RunAsync("run", "transfers", "baseline-disk", "--accounts", "1000", "--duration", "2", "--warm-up", "0.2", "--in-flight", "50", "--json", "--report", folder);
        Assert.True(code == 0, shown.ToString());
        var transfers = RunReport.FromJson(json).Scenarios[0];
        Assert.True(transfers.Metrics["ok"] > 0);
        Assert.Equal(7, transfers.Checks.Count);
        Assert.True(transfers.Metrics.ContainsKey("ratio.baseline-disk"));
        Assert.NotEmpty(transfers.Series["lag_seconds"]);
        Assert.Equal([".csv", ".hgrm", ".html", ".json", ".md"], Directory.GetFiles(folder).Select(Path.GetExtension).Distinct().Order());
        var page = await File.ReadAllTextAsync(Directory.GetFiles(folder, "*.html").Single(), TestContext.Current.CancellationToken);
        Assert.Contains("Projections behind the log", page);
        Assert.Contains("<svg", page);
    }

    /// <summary>Small and short: it shows that each still does its work, not how fast.</summary>
    [Theory]
    [InlineData("transfers", "--shape", "zipf", "--store", "postgres")]
    [InlineData("transfers", "--shape", "hot-payer", "--history", "500", "--active", "10")]
    [InlineData("disbursement-day", "--lines", "2000")]
    [InlineData("redemption-peak", "--target", "http")]
    [InlineData("reconnect-storm", "--lines", "30")]
    [InlineData("registration-surge")]
    [InlineData("coordination")]
    [InlineData("mixed-day")]
    [InlineData("fairness", "--target", "http")]
    [InlineData("growth", "--active", "20", "--history", "100")]
    [InlineData("memory")]
    [InlineData("restart", "--history", "100")]
    [InlineData("verify", "--history", "100")]
    [InlineData("baseline-sql")]
    [InlineData("baseline-http", "--in-flight", "10")]
    [InlineData("baseline-grains", "--in-flight", "10")]
    public async Task Every_scenario_runs_and_holds(string scenario, params string[] options)
    {
        var (code, json) = await RunAsync(["run", scenario, "--json", "--accounts", "50", "--duration", "1", "--warm-up", "0.2", .. options]);
        Assert.True(code == 0, json + shown);
        var result = RunReport.FromJson(json).Scenarios[0];
        Assert.True(result.Metrics.GetValueOrDefault("ok", 1) > 0);
        Assert.All(result.Stages, stage => Assert.True(stage.Count > 0, stage.Name));
    }

    [Fact]
    public async Task Kept_ledger_is_built_once_and_each_run_works_on_a_copy()
    {
        string[] run = ["run", "transfers", "--json", "--keep", folder, "--accounts", "50", "--history", "200", "--duration", "0.5", "--warm-up", "0"];
        Assert.Equal(0, (await RunAsync(run)).Code);
        var kept = Directory.GetDirectories(folder).Single();
        var built = Directory.GetFiles(kept).ToDictionary(file => file, File.ReadAllBytes);
        Assert.Equal(0, (await RunAsync(run)).Code);
        Assert.Equal(built.Keys.Order(), Directory.GetFiles(kept).Order());
        Assert.All(built, file => Assert.Equal(file.Value, File.ReadAllBytes(file.Key)));
        Assert.Equal(2, (await RunAsync([.. run, "--store", "postgres"])).Code);
    }

    [Fact]
    public async Task The_published_program_is_killed_and_serves_the_ledger_again()
    {
        string[] run = ["run", "restart", "--json", "--accounts", "50", "--history", "100", "--server"];
        var (code, json) = await RunAsync([.. run, Path.Combine(AppContext.BaseDirectory, "Humanitarian.Host.dll")]);
        Assert.True(code == 0, json + shown);
        Assert.Equal("Humanitarian.Host.dll", RunReport.FromJson(json).Scenarios[0].Settings["server"]);
        Assert.Equal(2, (await RunAsync([.. run, Path.Combine(folder, "nothing")])).Code);
    }

    [Fact]
    public async Task Another_client_confirms_redemptions_and_its_money_is_counted()
    {
        string[] run = ["run", "redemption-peak", "--json", "--accounts", "50", "--warm-up", "0.2", "--target", "http", "--outside"];
        Assert.Equal(2, (await RunAsync([.. run, Path.Combine(folder, "nothing.mjs")])).Code);
        var script = Path.Combine(Repository(), "loadtests", "outside", "autocannon.mjs");
        Assert.Equal(2, (await RunAsync([.. run, script])).Code);
        Assert.SkipUnless(Directory.Exists(Path.Combine(Path.GetDirectoryName(script)!, "node_modules")), "autocannon is not installed: 'npm ci' in loadtests/outside");
        var (code, json) = await RunAsync([.. run, script, "--simulation", "keep-constant 5 for 2s"]);
        Assert.True(code == 0, json + shown);
        var result = RunReport.FromJson(json).Scenarios[0];
        Assert.True(result.Metrics["outside.per_second"] > 0);
        Assert.Equal("autocannon.mjs", result.Settings["outside"]);
    }

    private static string Repository()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Humanitarian.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }

    [Fact]
    public void Every_scenario_is_tried() => Assert.All(
        Scenarios.Catalogue.All.Select(scenario => scenario.Name).Except(["baseline-disk"]),
        name => Assert.Contains(
            typeof(ToolTests).GetMethod(nameof(Every_scenario_runs_and_holds))!.GetCustomAttributesData(),
            data => data.ConstructorArguments is [{ Value: IReadOnlyList<System.Reflection.CustomAttributeTypedArgument> arguments }] && arguments[0].Value as string == name));

    [Fact]
    public async Task Growth_draws_its_curve_and_measures_all_accounts_of_a_kept_ledger()
    {
        var (code, json) = await RunAsync(
            "run", "growth", "--json", "--report", folder, "--keep", Path.Combine(folder, "kept"), "--accounts", "50", "--active", "10", "--history", "100", "--duration", "0.5", "--warm-up", "0");
        Assert.True(code == 0, json + shown);
        var growth = RunReport.FromJson(json).Scenarios[0];
        Assert.Equal([(10, 0L), (22, 10L), (50, 100L)], growth.Curve!.Select(point => (point.Accounts, point.History)));
        Assert.True(growth.Metrics["accounts_50_history_100_active_50.per_second"] > 0);
        Assert.Contains("Transfers a second by accounts", await File.ReadAllTextAsync(Directory.GetFiles(folder, "*.html").Single(), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_init_that_breaks_off_leaves_nothing_behind()
    {
        var left = "";
        await Assert.ThrowsAsync<InvalidOperationException>(() => Scenarios.VoucherRun.PrepareAsync(
            new RunSettings { Accounts = 10 },
            _ => { },
            run =>
            {
                left = run.Store.Folder;
                Assert.True(Directory.Exists(left));
                throw new InvalidOperationException("No beneficiaries.");
            },
            TestContext.Current.CancellationToken));
        Assert.False(Directory.Exists(left));
    }

    [Fact]
    public void A_stage_has_ratios_too()
    {
        var own = ReportOf(("import.per_second", 50), ("import.seconds", 2)).Scenarios[0] with { OpenModel = false };
        var baseline = own with { Name = "baseline-sql", Metrics = new Dictionary<string, double> { ["batched.per_second"] = 100 } };
        Assert.Equal(0.5, ScenarioRun.WithRatios(own, [baseline]).Metrics["ratio.import.baseline-sql.batched"]);
    }

    [Fact]
    public void Several_runs_count_by_their_median()
    {
        var three = ReportOf(("per_second", 100)) with { Scenarios = [.. new[] { 90d, 100, 130 }.Select(rate => ReportOf(("per_second", rate)).Scenarios[0])] };
        var row = Assert.Single(Comparison.Of(three, three, 0));
        Assert.Equal((100, 100, false), (row.Before, row.After, row.Worse));
        var own = ReportOf(("per_second", 50)).Scenarios[0] with { OpenModel = false };
        Assert.Equal(0.5, ScenarioRun.WithRatios(own, [.. three.Scenarios.Select(one => one with { Name = "baseline-sql", OpenModel = false })]).Metrics["ratio.baseline-sql"]);
    }

    [Fact]
    public async Task A_report_names_the_target_that_a_scenario_has()
    {
        var (_, json) = await RunAsync("run", "baseline-disk", "--json", "--duration", "0.1", "--warm-up", "0", "--target", "http", "--store", "postgres");
        Assert.Equal(("inproc", "a file"), (RunReport.FromJson(json).Scenarios[0].Settings["target"], RunReport.FromJson(json).Scenarios[0].Settings["store"]));
    }

    [Fact]
    public async Task A_broken_threshold_is_exit_code_1()
    {
        string[] run = ["run", "baseline-disk", "--duration", "0.3", "--warm-up", "0", "--threshold"];
        Assert.Equal(0, (await RunAsync([.. run, "per_second >= 1"])).Code);
        Assert.Equal(1, (await RunAsync([.. run, "per_second >= 1000000000"])).Code);
        Assert.Equal(1, (await RunAsync([.. run, "never_measured >= 1"])).Code);
    }

    [Fact]
    public async Task What_cannot_be_read_is_exit_code_2()
    {
        Assert.Equal(2, (await RunAsync("run", "nothing-of-the-kind")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "--threshold", "fast")).Code);
        Assert.Equal(2, (await RunAsync("run", "transfers", "--store", "paper")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "--threshold", "transfers: per_second >= 1")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "--duration", "0")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "--accounts", "1")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "--accounts", "10", "--active", "11")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "--simulation", "pause for 1s")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "growth", "--rate", "100")).Code);
        Assert.Equal(2, (await RunAsync("run", "baseline-disk", "--server", Environment.ProcessPath!)).Code);
        Assert.Equal(2, (await RunAsync("compare", Path.Combine(folder, "a.json"), Path.Combine(folder, "b.json"))).Code);
    }

    [Fact]
    public async Task The_list_names_every_scenario()
    {
        Assert.Equal(0, (await RunAsync("list")).Code);
        Assert.All(Scenarios.Catalogue.All, scenario => Assert.Contains(scenario.Name, shown.ToString()));
    }

    [Fact]
    public void A_rate_that_fell_and_a_time_that_rose_are_worse_and_the_reverse_is_not()
    {
        var before = ReportOf(("per_second", 100), ("p99_ms", 10), ("ok", 5), ("gone", 1));
        var worse = Comparison.Of(before, ReportOf(("per_second", 80), ("p99_ms", 12), ("ok", 1)), 10);
        Assert.Equal(["per_second", "p99_ms"], worse.Where(row => row.Worse).Select(row => row.Metric));
        Assert.DoesNotContain(worse, row => row.Metric == "gone");
        Assert.DoesNotContain(Comparison.Of(before, ReportOf(("per_second", 120), ("p99_ms", 8)), 10), row => row.Worse);
        Assert.DoesNotContain(Comparison.Of(before, ReportOf(("per_second", 95), ("p99_ms", 10.5)), 10), row => row.Worse);
    }

    [Fact]
    public async Task Compare_says_by_its_exit_code_whether_something_got_worse()
    {
        var (a, b) = (Path.Combine(folder, "a.json"), Path.Combine(folder, "b.json"));
        await File.WriteAllTextAsync(a, ReportOf(("per_second", 100)).ToJson(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(b, ReportOf(("per_second", 50)).ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal(1, (await RunAsync("compare", a, b)).Code);
        Assert.Equal(0, (await RunAsync("compare", b, a)).Code);
        Assert.Equal(0, (await RunAsync("compare", a, b, "--tolerance", "60")).Code);
    }

    [Fact]
    public async Task Compare_takes_no_newer_report_that_broke_a_promise_or_lacks_a_scenario()
    {
        var (a, b, c) = (Path.Combine(folder, "a.json"), Path.Combine(folder, "b.json"), Path.Combine(folder, "c.json"));
        var good = ReportOf(("per_second", 100));
        await File.WriteAllTextAsync(a, good.ToJson(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(b, (good with { Scenarios = [good.Scenarios[0] with { Checks = [new Check("balances sum to zero", false, "1")] }] }).ToJson(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(c, (good with { Scenarios = [good.Scenarios[0] with { Name = "another" }] }).ToJson(), TestContext.Current.CancellationToken);
        Assert.Equal(0, (await RunAsync("compare", a, a)).Code);
        Assert.Equal(1, (await RunAsync("compare", a, b)).Code);
        Assert.Equal(1, (await RunAsync("compare", a, c)).Code);
    }

    [Fact]
    public async Task A_run_in_which_nothing_is_done_does_not_hold()
    {
        Assert.False(Assert.Single(await RunAllAsync(Scripted("refusing", _ => Response.Refused("NO")))).Ok);
        Assert.True(Assert.Single(await RunAllAsync(Scripted("doing", _ => Response.Ok))).Ok);
    }

    [Fact]
    public async Task A_scenario_that_breaks_off_fails_and_the_others_are_reported()
    {
        var results = await RunAllAsync(
            Scripted("before", _ => Response.Ok), new Scenario("broken", "", "", (_, _, _) => throw new InvalidOperationException("No server.")), Scripted("after", _ => Response.Ok));
        Assert.Equal([true, false, true], results.Select(result => result.Ok));
        Assert.Contains(results[1].Checks, check => check.Detail.Contains("No server.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Money_that_is_lost_fails_the_run_and_its_clean_up_is_done()
    {
        var cleaned = false;
        var result = Assert.Single(await RunAllAsync(new Scenario("losing", "", "", (_, _, _) => Task.FromResult(new Prepared
        {
            Request = _ => ValueTask.FromResult(Response.Ok),
            VerifyAsync = _ => Task.FromResult(new Aftermath([new Check("balances sum to zero", false, "1")], new Dictionary<string, double>())),
            CleanAsync = () =>
            {
                cleaned = true;
                return ValueTask.CompletedTask;
            },
        }))));
        Assert.False(result.Ok);
        Assert.True(cleaned);
    }

    [Fact]
    public void An_outcome_that_the_system_does_not_know_is_a_failure() =>
        Assert.Equal((Outcome.Failed, Outcome.Refused), (Response.Refused(RefusalCode.Unknown).Outcome, Response.Refused(RefusalCode.InsufficientFunds).Outcome));

    [Fact]
    public async Task A_scenario_that_runs_twice_has_its_files_twice()
    {
        Assert.Equal(0, (await RunAsync("run", "baseline-disk", "baseline-disk", "--duration", "0.2", "--warm-up", "0", "--report", folder)).Code);
        Assert.Equal(2, Directory.GetFiles(folder, "*.csv").Length);
    }

    [Fact]
    public void A_threshold_on_a_ratio_is_nothing_to_a_baseline()
    {
        var threshold = Threshold.Parse("ratio.baseline-grains >= 0.12");
        Assert.True(threshold.IsOf("transfers"));
        Assert.False(threshold.IsOf("baseline-grains"));
    }

    [Fact]
    public void The_open_model_has_no_ratios_since_its_rate_was_asked_for()
    {
        var own = ReportOf(("per_second", 50)).Scenarios[0] with { OpenModel = false };
        var baseline = own with { Name = "baseline-http" };
        Assert.DoesNotContain("ratio.baseline-http", ScenarioRun.WithRatios(own with { OpenModel = true }, [baseline]).Metrics.Keys);
        Assert.DoesNotContain("ratio.baseline-http", ScenarioRun.WithRatios(own, [baseline with { OpenModel = true }]).Metrics.Keys);
        Assert.Contains("ratio.baseline-http", ScenarioRun.WithRatios(own, [baseline]).Metrics.Keys);
    }

    [Fact]
    public void Ratios_are_taken_to_every_rate_of_the_baselines_of_the_same_run()
    {
        var own = ReportOf(("per_second", 50)).Scenarios[0] with { OpenModel = false };
        var baseline = own with { Name = "baseline-sql", Metrics = new Dictionary<string, double> { ["unbatched.per_second"] = 5, ["batched.per_second"] = 25 } };
        var metrics = ScenarioRun.WithRatios(own, [baseline]).Metrics;
        Assert.Equal((10, 2), (metrics["ratio.baseline-sql.unbatched"], metrics["ratio.baseline-sql.batched"]));
        Assert.Same(baseline, ScenarioRun.WithRatios(baseline, [baseline]));
    }

    [Fact]
    public void A_failed_check_fails_the_run_whatever_its_thresholds() =>
        Assert.False((ReportOf().Scenarios[0] with { Checks = [new Check("balances sum to zero", false, "1")] }).Ok);

    private static Scenario Scripted(string name, Func<long, Response> answer) =>
        new(name, "", "", (_, _, _) => Task.FromResult(new Prepared { Request = number => ValueTask.FromResult(answer(number)) }));

    private static async Task<ScenarioResult[]> RunAllAsync(params Scenario[] scenarios) =>
    [
        .. (await ScenarioRun.RunAllAsync(
            scenarios, new RunSettings { Duration = TimeSpan.FromMilliseconds(500), WarmUp = TimeSpan.Zero, InFlight = 1 }, TimeProvider.System, RunProgress.None,
            TestContext.Current.CancellationToken)).Select(measured => measured.Result),
    ];

    public void Dispose()
    {
        shown.Dispose();
        Directory.Delete(folder, true);
    }

    internal static RunReport ReportOf(params (string Name, double Value)[] metrics) => new(
        DateTimeOffset.UnixEpoch, new Machine("cpu", 2, 4, "system", "runtime", "server"), "abc",
        [
            new ScenarioResult(
                "transfers", "about", new Dictionary<string, string> { ["store"] = "sqlite" }, ["inject 10 for 1s"], true, 1, metrics.ToDictionary(one => one.Name, one => one.Value),
                new Dictionary<string, long>(), new Dictionary<string, long>(), null, null, null, [1, 2], new Dictionary<string, double[]> { ["ok_per_second"] = [1, 2] }, [], [], []),
        ]);

    private async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Interactive = InteractionSupport.No, Out = new AnsiConsoleOutput(shown) });
        console.Profile.Width = 200;
        return (await Tool.RunAsync(arguments, console, output), output.ToString());
    }
}
