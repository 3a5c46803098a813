namespace Humanitarian.Domain;

internal static class Hex
{
    /// <summary>Fills the destination exactly from hexadecimal digits, with or without 0x; false for anything else.</summary>
    public static bool TryRead(string? text, Span<byte> destination)
    {
        var digits = text.AsSpan();
        if (digits.StartsWith("0x", StringComparison.Ordinal))
        {
            digits = digits[2..];
        }

        return digits.Length == destination.Length * 2
            && Convert.FromHexString(digits, destination, out _, out _) == System.Buffers.OperationStatus.Done;
    }
}
