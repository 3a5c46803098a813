using PhoneNumbers;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Telephone numbers, to E.164. A number must say its country: by a plus, by being long enough without one, or by the
/// import's default region for numbers in national form. It must be possible (an assigned country code and a length
/// that country uses); whether it is in service is not asked.
/// </summary>
internal sealed class PhoneCell(string? region, bool trustLongNumbers)
{
    private const int DigitsMin = 7;
    private const int DigitsMax = 15;

    /// <summary>
    /// With fewer digits and no plus it is likelier a national number that lost its zero than an international one.
    /// </summary>
    private const int InternationalDigitsMin = 10;

    /// <summary>From here on the 121 convention holds: digits are an international number, checked no further.</summary>
    private const int TrustedDigitsMin = 11;

    private static readonly PhoneNumberUtil Util = PhoneNumberUtil.GetInstance();
    private static readonly HashSet<int> CallingCodes = [.. Util.GetSupportedCallingCodes()];

    private static readonly CellFault ScientificForm = new(ListCodes.PhoneScientific,
        "The number is in a spreadsheet's scientific form and its last digits are lost: take it from the source again, with the column formatted as text.");
    private static readonly CellFault Rounded = new(ListCodes.PhoneRounded,
        "The number ends in six zeros, as after a spreadsheet's rounding: take it from the source again.");
    private static readonly CellFault TrailingDecimal = new(ListCodes.PhoneTrailingDecimal,
        "The number ends in decimals, so it went through a spreadsheet as a quantity: format the column as text.");
    private static readonly CellFault ZeroLost = new(ListCodes.PhoneLeadingZeroLost,
        "The number is too short to have a country code and has no leading zero or plus, as spreadsheets remove them: write it as +254....");
    private static readonly CellFault National = new(ListCodes.PhoneNational,
        "The number is in national form: write it with plus and country code, or say of which country the list's numbers are.");
    private static readonly CellFault Ambiguous = new(ListCodes.PhoneAmbiguous,
        "The number can be read as a national and as an international one: write it with plus and country code.");
    private static readonly CellFault Invalid = new(ListCodes.PhoneInvalid,
        "This is not a possible telephone number: write it as +254... with plus, country code and all digits.");

    public CellFault? Read(string text, out string? e164)
    {
        e164 = null;
        if (Cell.Scientific.IsMatch(text))
            return ScientificForm;
        if (Cell.TrailingDecimal.IsMatch(text))
            return TrailingDecimal;
        Span<char> digits = stackalloc char[DigitsMax];
        if (!TryDigits(text, ref digits))
            return Invalid;
        if (digits.EndsWith("000000"))
            return Rounded;
        if (text[0] == '+')
            return (e164 = International(digits)) is null ? Invalid : null;
        return digits[0] == '0' ? ReadNational(digits, out e164) : ReadBare(digits, out e164);
    }

    private CellFault? ReadNational(ReadOnlySpan<char> digits, out string? e164)
    {
        e164 = null;
        if (region is null)
            return National;
        return (e164 = Possible(digits.ToString(), region)) is null ? Invalid : null;
    }

    private CellFault? ReadBare(ReadOnlySpan<char> digits, out string? e164)
    {
        e164 = digits.Length >= InternationalDigitsMin ? International(digits) : null;
        if (trustLongNumbers && digits.Length >= TrustedDigitsMin)
        {
            e164 ??= $"+{digits}";
            return null;
        }

        bool alsoNational = region is not null && Possible(digits.ToString(), region) is { } national && national != e164;
        if (e164 is not null && !alsoNational)
            return null;
        bool ambiguous = e164 is not null;
        e164 = null;
        return ambiguous ? Ambiguous : digits.Length <= InternationalDigitsMin ? ZeroLost : Invalid;
    }

    private static string? International(ReadOnlySpan<char> digits) =>
        HasCallingCode(digits) ? Possible($"+{digits}", null) : null;

    /// <summary>Spares most impossible numbers the parser, which answers them with an exception.</summary>
    private static bool HasCallingCode(ReadOnlySpan<char> digits)
    {
        int code = 0;
        for (int i = 0; i < 3; i++)
        {
            code = (code * 10) + (digits[i] - '0');
            if (CallingCodes.Contains(code))
                return true;
        }

        return false;
    }

    private static string? Possible(string number, string? region)
    {
        try
        {
            PhoneNumber parsed = Util.Parse(number, region);
            return Util.IsPossibleNumberWithReason(parsed) == PhoneNumberUtil.ValidationResult.IS_POSSIBLE
                ? Util.Format(parsed, PhoneNumberFormat.E164)
                : null;
        }
        catch (NumberParseException)
        {
            return null;
        }
    }

    private static bool TryDigits(string text, ref Span<char> digits)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsAsciiDigit(c) && count < DigitsMax)
                digits[count++] = c;
            else if (!(c == '+' && i == 0) && c is not (' ' or '-' or '.' or '(' or ')' or '/' or '\u00A0'))
                return false;
        }

        digits = digits[..count];
        return count >= DigitsMin;
    }
}
