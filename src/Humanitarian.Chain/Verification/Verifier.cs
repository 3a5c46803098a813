using Humanitarian.Chain.Exports;

namespace Humanitarian.Chain.Verification;

/// <summary>
/// Verifies a chain from genesis with no cluster and no database: its structure, hashes and seals, and every rule of every
/// transaction again at its ordered place.
/// </summary>
public static class Verifier
{
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
        try
        {
            await foreach (var block in blocks.WithCancellation(cancellationToken))
            {
                if (!replay.Append(block.Span))
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
    }
}
