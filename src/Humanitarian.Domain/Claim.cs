using System.Buffers.Binary;
using Orleans;

namespace Humanitarian.Domain;

/// <summary>
/// A keyed 128-bit hash of something that may happen only once on a ledger. It is ordered once, for ever, unless the
/// transaction that took it is undone by name.
/// </summary>
[GenerateSerializer, Immutable, Alias("Claim")]
public readonly record struct Claim([property: Orleans.Id(0)] ulong High, [property: Orleans.Id(1)] ulong Low) : IComparable<Claim>
{
    /// <summary>Bytes of an encoded claim.</summary>
    public const int Size = 16;

    public static Claim FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    public int CompareTo(Claim other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    public override int GetHashCode() => unchecked((int)(Low ^ (Low >> 32)));

    public override string ToString() => new Id(High, Low).ToString();

    public static bool operator <(Claim left, Claim right) => left.CompareTo(right) < 0;
    public static bool operator >(Claim left, Claim right) => left.CompareTo(right) > 0;
    public static bool operator <=(Claim left, Claim right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Claim left, Claim right) => left.CompareTo(right) >= 0;
}
