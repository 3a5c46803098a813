using System.Globalization;
using System.Text;

namespace Humanitarian.Api.Lists;

/// <summary>Ids of households, persons and payments, e-mail addresses, and small whole numbers.</summary>
internal static class IdCell
{
    private static readonly CellFault TooLong = new(ListCodes.IdTooLong, "The id is longer than 64 characters.");
    private static readonly CellFault ScientificForm = new(ListCodes.IdScientific,
        "The id is in a spreadsheet's scientific form and its last digits are lost: take it from the source again, with the column formatted as text.");
    private static readonly CellFault TrailingDecimal = new(ListCodes.IdTrailingDecimal,
        "The id ends in decimals, so it went through a spreadsheet as a quantity: format the column as text.");
    private static readonly CellFault Invalid = new(ListCodes.IdInvalid,
        "The id has no letter or digit, or contains a line break or another control character.");
    private static readonly CellFault EmailInvalid = new(ListCodes.EmailInvalid, "This is not an e-mail address.");

    public static CellFault? Read(string text, int charsMax) =>
        text.Length > charsMax ? TooLong
        : Damage(text) ?? (text.Any(char.IsControl) || !text.Any(char.IsLetterOrDigit) ? Invalid : null);

    /// <summary>What spreadsheets do to ids.</summary>
    public static CellFault? Damage(string text) =>
        text.Length == 0 || !(char.IsAsciiDigit(text[0]) || text[0] == '+') ? null
        : Cell.Scientific.IsMatch(text) ? ScientificForm
        : Cell.TrailingDecimal.IsMatch(text) ? TrailingDecimal
        : null;

    /// <summary>Only what every address has: the mail system alone knows the rest.</summary>
    public static CellFault? Email(string text, int charsMax)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        return text.Length <= charsMax && at > 0 && at == text.LastIndexOf('@') && at < text.Length - 1
            && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is ',' or ';')
                ? null
                : EmailInvalid;
    }

    /// <summary>The same document is written with and without spaces, dots, dashes and slashes.</summary>
    public static string NormaliseNationalId(string text)
    {
        var value = new StringBuilder(text.Length);
        foreach (char c in text)
        {
            if (char.IsLetterOrDigit(c))
                value.Append(char.ToUpperInvariant(c));
        }

        return value.ToString();
    }

    public static bool TryWhole(string text, int min, int max, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= min && value <= max;
}
