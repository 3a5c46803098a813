using System.Security.Cryptography;
using System.Text;
using CsCheck;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Tests.Crypto;

public sealed class Secp256k1Tests
{
    private const string N = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
    private const string NMinusOne = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";
    private const string Ones = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    private static readonly PortableSecp256k1 Portable = new();
    private static readonly NativeSecp256k1? Native = NativeSecp256k1.TryLoad();

    private static readonly Gen<byte[]> Keys = Gen.Byte.Array[32].Where(bytes => Secp256k1.IsValidPrivateKey(bytes));
    private static readonly Gen<Hash32> Digests = Gen.Byte.Array[32].Select(bytes => Hash32.FromSpan(bytes));

    public static TheoryData<string> Backends => Native is null ? [Portable.Name] : [Portable.Name, Native.Name];

    [Theory]
    [MemberData(nameof(Backends))]
    public void Satoshi_Nakamoto_is_signed_as_the_community_vector_says(string backend)
    {
        var digest = Hash32.FromSpan(SHA256.HashData("Satoshi Nakamoto"u8));
        var signature = Secp256k1.Sign(Curve(backend), Key(1), digest);
        Assert.Equal(Hash32.Parse("934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8"), signature.R);
        Assert.Equal(Hash32.Parse("2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"), signature.S);
        Assert.Equal(Secp256k1.AddressOf(Key(1)), Secp256k1.Recover(Curve(backend), digest, signature));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_transaction_of_EIP_155_is_signed_as_published(string backend)
    {
        var digest = Hash32.Parse("daf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
        var signature = Secp256k1.Sign(Curve(backend), Enumerable.Repeat((byte)0x46, 32).ToArray(), digest);
        Assert.Equal(Hash32.Parse("28ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276"), signature.R);
        Assert.Equal(Hash32.Parse("67cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83"), signature.S);
        Assert.Equal(37 - 35 - 2 + 27, signature.V);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Address_of_a_key_is_that_of_its_public_point(string backend)
    {
        var key = Keccak.Hash("cow"u8).ToArray();
        Assert.Equal(Address.Parse("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"), Secp256k1.AddressOf(key));
        Assert.Equal(
            "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8",
            Convert.ToHexStringLower(Secp256k1.PublicKey(Curve(backend), Key(1))));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void What_a_key_signs_recovers_to_its_address_with_a_low_s(string backend) => Gen.Select(Keys, Digests).Sample((key, digest) =>
    {
        var curve = Curve(backend);
        var signature = Secp256k1.Sign(curve, key, digest);
        Assert.True(signature.S <= Secp256k1.HalfOrder);
        Assert.Equal(Secp256k1.AddressOf(key), Secp256k1.Recover(curve, digest, signature));
        Assert.NotEqual(Secp256k1.AddressOf(key), Secp256k1.Recover(curve, Keccak.Hash(digest.ToArray()), signature));
    }, iter: 50);

    [Fact]
    public void Both_backends_give_the_same_bytes()
    {
        Assert.SkipWhen(Native is null, "libsecp256k1 is not installed.");
        Gen.Select(Keys, Digests).Sample((key, digest) => AssertSame(key, digest), iter: 200);
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000001")]
    [InlineData(NMinusOne)]
    [InlineData(N)]
    [InlineData("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364200")]
    [InlineData(Ones)]
    public void Both_backends_agree_on_digests_around_the_order(string digest)
    {
        Assert.SkipWhen(Native is null, "libsecp256k1 is not installed.");
        AssertSame(Key(1), Hash32.Parse(digest));
        AssertSame(Hash32.Parse(NMinusOne).ToArray(), Hash32.Parse(digest));
    }

    [Fact]
    public void Both_backends_judge_random_signatures_alike()
    {
        Assert.SkipWhen(Native is null, "libsecp256k1 is not installed.");
        var low = Gen.Byte.Array[32].Select(bytes => Hash32.FromSpan([(byte)(bytes[0] & 0x7f), .. bytes[1..]]));
        Gen.Select(Digests, Digests, low, Gen.Byte[26, 29]).Sample((digest, r, s, v) =>
        {
            var signature = new Signature(r, s, v);
            Assert.Equal(Secp256k1.Recover(Portable, digest, signature), Secp256k1.Recover(Native!, digest, signature));
        }, iter: 200);
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void Malformed_signatures_recover_to_nobody(string backend)
    {
        var curve = Curve(backend);
        var digest = Keccak.Hash("aid"u8);
        var valid = Secp256k1.Sign(curve, Key(7), digest);
        Assert.NotNull(Secp256k1.Recover(curve, digest, valid));

        foreach (var v in new byte[] { 0, 1, 26, 29, 30, 37, 255 }) AssertNobody(valid with { V = v });
        foreach (var r in new[] { Hash32.Zero, Hash32.Parse(N), Hash32.Parse(Ones) }) AssertNobody(valid with { R = r });
        foreach (var s in new[] { Hash32.Zero, Hash32.Parse(NMinusOne), Hash32.Parse(N), Hash32.Parse(Ones) }) AssertNobody(valid with { S = s });

        // Half the order, and one more.
        Assert.NotNull(Secp256k1.Recover(curve, digest, valid with { S = Secp256k1.HalfOrder }));
        AssertNobody(valid with { S = Hash32.Parse("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a1") });

        // x = 5 is on no point of the curve.
        AssertNobody(valid with { R = Hash32.FromSpan(Key(5)) });
        AssertNobody(default);

        void AssertNobody(Signature signature) => Assert.Null(Secp256k1.Recover(curve, digest, signature));
    }

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_mirrored_high_s_signature_recovers_to_nobody(string backend) => Gen.Select(Keys, Digests).Sample((key, digest) =>
    {
        var signature = Secp256k1.Sign(Curve(backend), key, digest);
        var mirrored = new System.Numerics.BigInteger(Convert.FromHexString(N), true, true)
            - new System.Numerics.BigInteger(signature.S.ToArray(), true, true);
        var s = mirrored.ToByteArray(true, true);
        var high = new Signature(signature.R, Hash32.FromSpan([.. new byte[32 - s.Length], .. s]), (byte)(27 + 28 - signature.V));
        Assert.Null(Secp256k1.Recover(Curve(backend), digest, high));
    }, iter: 20);

    [Theory]
    [MemberData(nameof(Backends))]
    public void A_signature_whose_key_would_be_the_point_at_infinity_recovers_to_nobody(string backend)
    {
        // With R = G, s = 1 and e = 1: Q = r⁻¹ (G − G).
        var gx = Hash32.Parse("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
        var one = Hash32.FromSpan(Key(1));
        Assert.Null(Secp256k1.Recover(Curve(backend), one, new Signature(gx, one, 27)));
        Assert.NotNull(Secp256k1.Recover(Curve(backend), one, new Signature(gx, one, 28)));
    }

    [Fact]
    public void Verify_accepts_the_signer_alone()
    {
        var digest = Keccak.Hash("aid"u8);
        var signature = Secp256k1.Sign(Key(7), digest);
        Assert.True(Secp256k1.Verify(digest, signature, Secp256k1.AddressOf(Key(7))));
        Assert.False(Secp256k1.Verify(digest, signature, Secp256k1.AddressOf(Key(8))));
        Assert.False(Secp256k1.Verify(digest, default, Address.Zero));
    }

    [Fact]
    public void Numbers_outside_the_order_are_no_private_keys()
    {
        foreach (var key in new[] { new byte[32], Convert.FromHexString(N), Convert.FromHexString(Ones), new byte[31], Key(1)[1..] })
        {
            Assert.False(Secp256k1.IsValidPrivateKey(key));
            Assert.Throws<ArgumentException>(() => Secp256k1.Sign(key, Hash32.Zero));
            Assert.Throws<ArgumentException>(() => Secp256k1.AddressOf(key));
        }

        Assert.True(Secp256k1.IsValidPrivateKey(Convert.FromHexString(NMinusOne)));
    }

    [Fact]
    public void The_library_is_used_where_it_is_installed() =>
        Assert.Equal(Native is null ? "BouncyCastle" : "libsecp256k1", Secp256k1.Backend);

    [Theory]
    [MemberData(nameof(Backends))]
    public void The_wallet_message_Some_data_is_signed_as_published(string backend)
    {
        var key = Convert.FromHexString("4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318");
        var digest = Eip191.Digest("Some data");
        Assert.Equal(Hash32.Parse("1da44b586eb0729ff70a73c326926f6ed5a25f5b056e7f47fbc6e58d86871655"), digest);
        Assert.Equal(digest, Eip191.Digest(Encoding.UTF8.GetBytes("Some data").AsSpan()));
        Assert.Equal(
            "0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c",
            Secp256k1.Sign(Curve(backend), key, digest).ToString());
    }

    private static void AssertSame(byte[] key, Hash32 digest)
    {
        var signature = Secp256k1.Sign(Portable, key, digest);
        Assert.Equal(signature, Secp256k1.Sign(Native!, key, digest));
        Assert.Equal(Secp256k1.PublicKey(Portable, key), Secp256k1.PublicKey(Native!, key));
        Assert.Equal(Secp256k1.AddressOf(key), Secp256k1.Recover(Portable, digest, signature));
        Assert.Equal(Secp256k1.AddressOf(key), Secp256k1.Recover(Native!, digest, signature));
    }

    private static ISecp256k1 Curve(string backend) => backend == Portable.Name ? Portable : Native!;

    private static byte[] Key(byte last) => [.. new byte[31], last];
}
