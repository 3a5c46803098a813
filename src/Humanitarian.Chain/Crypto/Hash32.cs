using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace Humanitarian.Chain.Crypto;

/// <summary>Thirty-two bytes: a digest, a root or a salt. Ordered as its bytes are, first byte first.</summary>
public readonly record struct Hash32 : IComparable<Hash32>
{
    public const int Length = 32;

    // Big-endian words, so that comparing words compares bytes.
    private readonly ulong first, second, third, fourth;

    private Hash32(ReadOnlySpan<byte> bytes)
    {
        fourth = BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]);
        third = BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]);
        second = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]);
        first = BinaryPrimitives.ReadUInt64BigEndian(bytes);
    }

    public static Hash32 Zero => default;

    public bool IsZero => (first | second | third | fourth) == 0;

    /// <exception cref="ArgumentException">Not exactly 32 bytes.</exception>
    public static Hash32 FromSpan(ReadOnlySpan<byte> bytes) =>
        bytes.Length == Length ? new(bytes) : throw new ArgumentException("A hash has 32 bytes.", nameof(bytes));

    public static Hash32 Parse(string text) =>
        TryParse(text, out var hash) ? hash : throw new FormatException("A hash is 64 hexadecimal digits.");

    public static bool TryParse([NotNullWhen(true)] string? text, out Hash32 hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var valid = Hex.TryDecode(text, bytes);
        hash = valid ? new(bytes) : default;
        return valid;
    }

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], fourth);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], second);
        BinaryPrimitives.WriteUInt64BigEndian(destination, first);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    public int CompareTo(Hash32 other) =>
        first != other.first ? first.CompareTo(other.first)
        : second != other.second ? second.CompareTo(other.second)
        : third != other.third ? third.CompareTo(other.third)
        : fourth.CompareTo(other.fourth);

    // All words under the process's random seed: values come from outside and must not be able to crowd one bucket.
    public override int GetHashCode() => HashCode.Combine(first, second, third, fourth);

    /// <summary>0x and 64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        CopyTo(bytes);
        return Hex.Encode(bytes);
    }

    public static bool operator <(Hash32 left, Hash32 right) => left.CompareTo(right) < 0;

    public static bool operator >(Hash32 left, Hash32 right) => left.CompareTo(right) > 0;

    public static bool operator <=(Hash32 left, Hash32 right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Hash32 left, Hash32 right) => left.CompareTo(right) >= 0;
}
