using Humanitarian.Chain.Canonical;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Host.Verification;

/// <summary>Makes projections from blocks, and compares those that are stored with those that the blocks give.</summary>
internal static class ProjectionReplay
{
    private const int TransactionsPerBatch = 5_000;

    /// <summary>Brings projections from where they stand up to a height; returns the height reached.</summary>
    public static async Task<ulong> AdvanceAsync(IBlockStore blocks, IProjectionStore projections, ulong upTo, CancellationToken cancellationToken)
    {
        var reached = await projections.HeightAsync(cancellationToken);
        var from = reached is { } height ? height + 1 : 0;
        var builder = new ProjectionBuilder();
        await foreach (var stored in blocks.ReadAsync(from, cancellationToken))
        {
            if (stored.Height > upTo)
            {
                break;
            }

            builder.Add(Decode(stored));
            reached = stored.Height;
            if (builder.Count >= TransactionsPerBatch)
            {
                await ApplyAsync(builder, projections, cancellationToken);
                builder = new ProjectionBuilder();
            }
        }

        await ApplyAsync(builder, projections, cancellationToken);
        return reached ?? 0;
    }

    /// <summary>The first line in which two projections differ, or null.</summary>
    public static async Task<string?> DifferenceAsync(IProjectionStore stored, IProjectionStore replayed, CancellationToken cancellationToken)
    {
        await using var left = stored.DumpAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using var right = replayed.DumpAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            var more = (Left: await left.MoveNextAsync(), Right: await right.MoveNextAsync());
            if (!more.Left && !more.Right)
            {
                return null;
            }

            if (!more.Left || !more.Right || left.Current != right.Current)
            {
                return $"stored '{(more.Left ? left.Current : "nothing")}', by the blocks '{(more.Right ? right.Current : "nothing")}'";
            }
        }
    }

    private static FollowedBlock Decode(StoredBlock stored)
    {
        try
        {
            return FollowedBlock.Of(new StoredBlockBytes(stored.Bytes, stored.Hash));
        }
        catch (EncodingException fault)
        {
            throw new StartupFault(
                StartupCode.DatabaseDamaged, $"The block at height {stored.Height} is damaged: {fault.Message} Restore the newest backup.", fault);
        }
    }

    private static async Task ApplyAsync(ProjectionBuilder builder, IProjectionStore projections, CancellationToken cancellationToken)
    {
        if (builder.Build() is { } batch && !await projections.ApplyAsync(batch, cancellationToken))
        {
            throw new InvalidDataException("The projections do not stand where the blocks were read from.");
        }
    }
}
