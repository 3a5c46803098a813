using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Telemetry;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>What the ledger tells of its own levels, and how many seconds the projections are behind.</summary>
internal sealed class LedgerLevels : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentDictionary<string, long> levels = new();
    private readonly Queue<(ulong Height, long At)> heads = new();
    private readonly LogFollower follower;
    private readonly ProjectionWriter projections;

    public LedgerLevels(LogFollower follower, ProjectionWriter projections)
    {
        (this.follower, this.projections) = (follower, projections);
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == LedgerTelemetry.Name && instrument is ObservableGauge<long>)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => levels[instrument.Name] = value);
        listener.Start();
    }

    /// <summary>The levels now, named for the report.</summary>
    public IEnumerable<(string Name, double Value)> Read()
    {
        listener.RecordObservableInstruments();
        yield return ("queue_depth", Level("humanitarian.sequencer.queue.normal"));
        yield return ("queue_bulk", Level("humanitarian.sequencer.queue.bulk"));
        yield return ("queue_leases", Level("humanitarian.sequencer.queue.leases"));
        yield return ("tail_weight", Level("humanitarian.log.tail"));
        yield return ("block_height", Level("humanitarian.log.height"));
        yield return ("lag_blocks", Level("humanitarian.projections.lag"));
        yield return ("lag_seconds", LagSeconds());
    }

    /// <summary>
    /// How long ago the head stood where the projections stand now. Known to the second: heads are noted whenever this is asked.
    /// </summary>
    public double LagSeconds()
    {
        var (head, reached, now) = (follower.Tail.NextHeight, projections.Reached is { } height ? height + 1 : 0, Stopwatch.GetTimestamp());
        heads.Enqueue((head, now));
        while (heads.TryPeek(out var oldest) && oldest.Height <= reached)
        {
            heads.Dequeue();
        }

        return heads.TryPeek(out var behind) ? Stopwatch.GetElapsedTime(behind.At, now).TotalSeconds : 0;
    }

    public void Dispose() => listener.Dispose();

    private long Level(string name) => levels.GetValueOrDefault(name);
}
