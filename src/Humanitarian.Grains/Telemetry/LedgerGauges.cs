using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Sequencing;

namespace Humanitarian.Grains.Telemetry;

/// <summary>The levels of this silo: what waits, what is in memory, how far the projections are behind.</summary>
public sealed class LedgerGauges(LedgerTelemetry telemetry, SequencerServices sequencing, LogFollower follower, ProjectionWriter projections, AdmissionGate gate)
{
    public void Register()
    {
        telemetry.Observe("humanitarian.sequencer.queue.normal", "{transaction}", "Single transactions that wait at this silo's sequencer.", () => sequencing.Queues.Waiting.Normal);
        telemetry.Observe("humanitarian.sequencer.queue.bulk", "{transaction}", "Bulk transactions that wait at this silo's sequencer.", () => sequencing.Queues.Waiting.Bulk);
        telemetry.Observe("humanitarian.sequencer.queue.leases", "{lease}", "Requests for a lease that wait at this silo's sequencer.", () => sequencing.Queues.Waiting.Leases);
        telemetry.Observe("humanitarian.commands.in_flight", "{command}", "Commands that this silo has admitted and not answered.", () => gate.InFlight);
        telemetry.Observe("humanitarian.log.height", "{block}", "Height up to which this silo follows the log.", () => (long)follower.Tail.NextHeight - 1);
        telemetry.Observe("humanitarian.log.tail", "{entry}", "Transactions, records and entries that this silo keeps in memory.", () => follower.Tail.Weight);
        telemetry.Observe("humanitarian.projections.lag", "{block}", "Blocks by which the projections are behind the log.", Lag);
    }

    private long Lag() => Math.Max(0, (long)follower.Tail.NextHeight - 1 - (long)(projections.Reached ?? 0));
}
