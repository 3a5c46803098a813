using System.Security.Cryptography;
using System.Text;
using Humanitarian.Chain.Crypto;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Encrypts text for the store: AES-256-GCM under a key that follows from the pepper, which lies outside the data folder. Who has the
/// database alone neither reads it nor writes such a text, nor puts one in another's place.
/// </summary>
internal sealed class SealedText(HumanitarianApiOptions options, IRandomSource random)
{
    private readonly byte[] key = options.Derive("sealed text");

    /// <param name="place">Where the text will stand; it opens nowhere else.</param>
    public string Seal(string place, string text) => Seal(key, random, Encoding.UTF8.GetBytes(text), Encoding.UTF8.GetBytes(place));

    /// <summary>The text, or null when it was not sealed with this pepper for this place.</summary>
    public string? Open(string place, string sealedText) => Open(key, sealedText, Encoding.UTF8.GetBytes(place)) is { } plain ? Encoding.UTF8.GetString(plain) : null;

    /// <summary>AES-256-GCM under a key: nonce, content and tag in base64.</summary>
    /// <param name="key">32 bytes.</param>
    /// <param name="bound">What it opens with only; it is not in the result.</param>
    public static string Seal(byte[] key, IRandomSource random, ReadOnlySpan<byte> content, byte[] bound)
    {
        var bytes = new byte[Nonce + content.Length + Tag];
        random.Fill(bytes.AsSpan(0, Nonce));
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(bytes.AsSpan(0, Nonce), content, bytes.AsSpan(Nonce, content.Length), bytes.AsSpan(Nonce + content.Length), bound);
        return Convert.ToBase64String(bytes);
    }

    /// <summary>The content, or null when it was not sealed under this key with what it is bound to.</summary>
    public static byte[]? Open(byte[] key, string sealedText, byte[] bound)
    {
        var bytes = new byte[sealedText.Length];
        if (!Convert.TryFromBase64String(sealedText, bytes, out var length) || length < Nonce + Tag)
        {
            return null;
        }

        var plain = new byte[length - Nonce - Tag];
        using var aes = new AesGcm(key, Tag);
        try
        {
            aes.Decrypt(bytes.AsSpan(0, Nonce), bytes.AsSpan(Nonce, plain.Length), bytes.AsSpan(Nonce + plain.Length, Tag), plain, bound);
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static int Nonce => AesGcm.NonceByteSizes.MaxSize;

    private static int Tag => AesGcm.TagByteSizes.MaxSize;
}
