using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Humanitarian.Chain.Crypto;

/// <summary>Who signed: the last 20 bytes of the Keccak-256 of a public key. Written with its EIP-55 checksum.</summary>
public readonly record struct Address
{
    public const int Length = 20;

    private readonly ulong first, second;
    private readonly uint third;

    private Address(ReadOnlySpan<byte> bytes)
    {
        third = BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]);
        second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    public static Address Zero => default;

    public bool IsZero => (first | second | third) == 0;

    /// <exception cref="ArgumentException">Not exactly 20 bytes.</exception>
    public static Address FromSpan(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Length ? new(bytes) : throw new ArgumentException("An address has 20 bytes.", nameof(bytes));

    public static Address Parse(string text) => TryParse(text, out var address)
        ? address
        : throw new FormatException("An address is 40 hexadecimal digits, whose mixed case must match the EIP-55 checksum.");

    /// <summary>All lower or all upper case carries no checksum and is accepted; mixed case must match it.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Address address)
    {
        Span<byte> bytes = stackalloc byte[Length];
        address = default;
        if (!Hex.TryDecode(text, bytes)) return false;

        var parsed = new Address(bytes);
        var digits = Hex.Digits(text);
        var mixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
        if (mixed && !digits.SequenceEqual(parsed.ToString().AsSpan(2))) return false;

        address = parsed;
        return true;
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], second);
        BinaryPrimitives.WriteUInt64BigEndian(destination, first);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>0x and 40 digits, a letter upper-case where the digest of the lower-case text has a nibble of 8 or more (EIP-55).</summary>
    public override string ToString() => string.Create(2 + Length * 2, this, static (text, address) =>
    {
        Span<byte> bytes = stackalloc byte[Length];
        Span<byte> ascii = stackalloc byte[Length * 2];
        Span<byte> digest = stackalloc byte[Hash32.Length];
        address.CopyTo(bytes);
        Convert.TryToHexStringLower(bytes, ascii, out _);
        Keccak.Hash(ascii, digest);

        "0x".CopyTo(text);
        for (var i = 0; i < ascii.Length; i++)
        {
            var nibble = i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 0xf;
            text[i + 2] = nibble >= 8 ? char.ToUpperInvariant((char)ascii[i]) : (char)ascii[i];
        }
    });
}
