using Orleans;

namespace Humanitarian.Domain;

/// <summary>A recoverable secp256k1 signature: r, s and v (27 or 28), 65 bytes.</summary>
[GenerateSerializer, Immutable, Alias("Signature")]
public readonly record struct Signature([property: Orleans.Id(0)] Hash32 R, [property: Orleans.Id(1)] Hash32 S, [property: Orleans.Id(2)] byte V)
{
    /// <summary>Bytes of an encoded signature.</summary>
    public const int Size = 65;

    public static Signature FromSpan(ReadOnlySpan<byte> bytes) => new(Hash32.FromSpan(bytes), Hash32.FromSpan(bytes[32..]), bytes[64]);

    public void CopyTo(Span<byte> destination)
    {
        R.CopyTo(destination);
        S.CopyTo(destination[32..]);
        destination[64] = V;
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Size];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Reads 130 hexadecimal digits, with or without 0x.</summary>
    public static bool TryParse(string? text, out Signature signature)
    {
        Span<byte> bytes = stackalloc byte[Size];
        var ok = Hex.TryRead(text, bytes);
        signature = ok ? FromSpan(bytes) : default;
        return ok;
    }

    public override string ToString() => "0x" + Convert.ToHexStringLower(ToArray());
}
