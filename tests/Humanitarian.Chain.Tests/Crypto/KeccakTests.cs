using System.Text;
using CsCheck;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Org.BouncyCastle.Crypto.Digests;

namespace Humanitarian.Chain.Tests.Crypto;

public sealed class KeccakTests
{
    [Theory]
    [InlineData("", "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470")]
    [InlineData("abc", "0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45")]
    public void Known_text_has_the_known_digest(string text, string digest) =>
        Assert.Equal(digest, Keccak.Hash(Encoding.UTF8.GetBytes(text)).ToString());

    [Fact]
    public void Every_length_around_the_block_size_agrees_with_BouncyCastle()
    {
        var data = Enumerable.Range(0, 420).Select(i => (byte)(i * 7 % 256)).ToArray();
        for (var length = 0; length <= data.Length; length++)
            Assert.Equal(Reference(data.AsSpan(0, length)), Keccak.Hash(data.AsSpan(0, length)));
    }

    [Fact]
    public void Random_data_in_random_parts_agrees_with_BouncyCastle() => Gen.Byte.Array[0, 300].Array[0, 6].Sample(parts =>
    {
        var whole = parts.SelectMany(part => part).ToArray();
        var expected = Reference(whole);
        var hasher = new KeccakHasher();
        foreach (var part in parts) hasher.Append(part);
        Assert.Equal(expected, hasher.Finish());
        Assert.Equal(expected, Keccak.Hash(whole));
        Assert.Equal(expected, Keccak.Hash(new ReadOnlySpan<byte>(whole, 0, whole.Length / 3), new ReadOnlySpan<byte>(whole, whole.Length / 3, whole.Length - whole.Length / 3)));

        Span<byte> written = stackalloc byte[33];
        Keccak.Hash(whole, written);
        Assert.Equal(expected, Hash32.FromSpan(written[..32]));
    });

    [Fact]
    public void Many_messages_together_have_the_digests_that_each_has_alone() => Gen.Byte.Array[0, 420].Array[0, 11].Sample(messages =>
        Assert.Equal(messages.Select(message => Reference(message)), Keccak.HashAll(Array.ConvertAll(messages, message => (ReadOnlyMemory<byte>)message))));

    [Fact]
    public void Messages_of_every_length_together_have_the_digests_that_each_has_alone()
    {
        var data = Enumerable.Range(0, 420).Select(i => (byte)(i * 7 % 256)).ToArray();
        var messages = Enumerable.Range(0, data.Length + 1).Select(length => (ReadOnlyMemory<byte>)data.AsMemory(0, length)).ToArray();
        Assert.Equal(messages.Select(message => Reference(message.Span)), Keccak.HashAll(messages));
    }

    [Fact]
    public void Hashing_allocates_nothing()
    {
        var data = new byte[1000];
        Keccak.Hash(data);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Keccak.Hash(data);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static Hash32 Reference(ReadOnlySpan<byte> data)
    {
        var digest = new KeccakDigest(256);
        digest.BlockUpdate(data);
        var hash = new byte[32];
        digest.DoFinal(hash, 0);
        return Hash32.FromSpan(hash);
    }
}
