using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Log;

/// <summary>Brings the tail of this silo up to a height: from the sequencer beside it when it offers the block, else from the store.</summary>
public sealed class LogFollower(IBlockStore blocks, LedgerTail tail)
{
    private readonly SemaphoreSlim reading = new(1, 1);
    private TaskCompletionSource moved = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Raised after blocks were added.</summary>
    public event Action? Advanced;

    /// <summary>
    /// Completes when blocks are added after this was taken. Who takes it before reading misses nothing, and however many blocks come
    /// meanwhile, is woken once.
    /// </summary>
    public Task Moved => Volatile.Read(ref moved).Task;

    public LedgerTail Tail => tail;

    /// <summary>Takes a durable block that this process already has decoded, if it is the next.</summary>
    public void Offer(FollowedBlock block)
    {
        if (tail.Append(block))
        {
            Advance();
        }
    }

    /// <summary>Returns once every block up to the height is in the tail or behind it.</summary>
    public async Task FollowAsync(ulong height, CancellationToken cancellationToken = default)
    {
        if (tail.NextHeight > height)
        {
            return;
        }

        await reading.WaitAsync(cancellationToken);
        try
        {
            while (tail.NextHeight <= height)
            {
                await foreach (var stored in blocks.ReadAsync(tail.NextHeight, cancellationToken))
                {
                    tail.Append(FollowedBlock.Of(new StoredBlockBytes(stored.Bytes, stored.Hash)));
                    if (stored.Height >= height)
                    {
                        break;
                    }
                }

                if (tail.NextHeight <= height && ((await blocks.HeadAsync(cancellationToken))?.Height ?? 0) < height)
                {
                    throw new InvalidOperationException($"The store has no block {height}.");
                }
            }
        }
        finally
        {
            reading.Release();
        }

        Advance();
    }

    private void Advance()
    {
        Interlocked.Exchange(ref moved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        Advanced?.Invoke();
    }

    /// <summary>Follows everything the store holds.</summary>
    public async Task FollowToHeadAsync(CancellationToken cancellationToken = default)
    {
        if (await blocks.HeadAsync(cancellationToken) is { } head)
        {
            await FollowAsync(head.Height, cancellationToken);
        }
    }
}
