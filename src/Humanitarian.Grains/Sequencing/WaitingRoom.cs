using System.Threading.Channels;

namespace Humanitarian.Grains.Sequencing;

/// <summary>What waits to be ordered, and for leases: bounded queues. Bulk takes at most half of a block, so that tills don't wait.</summary>
internal sealed class WaitingRoom(SequencerLimits limits)
{
    private readonly Channel<Pending> normal = Channel.CreateBounded<Pending>(limits.Queue);
    private readonly Channel<Pending> bulk = Channel.CreateBounded<Pending>(limits.Queue);
    private readonly Channel<PendingLease> leases = Channel.CreateBounded<PendingLease>(limits.Queue);

    public (int Normal, int Bulk, int Leases) Counts => (normal.Reader.Count, bulk.Reader.Count, leases.Reader.Count);

    /// <summary>False when the queue is full or closed.</summary>
    public bool TryAdd(Pending pending) => (pending.Submission.Bulk ? bulk : normal).Writer.TryWrite(pending);

    /// <summary>False when the queue is full or closed.</summary>
    public bool TryAdd(PendingLease pending) => leases.Writer.TryWrite(pending);

    /// <summary>The next block's submissions, and the leases asked for meanwhile.</summary>
    public (List<Pending> Batch, List<PendingLease> Leases) Drain()
    {
        var batch = new List<Pending>();
        var bytes = 0;
        Take(normal, limits.BlockBytes, limits.BlockTransactions);
        Take(bulk, bytes + (limits.BlockBytes / 2), batch.Count + (limits.BlockTransactions / 2));
        var asked = new List<PendingLease>();
        while (asked.Count < limits.BlockTransactions && leases.Reader.TryRead(out var lease))
        {
            asked.Add(lease);
        }

        return (batch, asked);

        void Take(Channel<Pending> queue, int maximumBytes, int maximumCount)
        {
            while (batch.Count < maximumCount && bytes < maximumBytes && queue.Reader.TryRead(out var pending))
            {
                if (pending.Unit is { } unit)
                {
                    // It waits as its first and goes as a whole.
                    batch.AddRange(unit);
                    bytes += unit.Sum(one => one.Submission.Bytes);
                    continue;
                }

                batch.Add(pending);
                bytes += pending.Submission.Bytes;
            }
        }
    }

    /// <summary>Takes nothing in any more; answers all that is left.</summary>
    public (List<Pending> Submissions, List<PendingLease> Leases) Close()
    {
        normal.Writer.TryComplete();
        bulk.Writer.TryComplete();
        leases.Writer.TryComplete();
        var (submissions, asked) = (new List<Pending>(), new List<PendingLease>());
        while (normal.Reader.TryRead(out var pending) || bulk.Reader.TryRead(out pending))
        {
            submissions.AddRange(pending.Unit ?? [pending]);
        }

        while (leases.Reader.TryRead(out var lease))
        {
            asked.Add(lease);
        }

        return (submissions, asked);
    }
}
