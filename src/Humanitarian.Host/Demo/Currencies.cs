using System.Collections.Frozen;
using System.Globalization;

namespace Humanitarian.Host.Demo;

/// <summary>Decimal places of currencies (ISO 4217): two, but for these.</summary>
internal static class Currencies
{
    private static readonly FrozenSet<string> WithoutDecimals = FrozenSet.ToFrozenSet(
        ["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"]);

    private static readonly FrozenSet<string> WithThree = FrozenSet.ToFrozenSet(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]);

    public static int ExponentOf(string currency) => WithoutDecimals.Contains(currency) ? 0 : WithThree.Contains(currency) ? 3 : 2;

    /// <summary>An amount in minor units as people read it.</summary>
    public static string Text(long amountMinor, string currency, int exponent)
    {
        var divisor = (decimal)Math.Pow(10, exponent);
        return string.Create(CultureInfo.InvariantCulture, $"{(amountMinor / divisor).ToString($"N{exponent}", CultureInfo.InvariantCulture)} {currency}");
    }

    /// <summary>Reads an amount that a person typed, in the main unit; null when it is none or has too many decimals.</summary>
    public static long? Read(string text, int exponent)
    {
        if (!decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount) || amount <= 0)
        {
            return null;
        }

        for (var i = 0; i < exponent && amount < decimal.MaxValue / 10; i++)
        {
            amount *= 10;
        }

        return amount == decimal.Truncate(amount) && amount <= long.MaxValue ? (long)amount : null;
    }
}
