using System.Buffers.Text;
using System.Text;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>The digest that wallets sign for a plain message (EIP-191, version 0x45).</summary>
public static class Eip191
{
    public static Hash32 Digest(ReadOnlySpan<byte> message)
    {
        Span<byte> length = stackalloc byte[10];
        Utf8Formatter.TryFormat(message.Length, length, out var digits);

        var hasher = new KeccakHasher();
        hasher.Append("\u0019Ethereum Signed Message:\n"u8);
        hasher.Append(length[..digits]);
        hasher.Append(message);
        return hasher.Finish();
    }

    /// <summary>The digest of the text's UTF-8 bytes.</summary>
    public static Hash32 Digest(string utf8Message) => Digest(Encoding.UTF8.GetBytes(utf8Message));
}
