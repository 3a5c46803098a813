using HdrHistogram;

namespace Humanitarian.LoadTests.Engine;

/// <summary>What one scenario measured, with the histograms that the JSON leaves out.</summary>
internal sealed record Measured(ScenarioResult Result, HistogramBase? Latency, HistogramBase? Service);

/// <summary>Tells somebody how a run goes on.</summary>
/// <param name="Status">A sentence on what is done now.</param>
/// <param name="Sampled">Called every second of a measurement, with the scenario's name.</param>
internal sealed record RunProgress(Action<string> Status, Action<string, Sampler, Meter> Sampled)
{
    public static RunProgress None { get; } = new(_ => { }, (_, _, _) => { });
}

/// <summary>Runs scenarios one after the other: init, warm-up, measurement, verification, clean.</summary>
internal static class ScenarioRun
{
    /// <summary>Runs all and adds to each its ratios to the baselines of the same run.</summary>
    public static async Task<IReadOnlyList<Measured>> RunAllAsync(
        IReadOnlyList<Scenario> scenarios, RunSettings settings, TimeProvider time, RunProgress progress, CancellationToken cancellationToken)
    {
        var measured = new List<Measured>();
        foreach (var scenario in scenarios)
        {
            measured.Add(await TryAsync(scenario, settings, time, progress, cancellationToken));
        }

        var baselines = measured.Select(one => one.Result).Where(result => result.Name.StartsWith("baseline-", StringComparison.Ordinal)).ToArray();
        return [.. measured.Select(one => one with { Result = Judged(WithRatios(one.Result, baselines), settings) })];
    }

    /// <summary>
    /// Ratios of every rate, of the whole or of a stage, to every rate of every baseline; a baseline has none, nor has the open model,
    /// whose rate is the one that was asked for.
    /// </summary>
    public static ScenarioResult WithRatios(ScenarioResult result, IReadOnlyList<ScenarioResult> baselines)
    {
        if (result.Name.StartsWith("baseline-", StringComparison.Ordinal) || result.OpenModel)
        {
            return result;
        }

        var metrics = new Dictionary<string, double>(result.Metrics);
        foreach (var (own, rate) in RatesOf(result))
        {
            foreach (var runs in baselines.Where(baseline => !baseline.OpenModel).SelectMany(baseline => RatesOf(baseline), (baseline, of) => (baseline.Name, of.Of, of.PerSecond))
                .GroupBy(one => (one.Name, one.Of), one => one.PerSecond))
            {
                // Of a baseline that ran several times, the median.
                if (Median(runs) is > 0 and var value)
                {
                    metrics[$"ratio.{(own.Length == 0 ? "" : own + ".")}{runs.Key.Name}{(runs.Key.Of.Length == 0 ? "" : "." + runs.Key.Of)}"] = rate / value;
                }
            }
        }

        return result with { Metrics = metrics };
    }

    /// <summary>The middle one, or the mean of the two in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }

    private static IEnumerable<(string Of, double PerSecond)> RatesOf(ScenarioResult result)
    {
        const string Rate = "per_second";
        return from metric in result.Metrics
               where metric.Key == Rate || metric.Key.EndsWith('.' + Rate, StringComparison.Ordinal)
               select (metric.Key == Rate ? "" : metric.Key[..^(Rate.Length + 1)], metric.Value);
    }

    private static ScenarioResult Judged(ScenarioResult result, RunSettings settings) => result with
    {
        Thresholds =
        [
            .. result.Thresholds,
            .. settings.Thresholds.Select(Threshold.Parse).Where(threshold => threshold.IsOf(result.Name)).Select(threshold => threshold.Judge(result.Metrics)),
        ],
    };

    /// <summary>A scenario that breaks off has failed; what the others measured is reported all the same.</summary>
    private static async Task<Measured> TryAsync(Scenario scenario, RunSettings settings, TimeProvider time, RunProgress progress, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(scenario, settings, time, progress, cancellationToken);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            // Where it broke is for whoever runs it; a report travels, and has the sentence.
            progress.Status($"{scenario.Name}: {fault}");
            var none = new Dictionary<string, double>();
            return new Measured(
                new ScenarioResult(
                    scenario.Name, scenario.About, settings.Describe(scenario), [], false, 0, none, new Dictionary<string, long>(), new Dictionary<string, long>(), null, null, null, [],
                    new Dictionary<string, double[]>(), [], [new Check("it ran to its end", false, $"{fault.GetType().Name}: {fault.Message}")], []),
                null, null);
        }
    }

    private static async Task<Measured> RunAsync(Scenario scenario, RunSettings settings, TimeProvider time, RunProgress progress, CancellationToken cancellationToken)
    {
        progress.Status($"{scenario.Name}: init");
        var prepared = await scenario.InitAsync(settings, text => progress.Status($"{scenario.Name}: {text}"), cancellationToken);
        try
        {
            return await MeasureAsync(scenario, prepared, settings, time, progress, cancellationToken);
        }
        finally
        {
            progress.Status($"{scenario.Name}: clean");
            await prepared.CleanAsync();
        }
    }

    private static async Task<Measured> MeasureAsync(
        Scenario scenario, Prepared prepared, RunSettings settings, TimeProvider time, RunProgress progress, CancellationToken cancellationToken)
    {
        var phases = prepared.Request is null ? [] : settings.PhasesOf(prepared);
        var generator = new LoadGenerator(time, Waiting.Precisely);

        // Where requests are counted, warming up takes a third of them at most.
        if (prepared is { Request: { } warming } && settings.WarmUpOf(phases) is { Count: > 0 } warmUp)
        {
            progress.Status($"{scenario.Name}: warm-up");
            await OnOwnThreadAsync(() => generator.Run(
                warmUp, warming, new Meter(), settings.Seed, cancellationToken, prepared.Requests == long.MaxValue ? long.MaxValue : prepared.Requests / 3));
        }

        progress.Status($"{scenario.Name}: measuring");
        await prepared.MeasuringAsync();
        var meter = new Meter();
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var sampler = new Sampler(meter, prepared.Probe, one => progress.Sampled(scenario.Name, one, meter));
        var sampling = Task.Run(() => sampler.RunAsync(ending.Token), CancellationToken.None);
        var start = time.GetTimestamp();
        var stages = await StagesAsync(scenario, prepared, time, progress, cancellationToken);
        var elapsed = prepared.Request is { } request
            ? await OnOwnThreadAsync(() => generator.Run(phases, request, meter, settings.Seed, cancellationToken, prepared.Requests))
            : time.GetElapsedTime(start);
        await ending.CancelAsync();
        await sampling;
        progress.Status($"{scenario.Name}: verifying");
        var aftermath = await prepared.VerifyAsync(meter);
        var result = ResultOf(scenario, settings, phases, elapsed, meter, sampler, stages, aftermath);
        return new Measured(
            result with { Thresholds = [.. prepared.Thresholds.Select(Threshold.Parse).Select(threshold => threshold.Judge(result.Metrics))] },
            meter.Latency.TotalCount == 0 ? null : meter.Latency, meter.Service.TotalCount == 0 ? null : meter.Service);
    }

    private static ScenarioResult ResultOf(
        Scenario scenario, RunSettings settings, IReadOnlyList<LoadSimulation> phases, TimeSpan elapsed, Meter meter, Sampler sampler,
        IReadOnlyList<StageResult> stages, Aftermath aftermath)
    {
        var open = phases.Any(phase => phase.IsOpen);
        var latency = Percentiles.Of(meter.Latency);
        var metrics = new Dictionary<string, double>();
        if (phases.Count > 0)
        {
            metrics["sent"] = meter.Sent;
            metrics["ok"] = meter.Ok;
            metrics["refused"] = meter.Refused;
            metrics["failed"] = meter.Failed + meter.InFlight;
            metrics["per_second"] = meter.Ok / elapsed.TotalSeconds;
        }

        foreach (var (name, value) in latency is null ? [] : new[] { ("p50_ms", latency.P50), ("p90_ms", latency.P90), ("p99_ms", latency.P99), ("p999_ms", latency.P999), ("max_ms", latency.Max) })
        {
            metrics[name] = value;
        }

        foreach (var stage in stages)
        {
            metrics[$"{stage.Name}.seconds"] = stage.Seconds;
            if (stage.Unit.Length > 0)
            {
                metrics[$"{stage.Name}.per_second"] = stage.PerSecond;
            }
        }

        foreach (var (name, value) in aftermath.Metrics)
        {
            metrics[name] = value;
        }

        foreach (var (name, values) in sampler.Series.Where(one => one.Key is "cpu_percent" or "machine_cpu_percent" or "allocated_mb_per_second"))
        {
            metrics[name] = values.Length == 0 ? 0 : values.Average();
        }

        Check[] asked =
        [
            new Check("every request was answered", meter.InFlight == 0, $"{meter.InFlight} without an answer"),
            .. phases.Count == 0 ? Array.Empty<Check>() : [new Check("something was done", meter.Ok > 0, $"{meter.Ok:N0} of {meter.Sent:N0} requests")],
        ];
        return new ScenarioResult(
            scenario.Name, scenario.About, settings.Describe(scenario), [.. phases.Select(phase => phase.ToString())], open, elapsed.TotalSeconds, metrics,
            meter.Refusals, meter.Failures, latency, Percentiles.Of(meter.Service), open ? Percentiles.Of(meter.Lateness) : null, sampler.Times, sampler.Series,
            stages, [.. asked, .. aftermath.Checks], [], aftermath.Curve.Count == 0 ? null : aftermath.Curve);
    }

    private static async Task<IReadOnlyList<StageResult>> StagesAsync(
        Scenario scenario, Prepared prepared, TimeProvider time, RunProgress progress, CancellationToken cancellationToken)
    {
        var results = new List<StageResult>();
        foreach (var stage in prepared.Stages)
        {
            progress.Status($"{scenario.Name}: {stage.Name}");
            var start = time.GetTimestamp();
            var count = await stage.RunAsync(cancellationToken);
            results.Add(new StageResult(stage.Name, stage.Unit, count, time.GetElapsedTime(start).TotalSeconds));
        }

        return results;
    }

    /// <summary>The generator waits on its thread, so it must not be one of the pool's.</summary>
    private static Task<TimeSpan> OnOwnThreadAsync(Func<TimeSpan> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
