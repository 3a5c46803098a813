using System.Buffers;

namespace Humanitarian.Chain.Crypto;

/// <summary>Fixed-length hexadecimal text, with an optional 0x before it.</summary>
internal static class Hex
{
    internal static string Encode(ReadOnlySpan<byte> bytes) => "0x" + Convert.ToHexStringLower(bytes);

    /// <summary>The digits after an optional 0x.</summary>
    internal static ReadOnlySpan<char> Digits(ReadOnlySpan<char> text) =>
        text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;

    /// <summary>False unless the text is exactly as long as the destination asks.</summary>
    internal static bool TryDecode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        var digits = Digits(text);
        return digits.Length == destination.Length * 2
            && Convert.FromHexString(digits, destination, out _, out _) == OperationStatus.Done;
    }
}
