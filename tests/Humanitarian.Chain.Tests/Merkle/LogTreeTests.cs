using System.Security.Cryptography;
using CsCheck;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Tests.Merkle;

public sealed class LogTreeTests
{
    private const int SizeMax = 40;

    private static readonly byte[][] Published =
        [.. new[] { "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f" }.Select(Convert.FromHexString)];

    private static readonly Hash32[] Leaves =
        [.. Enumerable.Range(0, SizeMax).Select(i => Keccak.Hash([(byte)i]))];

    private static readonly Hash32[] Roots = [.. Enumerable.Range(0, SizeMax + 1).Select(size => LogTree.RootOf(Leaves[..size]))];

    [Fact]
    public void The_log_of_Certificate_Transparency_has_its_published_root()
    {
        var root = Hash32.Parse("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
        var tree = new LogTree();
        foreach (var leaf in Published) tree.Append(leaf);
        Assert.Equal(root, tree.Root);
        Assert.Equal(root, LogTree.RootOf(Published));

        for (var i = 0; i < Published.Length; i++)
            Assert.True(LogTree.VerifyInclusion(root, 8, (ulong)i, Published[i], LogTree.InclusionProof(Published, (ulong)i, 8)));
        for (var first = 0UL; first <= 8; first++)
            Assert.True(LogTree.VerifyConsistency(first, LogTree.RootOf(Published[..(int)first]), 8, root, LogTree.ConsistencyProof(Published, first, 8)));
    }

    [Fact]
    public void The_empty_log_has_the_hash_of_nothing()
    {
        Assert.Equal("0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", new LogTree().Root.ToString());
        Assert.Equal(new LogTree().Root, LogTree.RootOf(Array.Empty<Hash32>()));
    }

    [Fact]
    public void The_compact_root_is_the_root_by_definition()
    {
        for (var size = 1; size <= SizeMax; size++) Assert.Equal(ByDefinition(Leaves.AsSpan(0, size)), Roots[size]);
    }

    [Fact]
    public void A_log_continued_from_its_peaks_grows_as_if_never_stopped() => Gen.Int[0, 500].Select(Gen.Int[0, 50]).Sample((before, after) =>
    {
        var whole = new LogTree();
        for (var i = 0; i < before; i++) whole.Append(Leaf(i));
        var continued = new LogTree(whole.Size, whole.Peaks);
        for (var i = before; i < before + after; i++)
        {
            whole.Append(Leaf(i));
            continued.Append(Leaf(i));
        }

        Assert.Equal((ulong)(before + after), continued.Size);
        Assert.Equal(whole.Root, continued.Root);
        Assert.Equal(whole.Peaks, continued.Peaks);
    }, iter: 50);

    [Theory]
    [InlineData(0UL, 1)]
    [InlineData(1UL, 0)]
    [InlineData(7UL, 2)]
    [InlineData(8UL, 2)]
    public void Peaks_that_do_not_fit_the_size_are_refused(ulong size, int peaks) =>
        Assert.Throws<ArgumentException>(() => new LogTree(size, new Hash32[peaks]));

    [Fact]
    public void Every_leaf_of_every_size_is_shown_and_nothing_else_passes_with_its_proof()
    {
        for (var size = 1UL; size <= SizeMax; size++)
        {
            for (var index = 0UL; index < size; index++)
            {
                var root = Roots[size];
                var leaf = Leaves[index];
                var proof = LogTree.InclusionProof(Leaves, index, size);
                Assert.True(LogTree.VerifyInclusion(root, size, index, leaf, proof));
                Assert.False(LogTree.VerifyInclusion(root, size, index, Keccak.Hash(leaf.ToArray()), proof));
                Assert.False(LogTree.VerifyInclusion(Roots[size - 1], size, index, leaf, proof));
                Assert.False(LogTree.VerifyInclusion(root, size, size, leaf, proof));
                foreach (var other in Tampered(proof)) Assert.False(LogTree.VerifyInclusion(root, size, index, leaf, other));
                for (var wrong = 0UL; wrong < size; wrong++)
                    if (wrong != index) Assert.False(LogTree.VerifyInclusion(root, size, wrong, leaf, proof));
            }
        }
    }

    [Fact]
    public void Every_size_is_shown_to_begin_every_larger_one_and_nothing_else_passes_with_its_proof()
    {
        for (var second = 0UL; second <= SizeMax; second++)
        {
            for (var first = 0UL; first <= second; first++)
            {
                var proof = LogTree.ConsistencyProof(Leaves, first, second);
                Assert.True(LogTree.VerifyConsistency(first, Roots[first], second, Roots[second], proof));
                Assert.False(LogTree.VerifyConsistency(first, Keccak.Hash([1]), second, Roots[second], proof));
                if (first > 0) Assert.False(LogTree.VerifyConsistency(first, Roots[first], second, Keccak.Hash([1]), proof));
                if (first < second) Assert.False(LogTree.VerifyConsistency(second, Roots[second], first, Roots[first], proof));
                foreach (var other in Tampered(proof)) Assert.False(LogTree.VerifyConsistency(first, Roots[first], second, Roots[second], other));
            }
        }
    }

    [Fact]
    public void A_rewritten_log_is_not_consistent() => Gen.Select(Gen.Int[2, SizeMax], Gen.Int[1, SizeMax], Gen.Int[0, SizeMax]).Sample((second, firstDraw, at) =>
    {
        var first = 1 + firstDraw % (second - 1);
        var rewritten = Leaves[..second];
        rewritten[at % first] = Keccak.Hash("rewritten"u8);
        var proof = LogTree.ConsistencyProof(rewritten, (ulong)first, (ulong)second);
        Assert.False(LogTree.VerifyConsistency((ulong)first, Roots[first], (ulong)second, LogTree.RootOf(rewritten), proof));
    });

    [Fact]
    public void Places_outside_the_log_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => LogTree.InclusionProof(Leaves, 3, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogTree.InclusionProof(Leaves, 3, SizeMax + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogTree.ConsistencyProof(Leaves, 4, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => LogTree.ConsistencyProof(Leaves, 3, SizeMax + 1));
    }

    private static IEnumerable<Hash32[]> Tampered(Hash32[] proof)
    {
        yield return [.. proof, Hash32.Zero];
        for (var i = 0; i < proof.Length; i++)
        {
            yield return [.. proof[..i], .. proof[(i + 1)..]];
            yield return [.. proof[..i], Keccak.Hash(proof[i].ToArray()), .. proof[(i + 1)..]];
        }
    }

    // RFC 9162, 2.1.1, word for word.
    private static Hash32 ByDefinition(ReadOnlySpan<Hash32> leaves)
    {
        if (leaves.Length == 1) return Hash32.FromSpan(SHA256.HashData([0, .. leaves[0].ToArray()]));
        var k = 1;
        while (k * 2 < leaves.Length) k *= 2;
        return Hash32.FromSpan(SHA256.HashData([1, .. ByDefinition(leaves[..k]).ToArray(), .. ByDefinition(leaves[k..]).ToArray()]));
    }

    private static Hash32 Leaf(int i) => Leaves[i % SizeMax];
}
