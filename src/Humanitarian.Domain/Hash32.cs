using System.Buffers.Binary;
using Orleans;

namespace Humanitarian.Domain;

/// <summary>32 bytes of a hash, compared as a big-endian number.</summary>
[GenerateSerializer, Immutable, Alias("Hash32")]
public readonly record struct Hash32(
    [property: Orleans.Id(0)] ulong A, [property: Orleans.Id(1)] ulong B, [property: Orleans.Id(2)] ulong C, [property: Orleans.Id(3)] ulong D)
    : IComparable<Hash32>
{
    /// <summary>Bytes of an encoded hash.</summary>
    public const int Size = 32;

    public static Hash32 Zero => default;

    public bool IsZero => this == default;

    public static Hash32 FromSpan(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[24..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, A);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], C);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], D);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Reads 64 hexadecimal digits, with or without 0x.</summary>
    public static bool TryParse(string? text, out Hash32 hash)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var ok = Hex.TryRead(text, bytes);
        hash = ok ? FromSpan(bytes) : default;
        return ok;
    }

    /// <exception cref="FormatException">The text is no hash.</exception>
    public static Hash32 Parse(string text) => TryParse(text, out var hash) ? hash : throw new FormatException("A hash is 64 hexadecimal digits.");

    public int CompareTo(Hash32 other) =>
        A != other.A ? A.CompareTo(other.A) : B != other.B ? B.CompareTo(other.B) : C != other.C ? C.CompareTo(other.C) : D.CompareTo(other.D);

    public override int GetHashCode() => HashCode.Combine(A, D);

    public override string ToString() => "0x" + Convert.ToHexStringLower(ToArray());

    public static bool operator <(Hash32 left, Hash32 right) => left.CompareTo(right) < 0;
    public static bool operator >(Hash32 left, Hash32 right) => left.CompareTo(right) > 0;
    public static bool operator <=(Hash32 left, Hash32 right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Hash32 left, Hash32 right) => left.CompareTo(right) >= 0;
}
