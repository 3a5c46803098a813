using System.Numerics;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Merkle;

/// <summary>Proofs over an RFC 9162 log, for leaves of any kind.</summary>
internal static class LogProofs
{
    /// <summary>The siblings from one leaf up to the root of the log's first <paramref name="size"/> leaves (2.1.3.1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not below the size, or the size above the number of leaves.</exception>
    internal static Hash32[] Inclusion<T>(IReadOnlyList<T> leaves, Func<T, Hash32> hash, ulong index, ulong size)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, (ulong)leaves.Count);

        var proof = new List<Hash32>();
        for (ulong start = 0, end = size; end - start > 1;)
        {
            var middle = start + LargestPowerBelow(end - start);
            if (index < middle)
            {
                proof.Add(RangeRoot(leaves, hash, middle, end));
                end = middle;
            }
            else
            {
                proof.Add(RangeRoot(leaves, hash, start, middle));
                start = middle;
            }
        }

        proof.Reverse();
        return [.. proof];
    }

    /// <summary>The nodes that show the log's first leaves to be the beginning of its second (2.1.4.1).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The first size is above the second, or the second above the number of leaves.</exception>
    internal static Hash32[] Consistency<T>(IReadOnlyList<T> leaves, Func<T, Hash32> hash, ulong first, ulong second)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(second, (ulong)leaves.Count);
        if (first == 0) return [];

        var proof = new List<Hash32>();
        ulong start = 0, end = second;
        while (first != end)
        {
            var middle = start + LargestPowerBelow(end - start);
            if (first <= middle)
            {
                proof.Add(RangeRoot(leaves, hash, middle, end));
                end = middle;
            }
            else
            {
                proof.Add(RangeRoot(leaves, hash, start, middle));
                start = middle;
            }
        }

        // Still at the left edge, the rest is the first log itself, whose root the verifier has.
        if (start != 0) proof.Add(RangeRoot(leaves, hash, start, end));
        proof.Reverse();
        return [.. proof];
    }

    internal static bool VerifyInclusion(Hash32 root, ulong size, ulong index, Hash32 leafHash, ReadOnlySpan<Hash32> proof)
    {
        if (index >= size) return false;
        ulong place = index, last = size - 1;
        var node = leafHash;
        foreach (var sibling in proof)
        {
            if (last == 0) return false;
            if (IsRightOrLonely(place, last))
            {
                node = LogTree.NodeHash(sibling, node);
                SkipLonely(ref place, ref last);
            }
            else
            {
                node = LogTree.NodeHash(node, sibling);
            }

            place >>= 1;
            last >>= 1;
        }

        return last == 0 && node == root;
    }

    internal static bool VerifyConsistency(ulong first, Hash32 firstRoot, ulong second, Hash32 secondRoot, ReadOnlySpan<Hash32> proof)
    {
        if (first > second) return false;
        if (first == second) return proof.IsEmpty && firstRoot == secondRoot && (first != 0 || firstRoot == LogTree.EmptyRoot);
        if (first == 0) return proof.IsEmpty && firstRoot == LogTree.EmptyRoot;

        // A first log that is a perfect tree is itself the node to start from.
        var start = firstRoot;
        if (!BitOperations.IsPow2(first))
        {
            if (proof.IsEmpty) return false;
            start = proof[0];
            proof = proof[1..];
        }

        ulong place = first - 1, last = second - 1;
        var levels = BitOperations.TrailingZeroCount(~place);
        place >>= levels;
        last >>= levels;

        Hash32 firstNode = start, secondNode = start;
        foreach (var sibling in proof)
        {
            if (last == 0) return false;
            if (IsRightOrLonely(place, last))
            {
                firstNode = LogTree.NodeHash(sibling, firstNode);
                secondNode = LogTree.NodeHash(sibling, secondNode);
                SkipLonely(ref place, ref last);
            }
            else
            {
                secondNode = LogTree.NodeHash(secondNode, sibling);
            }

            place >>= 1;
            last >>= 1;
        }

        return last == 0 && firstNode == firstRoot && secondNode == secondRoot;
    }

    /// <summary>The root over the leaves from start up to, not including, end.</summary>
    internal static Hash32 RangeRoot<T>(IReadOnlyList<T> leaves, Func<T, Hash32> hash, ulong start, ulong end)
    {
        var range = new LogTree();
        for (var i = start; i < end; i++) range.AppendHash(hash(leaves[(int)i]));
        return range.Root;
    }

    private static ulong LargestPowerBelow(ulong count) => 1UL << BitOperations.Log2(count - 1);

    private static bool IsRightOrLonely(ulong place, ulong last) => (place & 1) == 1 || place == last;

    // A last node without a right sibling rises unchanged until it has a left one.
    private static void SkipLonely(ref ulong place, ref ulong last)
    {
        while ((place & 1) == 0 && place != 0)
        {
            place >>= 1;
            last >>= 1;
        }
    }
}
