using System.Globalization;

namespace Humanitarian.Domain.Grants;

/// <summary>
/// Whole units of the program's currency for one whole unit of the donor's, exact: a decimal number of at most 18 digits, written in
/// one form only (no sign, no exponent, no needless zero).
/// </summary>
public readonly record struct ExchangeRate
{
    private const int MaximumDigits = 18;
    private readonly long numerator;
    private readonly int decimals;

    private ExchangeRate(long numerator, int decimals) => (this.numerator, this.decimals) = (numerator, decimals);

    /// <summary>Reads a rate such as 129.35; null for anything else.</summary>
    public static ExchangeRate? Parse(string text)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? text : text.Remove(point, 1);
        if (digits.Length is 0 or > MaximumDigits || !digits.All(char.IsAsciiDigit))
        {
            return null;
        }

        var rate = new ExchangeRate(long.Parse(digits, CultureInfo.InvariantCulture), point < 0 ? 0 : text.Length - point - 1);
        return rate.numerator > 0 && rate.ToString() == text ? rate : null;
    }

    /// <summary>What an amount of the donor's currency is worth in the program's, in minor units, to the nearest, halves up.</summary>
    /// <param name="exponentFrom">Decimal places of the donor's currency.</param>
    /// <param name="exponentTo">Decimal places of the program's currency.</param>
    /// <exception cref="OverflowException">The result, or a product on the way to it, does not fit.</exception>
    public long Convert(long amountMinor, int exponentFrom, int exponentTo) =>
        Nearest(checked(amountMinor * (Int128)numerator * PowerOfTen(exponentTo)), checked(PowerOfTen(decimals) * PowerOfTen(exponentFrom)));

    /// <summary>What an amount of the program's currency is worth in the donor's, in minor units, to the nearest, halves up.</summary>
    /// <param name="exponentFrom">Decimal places of the donor's currency.</param>
    /// <param name="exponentTo">Decimal places of the program's currency.</param>
    /// <exception cref="OverflowException">The result, or a product on the way to it, does not fit.</exception>
    public long ConvertBack(long amountMinor, int exponentFrom, int exponentTo) =>
        Nearest(checked(amountMinor * PowerOfTen(decimals) * PowerOfTen(exponentFrom)), checked(numerator * PowerOfTen(exponentTo)));

    public override string ToString()
    {
        var text = numerator.ToString(CultureInfo.InvariantCulture).PadLeft(decimals + 1, '0');
        return decimals == 0 ? text : $"{text[..^decimals]}.{text[^decimals..]}".TrimEnd('0').TrimEnd('.');
    }

    private static long Nearest(Int128 numerator, Int128 denominator) => checked((long)((numerator + (denominator / 2)) / denominator));

    private static Int128 PowerOfTen(int exponent)
    {
        Int128 power = 1;
        for (; exponent > 0; exponent--)
        {
            power *= 10;
        }

        return power;
    }
}
