using System.Buffers.Binary;
using System.Globalization;
using Orleans;

namespace Humanitarian.Domain;

/// <summary>
/// A 128-bit identifier of anything on a ledger, written as 32 lower-case hexadecimal digits. Ids of persons' accounts and of
/// households are random, so that they tell nothing about when or in which order people were registered.
/// </summary>
[GenerateSerializer, Immutable, Alias("Id")]
public readonly record struct Id([property: Orleans.Id(0)] ulong High, [property: Orleans.Id(1)] ulong Low) : IComparable<Id>
{
    /// <summary>Bytes of an encoded id.</summary>
    public const int Size = 16;

    /// <summary>The absent id.</summary>
    public static Id None => default;

    /// <summary>True for the absent id.</summary>
    public bool IsNone => High == 0 && Low == 0;

    /// <summary>Reads 16 big-endian bytes.</summary>
    public static Id FromBytes(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]));

    /// <summary>Writes 16 big-endian bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>The 16 big-endian bytes.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Reads 32 hexadecimal digits; false for anything else.</summary>
    public static bool TryParse(string? text, out Id id)
    {
        id = default;
        if (text is not { Length: 32 }
            || !ulong.TryParse(text.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
            || !ulong.TryParse(text.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low))
        {
            return false;
        }

        id = new Id(high, low);
        return true;
    }

    /// <summary>Reads 32 hexadecimal digits.</summary>
    /// <exception cref="FormatException">The text is no id.</exception>
    public static Id Parse(string text) => TryParse(text, out var id) ? id : throw new FormatException("An id is 32 hexadecimal digits.");

    /// <inheritdoc />
    public int CompareTo(Id other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <inheritdoc />
    public override int GetHashCode() => unchecked((int)(Low ^ (Low >> 32) ^ High));

    /// <inheritdoc />
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");

    public static bool operator <(Id left, Id right) => left.CompareTo(right) < 0;
    public static bool operator >(Id left, Id right) => left.CompareTo(right) > 0;
    public static bool operator <=(Id left, Id right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Id left, Id right) => left.CompareTo(right) >= 0;
}
