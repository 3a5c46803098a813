using CsCheck;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Tests.Crypto;

public sealed class ValueTests
{
    private static readonly Gen<byte[]> Bytes32 = Gen.Byte.Array[32];

    [Fact]
    public void Hash_survives_bytes_and_text() => Bytes32.Sample(bytes =>
    {
        var hash = Hash32.FromSpan(bytes);
        Assert.Equal(bytes, hash.ToArray());
        Assert.Equal("0x" + Convert.ToHexStringLower(bytes), hash.ToString());
        Assert.Equal(hash, Hash32.Parse(hash.ToString()));
        Assert.Equal(hash, Hash32.Parse(Convert.ToHexString(bytes)));
        Assert.Equal(hash.GetHashCode(), Hash32.FromSpan(bytes).GetHashCode());
    });

    [Fact]
    public void Hashes_are_ordered_as_their_bytes() => Gen.Select(Gen.Byte[0, 2].Array[32], Gen.Byte[0, 2].Array[32]).Sample((a, b) =>
    {
        var expected = Math.Sign(a.AsSpan().SequenceCompareTo(b));
        var (left, right) = (Hash32.FromSpan(a), Hash32.FromSpan(b));
        Assert.Equal(expected, Math.Sign(left.CompareTo(right)));
        Assert.Equal(expected < 0, left < right);
        Assert.Equal(expected >= 0, left >= right);
        Assert.Equal(expected == 0, left == right);
    });

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x1234")]
    [InlineData("0xzz00000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0x0000000000000000000000000000000000000000000000000000000000000000ff")]
    [InlineData("0X0000000000000000000000000000000000000000000000000000000000000000")]
    public void Text_that_is_no_hash_is_refused(string? text) => Assert.False(Hash32.TryParse(text, out _));

    [Fact]
    public void Only_all_zero_is_zero()
    {
        Assert.True(Hash32.Zero.IsZero);
        Assert.True(Address.Zero.IsZero);
        for (var i = 0; i < 32; i++)
        {
            var bytes = new byte[32];
            bytes[i] = 1;
            Assert.False(Hash32.FromSpan(bytes).IsZero);
            if (i < 20) Assert.False(Address.FromSpan(bytes.AsSpan(0, 20)).IsZero);
        }
    }

    [Theory]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359")]
    [InlineData("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826")]
    public void Address_text_carries_the_checksum_of_EIP_55(string text)
    {
        var address = Address.Parse(text);
        Assert.Equal(text, address.ToChecksumText());
        Assert.Equal(address, Address.Parse(text[2..]));
        Assert.Equal(address, Address.Parse(text[2..].ToLowerInvariant()));
        Assert.Equal(address, Address.Parse("0x" + text[2..].ToUpperInvariant()));
    }

    [Theory]
    [InlineData("0x5AAeb6053F3E94C9b9A09f33669435E7Ef1BeAed")]
    [InlineData("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeD")]
    [InlineData("0x5aaeb6053f3e94c9b9a09f33669435e7ef1bea")]
    [InlineData(null)]
    public void Address_with_a_wrong_checksum_or_length_is_refused(string? text) => Assert.False(Address.TryParse(text, out _));

    [Fact]
    public void Address_survives_bytes_and_text() => Gen.Byte.Array[20].Sample(bytes =>
    {
        var address = Address.FromSpan(bytes);
        Assert.Equal(bytes, address.ToArray());
        Assert.Equal(address, Address.Parse(address.ToChecksumText()));
    });

    [Fact]
    public void Signature_survives_bytes_and_text() => Gen.Byte.Array[65].Sample(bytes =>
    {
        var signature = Signature.FromSpan(bytes);
        Assert.Equal(bytes, signature.ToArray());
        Assert.Equal(bytes[64], signature.V);
        Assert.Equal(signature, Signature.Parse(signature.ToString()));
    });
}
