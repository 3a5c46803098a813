using Humanitarian.Domain;

namespace Humanitarian.Storage.Blocks;

/// <summary>A sealed block as bytes; storage knows no more of it than what its insert depends on.</summary>
/// <param name="Bytes">Canonical encoding, header and signature included.</param>
public sealed record StoredBlock(ulong Height, Hash32 Hash, Hash32 Previous, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>True for the very same block, byte for byte.</summary>
    internal bool IsSameAs(StoredBlock other) =>
        Height == other.Height && Hash == other.Hash && Previous == other.Previous && Bytes.Span.SequenceEqual(other.Bytes.Span);
}

/// <summary>The newest durable block.</summary>
public readonly record struct BlockHead(ulong Height, Hash32 Hash);

/// <summary>How an insert ended.</summary>
public enum AppendResult
{
    /// <summary>The block is durable: it was written and synced, or the very same block already stood there.</summary>
    Durable = 1,

    /// <summary>Another block stands at its height, or its predecessor is not the head: another sequencer writes this ledger.</summary>
    Conflict = 2,
}

/// <summary>The log of blocks: the only thing that commits. One insert, conditional on height and predecessor, decides.</summary>
public interface IBlockStore
{
    /// <summary>
    /// Inserts the block if its height is the next and its predecessor is the head. An exception means that the outcome is unknown:
    /// repeating the call with the same bytes is safe and resolves it.
    /// </summary>
    Task<AppendResult> AppendAsync(StoredBlock block, CancellationToken cancellationToken = default);

    /// <summary>The newest durable block, or null on an empty store.</summary>
    Task<BlockHead?> HeadAsync(CancellationToken cancellationToken = default);

    /// <summary>One block, or null.</summary>
    Task<StoredBlock?> FindAsync(ulong height, CancellationToken cancellationToken = default);

    /// <summary>Blocks in order from a height up to the newest at the time of the call.</summary>
    IAsyncEnumerable<StoredBlock> ReadAsync(ulong fromHeight, CancellationToken cancellationToken = default);

    /// <summary>Hashes of blocks in order from a height, without their bytes: the leaves of the log over them.</summary>
    IAsyncEnumerable<Hash32> HashesAsync(ulong fromHeight, CancellationToken cancellationToken = default);

    /// <summary>The store's own clock, which several processes share; null where it has none but this process's.</summary>
    Task<DateTimeOffset?> ClockAsync(CancellationToken cancellationToken = default) => Task.FromResult<DateTimeOffset?>(null);
}
