using System.Text.Json;

namespace Humanitarian.Api.Exports;

/// <summary>Values of the ledger as files have them.</summary>
internal static class ExportAmount
{
    /// <summary>Minor units as a decimal of the unit, exactly.</summary>
    /// <param name="exponent">Decimal places between the whole unit and the minor unit.</param>
    public static decimal Of(long amountMinor, int exponent) =>
        new(unchecked((int)Magnitude(amountMinor)), unchecked((int)(Magnitude(amountMinor) >> 32)), 0, amountMinor < 0, (byte)exponent);

    /// <summary>An enumeration's value as the API spells it.</summary>
    public static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseUpper.ConvertName(value.ToString());

    private static ulong Magnitude(long amountMinor) => unchecked((ulong)(amountMinor < 0 ? -amountMinor : amountMinor));
}
