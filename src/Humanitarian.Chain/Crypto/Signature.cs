using System.Diagnostics.CodeAnalysis;

namespace Humanitarian.Chain.Crypto;

/// <summary>
/// A recoverable secp256k1 signature: r, s and v = 27 + parity of the nonce point, 65 bytes as Ethereum writes them.
/// Any 65 bytes can be held; <see cref="Secp256k1.Recover(Hash32, Signature)"/> says whether they mean anything.
/// </summary>
public readonly record struct Signature(Hash32 R, Hash32 S, byte V)
{
    public const int Length = 65;

    /// <exception cref="ArgumentException">Not exactly 65 bytes.</exception>
    public static Signature FromSpan(ReadOnlySpan<byte> bytes) => bytes.Length == Length
        ? new(Hash32.FromSpan(bytes[..32]), Hash32.FromSpan(bytes[32..64]), bytes[64])
        : throw new ArgumentException("A signature has 65 bytes.", nameof(bytes));

    public static Signature Parse(string text) =>
        TryParse(text, out var signature) ? signature : throw new FormatException("A signature is 130 hexadecimal digits.");

    public static bool TryParse([NotNullWhen(true)] string? text, out Signature signature)
    {
        Span<byte> bytes = stackalloc byte[Length];
        var valid = Hex.TryDecode(text, bytes);
        signature = valid ? FromSpan(bytes) : default;
        return valid;
    }

    public void CopyTo(Span<byte> destination)
    {
        destination[64] = V;
        S.CopyTo(destination[32..]);
        R.CopyTo(destination);
    }

    public byte[] ToArray()
    {
        var bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>0x and 130 lower-case hexadecimal digits.</summary>
    public override string ToString() => Hex.Encode(ToArray());
}
