using System.Buffers.Binary;
using Orleans;

namespace Humanitarian.Domain;

/// <summary>The 20 bytes of an Ethereum address: the public name of a secp256k1 key.</summary>
[GenerateSerializer, Immutable, Alias("Address")]
public readonly record struct Address([property: Orleans.Id(0)] ulong A, [property: Orleans.Id(1)] ulong B, [property: Orleans.Id(2)] uint C)
{
    /// <summary>Bytes of an encoded address.</summary>
    public const int Size = 20;

    public static Address Zero => default;

    public bool IsZero => this == default;

    public static Address FromSpan(ReadOnlySpan<byte> bytes) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bytes),
        BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
        BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]));

    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, A);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], B);
        BinaryPrimitives.WriteUInt32BigEndian(destination[16..], C);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Lower-case hexadecimal with 0x; the room of the chain writes the EIP-55 form.</summary>
    public override string ToString() => "0x" + Convert.ToHexStringLower(ToArray());
}
