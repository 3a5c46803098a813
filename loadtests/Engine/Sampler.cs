using System.Diagnostics;

namespace Humanitarian.LoadTests.Engine;

/// <summary>Looks once a second at the meter, at this process and at the scenario's own levels.</summary>
internal sealed class Sampler(Meter meter, Func<IEnumerable<(string Name, double Value)>> probe, Action<Sampler> sampled)
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly List<double> times = [];
    private readonly Dictionary<string, List<double>> series = [];
    private readonly Stopwatch watch = new();
    private Reading last;
    private long ok;
    private long refused;
    private long failed;

    public IReadOnlyList<double> Times => times;

    public IReadOnlyDictionary<string, double[]> Series => series.ToDictionary(one => one.Key, one => one.Value.ToArray());

    /// <summary>The newest sample of a series; zero before the first.</summary>
    public double Newest(string name) => series.TryGetValue(name, out var values) && values.Count > 0 ? values[^1] : 0;

    public TimeSpan Elapsed => watch.Elapsed;

    /// <summary>Samples until cancelled, then once more.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        watch.Start();
        last = Reading.Now();
        while (!cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(Every, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Sample();
            sampled(this);
        }
    }

    private void Sample()
    {
        var now = Reading.Now();
        var seconds = Math.Max(0.001, (now.At - last.At).TotalSeconds);
        var (nowOk, nowRefused, nowFailed) = (meter.Ok, meter.Refused, meter.Failed);
        var interval = meter.TakeInterval();
        times.Add(watch.Elapsed.TotalSeconds);
        Add("ok_per_second", (nowOk - ok) / seconds);
        Add("refused_per_second", (nowRefused - refused) / seconds);
        Add("failed_per_second", (nowFailed - failed) / seconds);
        Add("in_flight", meter.InFlight);
        Add("latency_p50_ms", interval.TotalCount == 0 ? 0 : interval.GetValueAtPercentile(50) / 1000d);
        Add("latency_p99_ms", interval.TotalCount == 0 ? 0 : interval.GetValueAtPercentile(99) / 1000d);
        Add("latency_max_ms", interval.TotalCount == 0 ? 0 : interval.GetValueAtPercentile(100) / 1000d);
        Add("cpu_percent", (now.Processor - last.Processor).TotalSeconds / seconds / Environment.ProcessorCount * 100);
        Add("machine_cpu_percent", now.MachineBusy is { } busy && last.MachineBusy is { } before ? Share(busy, before) : 0);
        Add("gc_pause_ms", (now.Pause - last.Pause).TotalMilliseconds);
        Add("gc_gen0", now.Generation0 - last.Generation0);
        Add("gc_gen2", now.Generation2 - last.Generation2);
        Add("allocated_mb_per_second", (now.Allocated - last.Allocated) / seconds / 1_000_000);
        Add("heap_mb", now.Heap / 1_000_000d);
        Add("memory_mb", now.WorkingSet / 1_000_000d);
        foreach (var (name, value) in probe())
        {
            Add(name, value);
        }

        (last, ok, refused, failed) = (now, nowOk, nowRefused, nowFailed);
    }

    private void Add(string name, double value)
    {
        if (!series.TryGetValue(name, out var values))
        {
            // A level that appears late was zero before.
            series[name] = values = [.. Enumerable.Repeat(0d, times.Count - 1)];
        }

        values.Add(value);
    }

    private static double Share((long Busy, long All) now, (long Busy, long All) before) =>
        now.All == before.All ? 0 : (now.Busy - before.Busy) * 100d / (now.All - before.All);

    private readonly record struct Reading(
        TimeSpan At, TimeSpan Processor, (long Busy, long All)? MachineBusy, TimeSpan Pause, int Generation0, int Generation2, long Allocated, long Heap, long WorkingSet)
    {
        public static Reading Now()
        {
            using var process = Process.GetCurrentProcess();
            return new Reading(
                Stopwatch.GetElapsedTime(0), process.TotalProcessorTime, Busy(), GC.GetTotalPauseDuration(), GC.CollectionCount(0), GC.CollectionCount(2),
                GC.GetTotalAllocatedBytes(), GC.GetTotalMemory(false), process.WorkingSet64);
        }

        /// <summary>The whole machine, from whom others take time too: user nice system idle iowait irq softirq steal.</summary>
        private static (long Busy, long All)? Busy()
        {
            const string Statistics = "/proc/stat";
            if (!File.Exists(Statistics))
            {
                return null;
            }

            var ticks = File.ReadLines(Statistics).First().Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
                .Select(text => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
            return (ticks.Sum() - ticks[3] - ticks[4], ticks.Sum());
        }
    }
}
