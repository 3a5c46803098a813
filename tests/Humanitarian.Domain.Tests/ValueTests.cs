using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests;

/// <summary>Ids, hashes, signatures and claims. The golden claims were computed by another program from the documented layout.</summary>
public sealed class ValueTests
{
    private static readonly ClaimKey Key = new([.. Enumerable.Range(0, 32).Select(value => (byte)value)]);
    private static readonly Id A = new(1, 2);
    private static readonly Id B = new(3, 4);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("0000000000000001000000000000000")]
    [InlineData("000000000000000100000000000000022")]
    [InlineData("0x000000000000010000000000000002")]
    [InlineData(" 000000000000001000000000000002 ")]
    [InlineData("000000000000000g0000000000000002")]
    [InlineData("-0000000000000010000000000000002")]
    public void What_is_no_id_is_not_read(string? text) => Assert.False(Id.TryParse(text, out _));

    [Fact]
    public void Ids_hashes_and_signatures_read_back()
    {
        var hash = World.HashOf("x");
        Assert.Equal(A, Id.Parse(A.ToString()));
        Assert.Equal(A, Id.FromBytes(A.ToBytes()));
        Assert.Equal(hash, Hash32.Parse(hash.ToString()));
        Assert.Equal(hash, Hash32.Parse(hash.ToString()[2..].ToUpperInvariant()));
        var signature = new Signature(hash, World.HashOf("y"), 28);
        Assert.True(Signature.TryParse(signature.ToString(), out var read));
        Assert.Equal(signature, read);
        Assert.False(Signature.TryParse(signature.ToString() + "00", out _));
        Assert.False(Hash32.TryParse("0x" + new string('g', 64), out _));
        var address = new Address(1, 2, 3);
        Assert.Equal(address, Address.FromSpan(address.ToArray()));
        var claim = new Claim(5, 6);
        Assert.Equal(claim, Claim.FromBytes(claim.ToBytes()));
    }

    [Fact]
    public void Order_is_that_of_the_bytes()
    {
        Assert.True(new Id(1, ulong.MaxValue) < new Id(2, 0));
        Assert.True(new Id(ulong.MaxValue, 0) > new Id(1, 0));
        Assert.True(new Claim(1, 1) <= new Claim(1, 1));
    }

    [Fact]
    public void Claims_are_those_of_the_documented_layout()
    {
        Assert.Equal("ec7474b8ac9b8b75c9487e66b27e52a1", Key.CommandKey(A, "key").ToString());
        Assert.Equal("c29c090d911958756138103ce1aae0b3", Key.Entitlement(A, B, "2026-11", 0).ToString());
        Assert.Equal("e44a796f705f30a6a7870e8fd9ad9bfc", Key.HouseholdAssistance(A, "food", "2026-11").ToString());
        Assert.Equal("d853738561e4002c1835556446111249", Key.DisbursementChunk(A, 7).ToString());
        Assert.Equal("534ea5a207a205d3f9d1ebd97bd255ce", Key.HoldEnd(A).ToString());
        Assert.Equal("f75326eca0ae2921727e09013bc4683d", Key.DeviceCounter(A, 9).ToString());
        Assert.Equal("da5cd4d3f8310dbad6b42235fffd6ed8", Key.DisbursementLine(A, B).ToString());
        Assert.Equal("f0b926d56cfdd70e074f79bb8bc60bf1", Key.ListEnrolment(A, B, 1).ToString());
    }

    [Fact]
    public void Scopes_parts_and_keys_keep_claims_apart()
    {
        var other = new ClaimKey(new byte[32]);
        Claim[] claims =
        [
            Key.HoldEnd(A), other.HoldEnd(A), Key.DisbursementChunk(A, 0), Key.DeviceCounter(A, 0), Key.CommandKey(A, ""),
            Key.HouseholdAssistance(A, "ab", "c"), Key.HouseholdAssistance(A, "a", "bc"), Key.DisbursementLine(A, B), Key.DisbursementLine(B, A),
            Key.Entitlement(A, B, "p", 0), Key.Entitlement(A, B, "p", 1), Key.CommandContent(A.ToBytes()),
        ];
        Assert.Equal(claims.Length, claims.Distinct().Count());
        Assert.Throws<ArgumentException>(() => new ClaimKey(new byte[31]));
    }

    /// <summary>A running number may be any that the device signs, the greatest too.</summary>
    [Fact]
    public void The_greatest_counter_has_a_claim() => Assert.NotEqual(Key.DeviceCounter(A, 0), Key.DeviceCounter(A, ulong.MaxValue));
}
