using Humanitarian.Chain.Exports;

namespace Humanitarian.Chain.Verification;

/// <summary>
/// Verifies a chain from genesis with no cluster and no database: its structure, hashes and seals, and every rule of every
/// transaction again at its ordered place.
/// </summary>
public static class Verifier
{
    // Blocks are prepared on other cores while earlier ones are replayed; each may hold some megabytes.
    private static readonly int BlocksAhead = Math.Min(2 * Environment.ProcessorCount, 16);

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
        ulong height = 0;
        var ahead = new Queue<Task<PreparedBlock>>();
        try
        {
            await foreach (var block in blocks.WithCancellation(cancellationToken))
            {
                ahead.Enqueue(Task.Run(() => PreparedBlock.Of(block.Span), cancellationToken));
                if (ahead.Count > BlocksAhead && !await NextAsync())
                {
                    return;
                }
            }

            while (ahead.Count > 0 && await NextAsync())
            {
            }
        }
        catch (ExportException fault)
        {
            // What came before it is judged first.
            while (ahead.Count > 0)
            {
                if (!await NextAsync())
                {
                    return;
                }
            }

            replay.Fail(Invariants.Structure, null, fault.Message);
        }

        async Task<bool> NextAsync()
        {
            if (!replay.Append(await ahead.Dequeue()))
            {
                return false;
            }

            progress?.Report(height++);
            return true;
        }
    }
}
