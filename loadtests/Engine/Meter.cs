using System.Collections.Concurrent;
using HdrHistogram;

namespace Humanitarian.LoadTests.Engine;

/// <summary>
/// Counts and times of one measurement. Latency runs from the intended start, service time from the actual one, lateness is the
/// generator's own delay between the two. Microseconds throughout. Writers never wait for the reader.
/// </summary>
internal sealed class Meter
{
    private const long LongestMicroseconds = 3_600_000_000;
    private const int Digits = 3;
    private readonly ConcurrentDictionary<string, long> refusals = new();
    private readonly ConcurrentDictionary<string, long> failures = new();
    private readonly Times latency = new();
    private readonly Times service = new();
    private readonly Times lateness = new();
    private long sent;
    private long ok;
    private long refused;
    private long failed;

    public long Sent => Interlocked.Read(ref sent);

    public long Ok => Interlocked.Read(ref ok);

    public long Refused => Interlocked.Read(ref refused);

    public long Failed => Interlocked.Read(ref failed);

    public long InFlight => Sent - Ok - Refused - Failed;

    public IReadOnlyDictionary<string, long> Refusals => refusals;

    public IReadOnlyDictionary<string, long> Failures => failures;

    public HistogramBase Latency => latency.Total;

    public HistogramBase Service => service.Total;

    public HistogramBase Lateness => lateness.Total;

    public void Started() => Interlocked.Increment(ref sent);

    /// <summary>Takes in the end of a request. Refusals and failures are counted by code; only what was done is timed.</summary>
    public void Ended(Response response, TimeSpan sinceIntended, TimeSpan sinceStarted)
    {
        switch (response.Outcome)
        {
            case Outcome.Ok:
                latency.Record(sinceIntended);
                service.Record(sinceStarted);
                lateness.Record(sinceIntended - sinceStarted);
                Interlocked.Increment(ref ok);
                break;
            case Outcome.Refused:
                refusals.AddOrUpdate(response.Code!, 1, static (_, count) => count + 1);
                Interlocked.Increment(ref refused);
                break;
            default:
                failures.AddOrUpdate(response.Code!, 1, static (_, count) => count + 1);
                Interlocked.Increment(ref failed);
                break;
        }
    }

    /// <summary>Latencies since the last call, which the total takes in. One reader only.</summary>
    public HistogramBase TakeInterval()
    {
        service.Take();
        lateness.Take();
        return latency.Take();
    }

    private sealed class Times
    {
        private readonly Recorder recorder = new(1, LongestMicroseconds, Digits, static (instance, low, high, digits) => new LongConcurrentHistogram(instance, low, high, digits));
        private HistogramBase? last;

        public LongHistogram Total { get; } = new(1, LongestMicroseconds, Digits);

        public void Record(TimeSpan time) => recorder.RecordValue(Math.Clamp((long)time.TotalMicroseconds, 1, LongestMicroseconds));

        public HistogramBase Take()
        {
            last = recorder.GetIntervalHistogram(last);
            Total.Add(last);
            return last;
        }
    }
}
