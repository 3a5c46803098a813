using System.Globalization;
using System.Text;

namespace Humanitarian.Api.Exports;

/// <summary>Text as it goes into files that spreadsheets open. People and other organisations wrote some of it.</summary>
internal static class ExportText
{
    private const string Formula = "=+-@\uFF1D\uFF0B\uFF0D\uFF20";

    /// <summary>
    /// The text on one line, with what no reader shows as itself written as <c>\uXXXX</c>: controls, line and paragraph separators, marks of
    /// direction, halves of surrogate pairs and what is no character.
    /// </summary>
    public static string Plain(string text)
    {
        var plain = new StringBuilder(text.Length);
        for (var at = 0; at < text.Length; at++)
        {
            if (char.IsSurrogatePair(text, at))
            {
                plain.Append(text, at++, 2);
            }
            else if (IsHidden(text[at]))
            {
                plain.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:X4}");
            }
            else
            {
                plain.Append(text[at]);
            }
        }

        return plain.ToString();
    }

    /// <summary>The text for a format without types: what a spreadsheet may take for a formula begins with an apostrophe.</summary>
    public static string Untyped(string text)
    {
        var plain = Plain(text);
        return plain.AsSpan().TrimStart() is [var first, ..] && Formula.Contains(first, StringComparison.Ordinal) ? "'" + plain : plain;
    }

    /// <summary>True for what no reader shows as itself.</summary>
    public static bool IsHidden(char character) =>
        char.IsControl(character) || char.IsSurrogate(character)
        || character is '\u2028' or '\u2029' or '\uFEFF' or '\uFFFE' or '\uFFFF' or (>= '\u200E' and <= '\u200F') or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
