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
    private const int KeyBytes = 32;

    private readonly byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, options.Pepper.ToArray(), KeyBytes, info: "sealed text"u8.ToArray());

    /// <param name="place">Where the text will stand; it opens nowhere else.</param>
    public string Seal(string place, string text)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var bytes = new byte[Nonce + plain.Length + Tag];
        random.Fill(bytes.AsSpan(0, Nonce));
        using var aes = new AesGcm(key, Tag);
        aes.Encrypt(bytes.AsSpan(0, Nonce), plain, bytes.AsSpan(Nonce, plain.Length), bytes.AsSpan(Nonce + plain.Length), Encoding.UTF8.GetBytes(place));
        return Convert.ToBase64String(bytes);
    }

    /// <summary>The text, or null when it was not sealed with this pepper for this place.</summary>
    public string? Open(string place, string sealedText)
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
            aes.Decrypt(bytes.AsSpan(0, Nonce), bytes.AsSpan(Nonce, plain.Length), bytes.AsSpan(Nonce + plain.Length, Tag), plain, Encoding.UTF8.GetBytes(place));
            return Encoding.UTF8.GetString(plain);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static int Nonce => AesGcm.NonceByteSizes.MaxSize;

    private static int Tag => AesGcm.TagByteSizes.MaxSize;
}
