using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Crypto;

/// <summary>Addresses as wallets write them: the checksum needs Keccak, which the domain does not have.</summary>
public static class AddressText
{
    extension(Address address)
    {
        /// <summary>
        /// Reads 40 hexadecimal digits, with or without 0x. All lower or all upper case carries no checksum and is accepted;
        /// mixed case must match the checksum of EIP-55.
        /// </summary>
        public static bool TryParse([NotNullWhen(true)] string? text, out Address parsed)
        {
            parsed = default;
            var digits = text.AsSpan();
            if (digits.StartsWith("0x", StringComparison.Ordinal)) digits = digits[2..];

            Span<byte> bytes = stackalloc byte[Address.Size];
            if (digits.Length != 2 * Address.Size) return false;
            if (Convert.FromHexString(digits, bytes, out _, out _) != OperationStatus.Done) return false;

            var candidate = Address.FromSpan(bytes);
            var mixed = digits.ContainsAnyInRange('a', 'f') && digits.ContainsAnyInRange('A', 'F');
            if (mixed && !digits.SequenceEqual(candidate.ToChecksumText().AsSpan(2))) return false;

            parsed = candidate;
            return true;
        }

        /// <exception cref="FormatException">The text is no address, or its mixed case is not that of the checksum.</exception>
        public static Address Parse(string text) => TryParse(text, out Address parsed)
            ? parsed
            : throw new FormatException("An address is 40 hexadecimal digits, whose mixed case must match the EIP-55 checksum.");

        /// <summary>0x and 40 digits, a letter upper-case where the digest of the lower-case text has a nibble of 8 or more (EIP-55).</summary>
        public string ToChecksumText() => string.Create(2 + 2 * Address.Size, address, static (text, address) =>
        {
            Span<byte> bytes = stackalloc byte[Address.Size];
            Span<byte> ascii = stackalloc byte[2 * Address.Size];
            Span<byte> digest = stackalloc byte[Hash32.Size];
            address.CopyTo(bytes);
            Convert.TryToHexStringLower(bytes, ascii, out _);
            Keccak.Hash(ascii, digest);

            "0x".CopyTo(text);
            for (var i = 0; i < ascii.Length; i++)
            {
                var nibble = i % 2 == 0 ? digest[i / 2] >> 4 : digest[i / 2] & 0xf;
                text[i + 2] = nibble >= 8 ? char.ToUpperInvariant((char)ascii[i]) : (char)ascii[i];
            }
        });
    }
}
