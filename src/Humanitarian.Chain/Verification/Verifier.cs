using System.Threading.Channels;
using Humanitarian.Chain.Exports;

namespace Humanitarian.Chain.Verification;

/// <summary>
/// Verifies a chain from genesis with no cluster and no database: its structure, hashes and seals, and every rule of every
/// transaction again at its ordered place.
/// </summary>
public static class Verifier
{
    // Blocks are prepared on other cores while earlier ones are replayed. Each may hold some megabytes, and what waits longer than the
    // collector's first generation lasts is copied by it.
    private static readonly int BlocksAhead = Math.Min(Environment.ProcessorCount, 16);

    /// <summary>Replays encoded blocks in order of height.</summary>
    /// <param name="blocks">Enumerated a second time when a closed part turns out to be deleted.</param>
    /// <param name="progress">Told the height of each good block.</param>
    public static async Task<VerificationReport> VerifyAsync(
        IAsyncEnumerable<ReadOnlyMemory<byte>> blocks, VerificationOptions options, IProgress<ulong>? progress = null, CancellationToken cancellationToken = default)
    {
        var replay = new ChainReplay(options, openOnly: false);
        await ReplayAsync(replay, blocks, progress, cancellationToken);
        if (replay.NeedsOpenOnly)
        {
            replay = new ChainReplay(options, openOnly: true);
            await ReplayAsync(replay, blocks, progress, cancellationToken);
        }

        return replay.Finish();
    }

    private static async Task ReplayAsync(
        ChainReplay replay, IAsyncEnumerable<ReadOnlyMemory<byte>> blocks, IProgress<ulong>? progress, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ahead = Channel.CreateBounded<Task<PreparedBlock>>(new BoundedChannelOptions(BlocksAhead) { SingleReader = true, SingleWriter = true });
        var reading = Task.Run(() => ReadAsync(blocks, ahead.Writer, ending.Token), CancellationToken.None);
        ulong height = 0;
        try
        {
            await foreach (var block in ahead.Reader.ReadAllAsync(cancellationToken))
            {
                if (!replay.Append(await block))
                {
                    return;
                }

                progress?.Report(height++);
            }
        }
        catch (ExportException fault)
        {
            replay.Fail(Invariants.Structure, null, fault.Message);
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
        }
    }

    /// <summary>Ends the queue with whatever ends the blocks: what came before it is judged first.</summary>
    private static async Task ReadAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> blocks, ChannelWriter<Task<PreparedBlock>> ahead, CancellationToken cancellationToken)
    {
        Exception? end = null;
        try
        {
            await foreach (var block in blocks.WithCancellation(cancellationToken))
            {
                await ahead.WriteAsync(Task.Run(() => PreparedBlock.Of(block.Span), cancellationToken), cancellationToken);
            }
        }
        catch (Exception fault)
        {
            end = fault;
        }

        ahead.Complete(end);
    }
}
