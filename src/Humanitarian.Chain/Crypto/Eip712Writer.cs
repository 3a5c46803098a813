using System.Buffers.Binary;
using System.Text;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>
/// Encodes one struct's words into the caller's buffer, so that hashing a header or a request allocates nothing. The caller
/// writes the type hash first, then one word for each member, in the type's order; types are the caller's to match.
/// </summary>
/// <example><code>
/// var writer = new Eip712Writer(stackalloc byte[2 * Eip712Writer.WordBytes]);
/// writer.Word(type.TypeHash);
/// writer.Word(height);
/// var structHash = writer.Hash();
/// </code></example>
public ref struct Eip712Writer
{
    public const int WordBytes = 32;

    private readonly Span<byte> buffer;
    private int written;

    /// <param name="buffer">At least 32 bytes for each word that will be written.</param>
    public Eip712Writer(Span<byte> buffer) => this.buffer = buffer;

    /// <summary>uint8 to uint64.</summary>
    public void Word(ulong value) => Word((UInt128)value);

    /// <summary>int8 to int64, in two's complement over the whole word.</summary>
    public void Word(long value)
    {
        var word = Next();
        word.Fill(value < 0 ? (byte)0xff : (byte)0);
        BinaryPrimitives.WriteInt64BigEndian(word[24..], value);
    }

    /// <summary>uint128 or uint256.</summary>
    public void Word(UInt128 value)
    {
        var word = Next();
        word.Clear();
        BinaryPrimitives.WriteUInt128BigEndian(word[16..], value);
    }

    public void Word(bool value) => Word(value ? 1UL : 0UL);

    /// <summary>bytes32, or the hash of a nested struct.</summary>
    public void Word(Hash32 value) => value.CopyTo(Next());

    public void Word(Address value)
    {
        var word = Next();
        word.Clear();
        value.CopyTo(word[12..]);
    }

    /// <summary>string: the hash of its UTF-8 bytes.</summary>
    public void Word(string value)
    {
        Span<byte> utf8 = stackalloc byte[256];
        Word(Encoding.UTF8.TryGetBytes(value, utf8, out var length) ? utf8[..length] : Encoding.UTF8.GetBytes(value));
    }

    /// <summary>bytes: their hash.</summary>
    public void Word(scoped ReadOnlySpan<byte> value) => Keccak.Hash(value, Next());

    /// <summary>bytes32[]: the hash of its elements.</summary>
    public void Word(scoped ReadOnlySpan<Hash32> values)
    {
        var hasher = new KeccakHasher();
        Span<byte> element = stackalloc byte[WordBytes];
        foreach (var value in values)
        {
            value.CopyTo(element);
            hasher.Append(element);
        }

        Word(hasher.Finish());
    }

    /// <summary>The Keccak-256 of the words written: hashStruct when the first was the type hash.</summary>
    public readonly Hash32 Hash() => Keccak.Hash(buffer[..written]);

    private Span<byte> Next()
    {
        var word = buffer.Slice(written, WordBytes);
        written += WordBytes;
        return word;
    }
}
