using CsCheck;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Tests.Merkle;

public sealed class OzTreeTests
{
    private static readonly Gen<Hash32[]> Leaves = Gen.Byte.Array[32].Select(bytes => Hash32.FromSpan(bytes)).Array[1, 40];

    [Fact]
    public void The_letters_a_to_f_have_the_root_that_OpenZeppelin_publishes()
    {
        var leaves = "abcdef".Select(letter => OzTree.LeafHash(AbiString(letter))).ToList();
        var root = Hash32.Parse("6deb52b5da8fd108f79fab00341f38d2587896634c646ee52e49f845680a70c8");
        Assert.Equal(root, OzTree.Root(leaves));
        Assert.Equal(
            [
                "0x9c15a6a0eaeed500fd9eed4cbeab71f797cefcc67bfd46683e4d2e6ff7f06d1c",
                "0x965b92c6cf08303cc4feb7f3e0819c436c2cec17c6f0688a6af139c9a368707c",
                "0xfd3cf45654e88d1cc5d663578c82c76f4b5e3826bacaa1216441443504538f51",
            ],
            OzTree.Proof(leaves, 2).Select(hash => hash.ToString()));
    }

    // Roots by @openzeppelin/merkle-tree 1 over ["bytes32"] values keccak256(uint256 1), keccak256(uint256 2) and so on.
    [Theory]
    [InlineData(1, "73139abbd176cf7f94893453632c00afefb2776f9805a21d03d176c885cd0d63")]
    [InlineData(2, "e0dd06f281fe5a95f64119b335de85c40697d1641610b63a2f1fbefcde46c549")]
    [InlineData(3, "51546dea0a2427c9fcb233aa7e45d0b0de3636950cb28b709200729220fbcf1e")]
    [InlineData(4, "2828e009e538cd7086db048630e473d92b5764981b42dcb2915b00fe12ae764d")]
    [InlineData(5, "fed50862112e8a8e5fe97232baae44ed58c84f6d53bdc17a23a902c7ccebab5f")]
    [InlineData(7, "eb1d744467385106cada1dfd0b58b2e2b11642da6a522d80d911b383493319f0")]
    [InlineData(8, "0e215ff42fd15003cb2872db70ececc1555ca2f7004cfcd5a66fb6f0edf6220c")]
    [InlineData(11, "d35877efc26d55d2843c2cf43bbba6d393f4a22cf6e6180b504fc6e347deefb0")]
    public void Trees_of_other_sizes_have_the_roots_of_the_JavaScript_library(int count, string root)
    {
        var leaves = Enumerable.Range(1, count).Select(i =>
        {
            var word = new byte[32];
            word[31] = (byte)i;
            return OzTree.LeafHash(Keccak.Hash(word).ToArray());
        }).ToArray();
        Assert.Equal(Hash32.Parse(root), OzTree.Root(leaves));
    }

    [Fact]
    public void Every_leaf_has_a_proof_and_another_leaf_does_not_pass_with_it() => Leaves.Sample(leaves =>
    {
        var root = OzTree.Root(leaves);
        var stranger = Keccak.Hash(root.ToArray());
        for (var i = 0; i < leaves.Length; i++)
        {
            var proof = OzTree.Proof(leaves, i);
            Assert.True(OzTree.Verify(root, leaves[i], proof));
            Assert.False(OzTree.Verify(root, stranger, proof));
            for (var j = 0; j < proof.Length; j++)
                Assert.False(OzTree.Verify(root, leaves[i], [.. proof[..j], Flip(proof[j]), .. proof[(j + 1)..]]));
        }
    }, iter: 20);

    [Fact]
    public void The_order_of_the_leaves_does_not_matter_and_equal_leaves_are_allowed() => Leaves.Sample(leaves =>
    {
        Hash32[] twice = [.. leaves, .. leaves];
        Assert.Equal(OzTree.Root(twice), OzTree.Root(twice.Reverse().ToList()));
        Assert.True(OzTree.Verify(OzTree.Root(twice), leaves[0], OzTree.Proof(twice, leaves.Length)));
    }, iter: 20);

    [Fact]
    public void Leaves_hashed_together_are_those_hashed_alone() => Gen.Byte.Array[96].Array[0, 11].Sample(leaves =>
        Assert.Equal(leaves.Select(leaf => OzTree.LeafHash(leaf)), OzTree.LeafHashes(leaves.Length, 96, (encoded, index) => leaves[index].CopyTo(encoded))));

    [Fact]
    public void Root_leaves_the_callers_leaves_as_they_were()
    {
        Hash32[] leaves = [Keccak.Hash("b"u8), Keccak.Hash("a"u8), Keccak.Hash("c"u8)];
        var copy = leaves.ToArray();
        OzTree.Root(leaves);
        OzTree.Proof(leaves, 1);
        Assert.Equal(copy, leaves);
    }

    [Fact]
    public void A_tree_without_leaves_and_a_place_outside_it_are_refused()
    {
        Assert.Throws<ArgumentException>(() => OzTree.Root([]));
        Assert.Throws<ArgumentException>(() => OzTree.Proof([], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => OzTree.Proof([Hash32.Zero], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OzTree.Proof([Hash32.Zero], -1));
    }

    // abi.encode(string) of one letter: offset, length, padded bytes.
    private static byte[] AbiString(char letter)
    {
        var encoded = new byte[96];
        encoded[31] = 32;
        encoded[63] = 1;
        encoded[64] = (byte)letter;
        return encoded;
    }

    private static Hash32 Flip(Hash32 hash)
    {
        var bytes = hash.ToArray();
        bytes[0] ^= 1;
        return Hash32.FromSpan(bytes);
    }
}
