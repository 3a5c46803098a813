using System.Runtime.CompilerServices;
using Humanitarian.Host.Configuration;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Host.Verification;

/// <summary>A data folder's blocks.</summary>
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

    /// <summary>For what would otherwise make an empty ledger where there is none.</summary>
    public static void RequireLedger(string folder)
    {
        var file = Path.Combine(Path.GetFullPath(folder), "blocks.db");
        if (!File.Exists(file))
        {
            throw new StartupFault(StartupCode.LedgerMissing, $"There is no ledger here: {file} does not exist (setting Storage:DataFolder). Name a ledger's data folder.");
        }
    }
}
