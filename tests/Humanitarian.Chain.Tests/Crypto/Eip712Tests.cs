using System.Numerics;
using CsCheck;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Tests.Crypto;

public sealed class Eip712Tests
{
    private static readonly TypedStruct Person = new("Person", ("name", "string"), ("wallet", "address"));
    private static readonly TypedStruct Mail = new("Mail", [Person], ("from", "Person"), ("to", "Person"), ("contents", "string"));
    private static readonly Address Cow = Address.Parse("0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826");
    private static readonly Address Bob = Address.Parse("0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB");

    [Fact]
    public void Ether_Mail_is_hashed_and_signed_as_the_standard_says()
    {
        var domain = new Eip712Domain("Ether Mail", "1", 1, Address.Parse("0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"), null);
        var mail = Mail.HashStruct(Person.HashStruct("Cow", Cow), Person.HashStruct("Bob", Bob), "Hello, Bob!");
        var digest = Eip712.Digest(domain.Separator, mail);

        Assert.Equal("Mail(Person from,Person to,string contents)Person(string name,address wallet)", Mail.EncodedType);
        Assert.Equal("0xa0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2", Mail.TypeHash.ToString());
        Assert.Equal("0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f", domain.Separator.ToString());
        Assert.Equal("0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e", mail.ToString());
        Assert.Equal("0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2", digest.ToString());
        Assert.Equal(
            "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c",
            Secp256k1.Sign(Keccak.Hash("cow"u8).ToArray(), digest).ToString());
    }

    // Separators computed by ethers 6.
    [Fact]
    public void Absent_domain_fields_are_skipped_and_the_others_keep_their_order()
    {
        var salt = Hash32.FromSpan(Enumerable.Repeat((byte)0x44, 32).ToArray());
        var contract = Address.Parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
        Assert.Equal(
            "0xab6372835788ab6e0fa2835b88312699365438ad046628428e00eed638886080",
            new Eip712Domain("Humanitarian", "1", null, null, salt).Separator.ToString());
        Assert.Equal(
            "0xeb49081847759b5167a84618ac937a28dd74055de5f1685103fe731d776044ab",
            new Eip712Domain("Humanitarian", "1", 7, contract, salt).Separator.ToString());
    }

    // Type and hash computed by ethers 6.
    [Fact]
    public void Every_kind_of_member_is_encoded_as_ethers_does()
    {
        var zed = new TypedStruct("Zed", ("x", "uint8"));
        var alpha = new TypedStruct("Alpha", [zed], ("z", "Zed"));
        var all = new TypedStruct("All", [alpha, zed],
            ("a", "uint64"), ("b", "int64"), ("c", "uint128"), ("d", "uint256"), ("e", "bytes32"), ("f", "address"), ("g", "bool"),
            ("h", "string"), ("i", "bytes"), ("j", "bytes32[]"), ("k", "bytes4"), ("l", "Zed[]"), ("m", "Alpha"), ("n", "int8[]"));

        Assert.EndsWith("int8[] n)Alpha(Zed z)Zed(uint8 x)", all.EncodedType, StringComparison.Ordinal);
        Assert.Equal(
            "0x5c9bd33988ff8049310d4be5d6649cd85ef531a40fd15d656cb46cd7847c07e8",
            all.HashStruct(
                ulong.MaxValue, -42L, (UInt128.One << 127) + 5, (BigInteger.One << 255) + 9, Repeat(0x11),
                Address.Parse("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"), true, "aidé €", new byte[] { 0xde, 0xad, 0xbe, 0xef },
                new[] { Repeat(0x22), Repeat(0x33) }, new byte[] { 1, 2, 3, 4 },
                new[] { zed.HashStruct(1), zed.HashStruct(2) }, alpha.HashStruct(zed.HashStruct(7)), new[] { -1, 127 }).ToString());
    }

    [Fact]
    public void The_writer_agrees_with_the_described_type()
    {
        var type = new TypedStruct("T",
            ("a", "uint64"), ("b", "int64"), ("c", "uint128"), ("d", "bytes32"), ("e", "address"), ("f", "bool"), ("g", "string"),
            ("h", "bytes"), ("i", "bytes32[]"));
        var hashes = Gen.Byte.Array[32].Select(bytes => Hash32.FromSpan(bytes));
        var addresses = Gen.Byte.Array[20].Select(bytes => Address.FromSpan(bytes));
        Gen.Select(Gen.Select(Gen.ULong, Gen.Long, hashes, addresses, Gen.Bool), Gen.String[0, 400], Gen.Byte.Array[0, 200], hashes.Array[0, 5])
            .Sample((fixedWords, text, bytes, array) =>
            {
                var (unsigned, signed, hash, address, flag) = fixedWords;
                var wide = ((UInt128)unsigned << 64) | 3;
                var writer = new Eip712Writer(stackalloc byte[10 * Eip712Writer.WordBytes]);
                writer.Word(type.TypeHash);
                writer.Word(unsigned);
                writer.Word(signed);
                writer.Word(wide);
                writer.Word(hash);
                writer.Word(address);
                writer.Word(flag);
                writer.Word(text);
                writer.Word(bytes);
                writer.Word(array);
                Assert.Equal(type.HashStruct(unsigned, signed, wide, hash, address, flag, text, bytes, array), writer.Hash());
            });
    }

    [Fact]
    public void A_word_too_many_for_the_buffer_is_a_fault() => Assert.Throws<ArgumentOutOfRangeException>(() =>
    {
        var writer = new Eip712Writer(stackalloc byte[Eip712Writer.WordBytes]);
        writer.Word(1UL);
        writer.Word(2UL);
    });

    [Theory]
    [InlineData("uint")]
    [InlineData("int")]
    [InlineData("uint7")]
    [InlineData("uint264")]
    [InlineData("uint08")]
    [InlineData("bytes0")]
    [InlineData("bytes33")]
    [InlineData("Person")]
    [InlineData("bytes32[][]")]
    [InlineData("[]")]
    [InlineData("")]
    public void A_type_that_the_standard_does_not_know_is_refused(string type) =>
        Assert.Throws<ArgumentException>(() => new TypedStruct("T", ("a", type)));

    [Fact]
    public void Values_that_do_not_fit_their_type_are_refused()
    {
        AssertUnfit("uint8", 256);
        AssertUnfit("uint64", -1);
        AssertUnfit("int8", 128);
        AssertUnfit("int8", -129);
        AssertUnfit("uint256", BigInteger.One << 256);
        AssertUnfit("bytes4", new byte[5]);
        AssertUnfit("address", Repeat(1));
        AssertUnfit("bytes32", Cow);
        AssertUnfit("string", 1);
        AssertUnfit("bool", 1);
        AssertUnfit("uint8", true);
        AssertUnfit("string[]", new object[] { 1 });
        Assert.Throws<ArgumentException>(() => new TypedStruct("T", ("a", "bool")).HashStruct(true, true));

        static void AssertUnfit(string type, object value) =>
            Assert.Throws<ArgumentException>(() => new TypedStruct("T", ("a", type)).HashStruct([value]));
    }

    private static Hash32 Repeat(byte value) => Hash32.FromSpan(Enumerable.Repeat(value, 32).ToArray());
}
