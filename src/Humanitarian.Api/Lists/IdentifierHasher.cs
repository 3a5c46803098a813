using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Keyed hashes of identifiers: the first 128 bits (big-endian) of HMAC-SHA-256 over the kind's name, a zero byte and the
/// normalised value in UTF-8. Whoever has the key finds a telephone number in minutes by trying all of them: these
/// hashes are personal data. Not safe for concurrent use.
/// </summary>
public sealed class IdentifierHasher : IDisposable
{
    private const int KeyBytesMin = 16;
    private const int ValueCharsMax = 256;

    private readonly IncrementalHash _hmac;
    private readonly byte[][] _kinds =
        [.. Enum.GetValues<IdentifierKind>().Select(kind => Encoding.UTF8.GetBytes($"{kind}\0"))];
    private readonly byte[] _value = new byte[ValueCharsMax * 3];

    /// <summary>A hasher under an organisation's secret of at least 16 bytes.</summary>
    public IdentifierHasher(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(key.Length, KeyBytesMin, nameof(key));
        _hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
    }

    /// <summary>The hash of a normalised value of at most 256 characters.</summary>
    public UInt128 Hash(IdentifierKind kind, string value)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _hmac.AppendData(_kinds[(int)kind]);
        _hmac.AppendData(_value, 0, Encoding.UTF8.GetBytes(value, _value));
        _hmac.GetHashAndReset(hash);
        return BinaryPrimitives.ReadUInt128BigEndian(hash);
    }

    /// <inheritdoc />
    public void Dispose() => _hmac.Dispose();
}
