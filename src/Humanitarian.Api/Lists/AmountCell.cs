using System.Globalization;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Amounts: digits, and at most one point before the decimals. Whatever else a spreadsheet writes is refused, because
/// "1.234" and "1,234" each mean two different sums of money.
/// </summary>
internal static class AmountCell
{
    /// <summary>Most decimals of any source system (SDP writes seven).</summary>
    private const int DecimalsMax = 7;

    private static readonly CellFault Missing = new(ListCodes.AmountMissing, "The row has no amount.");
    private static readonly CellFault Zero = new(ListCodes.AmountZero, "The amount is zero: leave the row out.");
    private static readonly CellFault Negative = new(ListCodes.AmountNegative, "The amount is negative.");
    private static readonly CellFault Overflow = new(ListCodes.AmountOverflow,
        "The amount, or the list's total with it, is larger than the ledger can hold.");
    private static readonly CellFault TooPrecise = new(ListCodes.AmountTooPrecise,
        "The amount has more decimals than the currency: round it, or remove the thousands separator if that is what the point is.");
    private static readonly CellFault DecimalComma = new(ListCodes.AmountDecimalComma,
        "The amount has a decimal comma: write it with a point (12.50).");
    private static readonly CellFault Thousands = new(ListCodes.AmountThousandsSeparator,
        "The amount has thousands separators: write its digits without them (1234.50).");
    private static readonly CellFault CurrencySign = new(ListCodes.AmountCurrencySign,
        "The amount has a currency sign or code: write digits alone, the currency has its own column.");
    private static readonly CellFault ScientificForm = new(ListCodes.AmountScientific,
        "The amount is in a spreadsheet's scientific form: format the column as text or number and save the list again.");
    private static readonly CellFault Invalid = new(ListCodes.AmountInvalid,
        "The amount is not a number: write digits 0-9 and at most one decimal point.");

    public static CellFault? Read(string text, int exponent, out long minor)
    {
        minor = 0;
        if (text.Length == 0)
            return Missing;
        int point = text.IndexOf('.', StringComparison.Ordinal);
        ReadOnlySpan<char> whole = point < 0 ? text : text.AsSpan(0, point);
        ReadOnlySpan<char> decimals = point < 0 ? default : text.AsSpan(point + 1);
        if (!IsDigits(whole) || (point >= 0 && !IsDigits(decimals)))
            return NotPlain(text);
        if (decimals.Length > DecimalsMax)
            return TooPrecise;
        if (decimals.Length > exponent)
        {
            // Trailing zeros change nothing, except that three of them may be the end of a grouped thousand.
            if (decimals.Length == 3 || decimals[exponent..].ContainsAnyExcept('0'))
                return TooPrecise;
            decimals = decimals[..exponent];
        }

        return Scale(whole, decimals, exponent, out minor);
    }

    /// <summary>The default amount of a list times the row's multiplier, a whole number from 1 to 1,000.</summary>
    public static CellFault? Multiply(long amountMinor, string multiplier, out long minor)
    {
        minor = 0;
        if (!int.TryParse(multiplier, NumberStyles.None, CultureInfo.InvariantCulture, out int times) || times is < 1 or > 1000)
            return new(ListCodes.MultiplierInvalid, "The multiplier is not a whole number from 1 to 1000.");
        if (amountMinor > long.MaxValue / times)
            return Overflow;
        minor = amountMinor * times;
        return null;
    }

    /// <summary>Adds to the list's total, which must stay payable from one account.</summary>
    public static CellFault? Total(long total, long minor) => minor > long.MaxValue - total ? Overflow : null;

    private static CellFault? Scale(ReadOnlySpan<char> whole, ReadOnlySpan<char> decimals, int exponent, out long minor)
    {
        minor = 0;
        whole = whole.TrimStart('0');
        if (whole.Length + exponent > 19)
            return Overflow;
        Int128 value = 0;
        foreach (char digit in whole)
            value = (value * 10) + (digit - '0');
        for (int i = 0; i < exponent; i++)
            value = (value * 10) + (i < decimals.Length ? decimals[i] - '0' : 0);
        if (value > long.MaxValue)
            return Overflow;
        minor = (long)value;
        return minor == 0 ? Zero : null;
    }

    private static CellFault NotPlain(string text)
    {
        if (Cell.Scientific.IsMatch(text))
            return ScientificForm;
        if (text[0] is '-' or '\u2212' || (text[0] == '(' && text[^1] == ')') || text[^1] == '-')
            return text.Any(char.IsAsciiDigit) ? Negative : Invalid;
        if (!char.IsAsciiDigit(text[0]) || !char.IsAsciiDigit(text[^1]))
            return HasCurrency(text) ? CurrencySign : Invalid;
        if (text.Any(c => !char.IsAsciiDigit(c) && !IsSeparator(c)))
            return Invalid;

        int comma = text.LastIndexOf(',');
        int point = text.LastIndexOf('.');
        bool oneComma = comma >= 0 && text.IndexOf(',', StringComparison.Ordinal) == comma;
        bool decimalComma = oneComma && (point >= 0 ? comma > point : text.Length - comma - 1 != 3);
        return decimalComma ? DecimalComma : Thousands;
    }

    private static bool HasCurrency(string text) =>
        text.Any(char.IsAsciiDigit)
        && text.Any(c => char.IsLetter(c) || char.GetUnicodeCategory(c) == UnicodeCategory.CurrencySymbol);

    private static bool IsSeparator(char c) => c is '.' or ',' or '\'' or '\u2019' || char.IsWhiteSpace(c);

    private static bool IsDigits(ReadOnlySpan<char> text) => text.Length > 0 && !text.ContainsAnyExceptInRange('0', '9');
}
