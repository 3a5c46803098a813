using System.Numerics;
using System.Security.Cryptography;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Merkle;

/// <summary>
/// An append-only log's Merkle tree (RFC 9162, section 2.1, with SHA-256). Holds only the roots of the perfect subtrees that the
/// log consists of, largest first: one for each bit set in its size. Not for concurrent use. Proofs are in <see cref="LogProofs"/>.
/// </summary>
public sealed class LogTree
{
    private readonly List<Hash32> peaks = [];

    public LogTree()
    {
    }

    /// <summary>Continues a log from what <see cref="Size"/> and <see cref="Peaks"/> were.</summary>
    /// <exception cref="ArgumentException">The number of peaks is not the one that the size has.</exception>
    public LogTree(ulong size, ReadOnlySpan<Hash32> peaks)
    {
        if (BitOperations.PopCount(size) != peaks.Length)
            throw new ArgumentException($"A log of {size} leaves has {BitOperations.PopCount(size)} peaks.", nameof(peaks));
        Size = size;
        this.peaks.AddRange(peaks);
    }

    /// <summary>The root of a log without leaves: SHA-256 of nothing.</summary>
    public static Hash32 EmptyRoot { get; } = Hash32.FromSpan(SHA256.HashData([]));

    /// <summary>How many leaves were appended.</summary>
    public ulong Size { get; private set; }

    /// <summary>A copy of the subtree roots, to be stored with the size.</summary>
    public Hash32[] Peaks => [.. peaks];

    public Hash32 Root
    {
        get
        {
            if (peaks.Count == 0) return EmptyRoot;
            var root = peaks[^1];
            for (var i = peaks.Count - 2; i >= 0; i--) root = NodeHash(peaks[i], root);
            return root;
        }
    }

    public void Append(Hash32 leafData) => AppendHash(LeafHash(leafData));

    public void Append(ReadOnlySpan<byte> leafData) => AppendHash(LeafHash(leafData));

    /// <summary>SHA-256(00 ‖ data).</summary>
    public static Hash32 LeafHash(Hash32 leafData)
    {
        Span<byte> bytes = stackalloc byte[1 + Hash32.Size];
        bytes[0] = 0;
        leafData.CopyTo(bytes[1..]);
        return Sha256(bytes);
    }

    /// <inheritdoc cref="LeafHash(Hash32)"/>
    public static Hash32 LeafHash(ReadOnlySpan<byte> leafData) => Sha256([0, .. leafData]);

    /// <summary>The root over all these leaves.</summary>
    public static Hash32 RootOf(IReadOnlyList<Hash32> leaves) => LogProofs.RangeRoot(leaves, LeafHash, 0, (ulong)leaves.Count);

    /// <inheritdoc cref="RootOf(IReadOnlyList{Hash32})"/>
    public static Hash32 RootOf(IReadOnlyList<byte[]> leaves) =>
        LogProofs.RangeRoot(leaves, static leaf => LeafHash(leaf), 0, (ulong)leaves.Count);

    /// <inheritdoc cref="LogProofs.Inclusion"/>
    public static Hash32[] InclusionProof(IReadOnlyList<Hash32> leaves, ulong index, ulong size) =>
        LogProofs.Inclusion(leaves, LeafHash, index, size);

    /// <inheritdoc cref="LogProofs.Inclusion"/>
    public static Hash32[] InclusionProof(IReadOnlyList<byte[]> leaves, ulong index, ulong size) =>
        LogProofs.Inclusion(leaves, static leaf => LeafHash(leaf), index, size);

    /// <inheritdoc cref="LogProofs.Consistency"/>
    public static Hash32[] ConsistencyProof(IReadOnlyList<Hash32> leaves, ulong first, ulong second) =>
        LogProofs.Consistency(leaves, LeafHash, first, second);

    /// <inheritdoc cref="LogProofs.Consistency"/>
    public static Hash32[] ConsistencyProof(IReadOnlyList<byte[]> leaves, ulong first, ulong second) =>
        LogProofs.Consistency(leaves, static leaf => LeafHash(leaf), first, second);

    /// <summary>Whether the proof shows that the log of this size and root has this leaf at this index (RFC 9162, 2.1.3.2).</summary>
    public static bool VerifyInclusion(Hash32 root, ulong size, ulong index, Hash32 leafData, ReadOnlySpan<Hash32> proof) =>
        LogProofs.VerifyInclusion(root, size, index, LeafHash(leafData), proof);

    /// <inheritdoc cref="VerifyInclusion(Hash32, ulong, ulong, Hash32, ReadOnlySpan{Hash32})"/>
    public static bool VerifyInclusion(Hash32 root, ulong size, ulong index, ReadOnlySpan<byte> leafData, ReadOnlySpan<Hash32> proof) =>
        LogProofs.VerifyInclusion(root, size, index, LeafHash(leafData), proof);

    /// <summary>
    /// Whether the proof shows that the second log begins with the first (RFC 9162, 2.1.4.2). Every log begins with the empty one,
    /// and with itself: both are shown by an empty proof.
    /// </summary>
    public static bool VerifyConsistency(ulong first, Hash32 firstRoot, ulong second, Hash32 secondRoot, ReadOnlySpan<Hash32> proof) =>
        LogProofs.VerifyConsistency(first, firstRoot, second, secondRoot, proof);

    /// <summary>SHA-256(01 ‖ left ‖ right).</summary>
    internal static Hash32 NodeHash(Hash32 left, Hash32 right)
    {
        Span<byte> bytes = stackalloc byte[1 + 2 * Hash32.Size];
        bytes[0] = 1;
        left.CopyTo(bytes[1..]);
        right.CopyTo(bytes[(1 + Hash32.Size)..]);
        return Sha256(bytes);
    }

    internal void AppendHash(Hash32 leafHash)
    {
        // Each trailing one in the size is a subtree as large as the one in hand: the two become one.
        for (var merges = BitOperations.TrailingZeroCount(~Size); merges > 0; merges--)
        {
            leafHash = NodeHash(peaks[^1], leafHash);
            peaks.RemoveAt(peaks.Count - 1);
        }

        peaks.Add(leafHash);
        Size++;
    }

    private static Hash32 Sha256(ReadOnlySpan<byte> bytes)
    {
        Span<byte> digest = stackalloc byte[Hash32.Size];
        SHA256.HashData(bytes, digest);
        return Hash32.FromSpan(digest);
    }
}
