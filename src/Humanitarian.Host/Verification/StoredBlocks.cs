using System.Runtime.CompilerServices;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Host.Verification;

/// <summary>A ledger's blocks.</summary>
internal static class StoredBlocks
{
    /// <summary>Every block's bytes, from genesis.</summary>
    public static async IAsyncEnumerable<ReadOnlyMemory<byte>> BytesAsync(IBlockStore blocks, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var block in blocks.ReadAsync(0, cancellationToken))
        {
            yield return block.Bytes;
        }
    }
}
