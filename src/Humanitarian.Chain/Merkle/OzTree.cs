using System.Buffers;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Merkle;

/// <summary>
/// The tree of OpenZeppelin's StandardMerkleTree, so that its JavaScript library and the Solidity MerkleProof check our proofs
/// as they are. Shows membership; neither position nor order, since leaves are sorted and siblings hashed in sorted order.
/// </summary>
/// <remarks>
/// The tree is an array with its root first and the children of i at 2i + 1 and 2i + 2; n sorted leaves fill its last n places
/// from the end backwards.
/// </remarks>
public static class OzTree
{
    /// <summary>keccak256(keccak256(encoded)): twice, so that no inner node can pass for a leaf.</summary>
    public static Hash32 LeafHash(ReadOnlySpan<byte> abiEncoded)
    {
        Span<byte> inner = stackalloc byte[Hash32.Size];
        Keccak.Hash(abiEncoded, inner);
        return Keccak.Hash(inner);
    }

    /// <summary>The leaf hashes of many leaves, in their order.</summary>
    /// <param name="encode">Writes the encoding of the leaf at an index into as many zero bytes as <paramref name="size"/> says.</param>
    /// <param name="size">Bytes of every leaf's encoding.</param>
    public static Hash32[] LeafHashes(int count, int size, SpanAction<byte, int> encode)
    {
        var hashes = new Hash32[count];
        Span<byte> encoded = stackalloc byte[KeccakFour.Width * size];
        Span<byte> inner = stackalloc byte[KeccakFour.Width * Hash32.Size];
        Span<Hash32> four = stackalloc Hash32[KeccakFour.Width];
        for (var at = 0; at < count; at += KeccakFour.Width)
        {
            var together = Math.Min(KeccakFour.Width, count - at);
            encoded.Clear();
            for (var index = 0; index < together; index++)
            {
                encode(encoded.Slice(index * size, size), at + index);
            }

            HashFour(encoded, size, four);
            CopyTo(four, inner);
            HashFour(inner, Hash32.Size, four);
            four[..together].CopyTo(hashes.AsSpan(at));
        }

        return hashes;
    }

    /// <summary>The root over the leaf hashes, in whatever order they come.</summary>
    /// <exception cref="ArgumentException">No leaves: what an empty tree's root is, the caller defines.</exception>
    public static Hash32 Root(ReadOnlySpan<Hash32> leafHashes)
    {
        RequireLeaves(leafHashes.Length);
        var rented = ArrayPool<Hash32>.Shared.Rent(2 * leafHashes.Length - 1);
        var tree = rented.AsSpan(0, 2 * leafHashes.Length - 1);
        leafHashes.CopyTo(Leaves(tree));
        Build(tree);
        var root = tree[0];
        ArrayPool<Hash32>.Shared.Return(rented);
        return root;
    }

    /// <inheritdoc cref="Root(ReadOnlySpan{Hash32})"/>
    public static Hash32 Root(IReadOnlyList<Hash32> leafHashes) => Root(leafHashes.ToArray());

    /// <summary>The siblings on the way from one leaf, by its place among the leaves given, up to the root.</summary>
    /// <exception cref="ArgumentException">No leaves.</exception>
    /// <exception cref="ArgumentOutOfRangeException">No leaf has this index.</exception>
    public static Hash32[] Proof(IReadOnlyList<Hash32> leafHashes, int index)
    {
        RequireLeaves(leafHashes.Count);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leafHashes.Count);
        return Built(leafHashes).ProofOf(leafHashes[index]);
    }

    /// <summary>The whole tree, for those who want many proofs of it.</summary>
    /// <exception cref="ArgumentException">No leaves.</exception>
    public static BuiltTree Built(IReadOnlyList<Hash32> leafHashes)
    {
        RequireLeaves(leafHashes.Count);
        var tree = new Hash32[2 * leafHashes.Count - 1];
        var leaves = Leaves(tree);
        for (var i = 0; i < leaves.Length; i++) leaves[i] = leafHashes[i];
        Build(tree);
        return new BuiltTree(tree);
    }

    /// <summary>A tree with all its nodes: 64 bytes for each leaf.</summary>
    public sealed class BuiltTree
    {
        private readonly Hash32[] tree;

        internal BuiltTree(Hash32[] tree) => this.tree = tree;

        public Hash32 Root => tree[0];

        /// <summary>The siblings on the way from a leaf up to the root.</summary>
        /// <exception cref="ArgumentException">It is no leaf of this tree.</exception>
        public Hash32[] ProofOf(Hash32 leafHash)
        {
            var place = Leaves(tree).IndexOf(leafHash);
            if (place < 0) throw new ArgumentException("It is no leaf of this tree.", nameof(leafHash));

            var proof = new List<Hash32>();
            for (var node = tree.Length / 2 + place; node > 0; node = (node - 1) / 2)
                proof.Add(tree[node % 2 == 1 ? node + 1 : node - 1]);
            return [.. proof];
        }
    }

    /// <summary>Whether the proof leads from the leaf to the root.</summary>
    public static bool Verify(Hash32 root, Hash32 leafHash, ReadOnlySpan<Hash32> proof)
    {
        var node = leafHash;
        foreach (var sibling in proof) node = Node(node, sibling);
        return node == root;
    }

    private static Span<Hash32> Leaves(Span<Hash32> tree) => tree[(tree.Length / 2)..];

    private static void Build(Span<Hash32> tree)
    {
        Leaves(tree).Sort();
        Leaves(tree).Reverse();
        var i = tree.Length / 2 - 1;
        Span<byte> pairs = stackalloc byte[KeccakFour.Width * 2 * Hash32.Size];
        Span<Hash32> nodes = stackalloc Hash32[KeccakFour.Width];

        // Four nodes side by side as long as none of them is another's child.
        for (; i >= 2 * KeccakFour.Width - 2; i -= KeccakFour.Width)
        {
            for (var next = 0; next < KeccakFour.Width; next++)
            {
                var left = 2 * (i - next) + 1;
                Join(tree[left], tree[left + 1], pairs[(next * 2 * Hash32.Size)..]);
            }

            HashFour(pairs, 2 * Hash32.Size, nodes);
            for (var next = 0; next < KeccakFour.Width; next++) tree[i - next] = nodes[next];
        }

        for (; i >= 0; i--) tree[i] = Node(tree[2 * i + 1], tree[2 * i + 2]);
    }

    private static void HashFour(ReadOnlySpan<byte> messages, int size, Span<Hash32> digests) =>
        KeccakFour.Hash(messages[..size], messages[size..(2 * size)], messages[(2 * size)..(3 * size)], messages[(3 * size)..(4 * size)], digests);

    private static void CopyTo(ReadOnlySpan<Hash32> hashes, Span<byte> destination)
    {
        for (var index = 0; index < hashes.Length; index++) hashes[index].CopyTo(destination[(index * Hash32.Size)..]);
    }

    private static Hash32 Node(Hash32 a, Hash32 b)
    {
        Span<byte> pair = stackalloc byte[2 * Hash32.Size];
        Join(a, b, pair);
        return Keccak.Hash(pair);
    }

    private static void Join(Hash32 a, Hash32 b, Span<byte> pair)
    {
        var ordered = a <= b;
        (ordered ? a : b).CopyTo(pair);
        (ordered ? b : a).CopyTo(pair[Hash32.Size..]);
    }

    private static void RequireLeaves(int count)
    {
        if (count == 0) throw new ArgumentException("A tree has at least one leaf.", nameof(count));
    }
}
