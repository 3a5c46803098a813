using System.Globalization;
using System.Text.RegularExpressions;
using Humanitarian.Api.Exports;

namespace Humanitarian.Api.Lists;

/// <summary>Why a cell is refused; the reason never contains the cell's value.</summary>
internal sealed record CellFault(string Code, string Reason);

/// <summary>What spreadsheets leave behind in any column, and how values are hidden in reports.</summary>
internal static partial class Cell
{
    private static readonly CellFault ErrorValue = new(ListCodes.SpreadsheetError,
        "The cell holds a spreadsheet's error (#REF!, #N/A, ...): mend its formula and save the list again.");

    private static readonly CellFault Formula = new(ListCodes.Formula,
        "The cell holds a formula: paste it as a value and save the list again.");

    /// <summary>The damage that may be in any cell, or null.</summary>
    public static CellFault? Damage(string text) =>
        text.Length < 2 ? null
        : text[0] == '#' && IsErrorValue(text) ? ErrorValue
        : IsFormula(text) ? Formula
        : null;

    /// <summary>2.54708E+11: what is left of a long number when a spreadsheet takes it for a quantity.</summary>
    [GeneratedRegex(@"^\+?[0-9]+([.,][0-9]+)?[eE][+-][0-9]+$")]
    public static partial Regex Scientific { get; }

    /// <summary>254722000001.0: an identifier that went through a floating-point column.</summary>
    [GeneratedRegex(@"^\+?[0-9]+[.,]0+$")]
    public static partial Regex TrailingDecimal { get; }

    /// <summary>The value with its middle, and so its length, hidden: 25••••••45. Short amounts stay readable.</summary>
    public static string Mask(string text, bool isAmount = false)
    {
        if (text.Length == 0 || (isAmount && text.Length <= 16 && text.Count(char.IsDigit) <= 7 && !HasControls(text)))
            return text;
        return text.Length < 8 || HasControls(text) || char.IsSurrogate(text[1]) || char.IsSurrogate(text[^2])
            ? "••••••"
            : string.Create(CultureInfo.InvariantCulture, $"{text.AsSpan(0, 2)}••••••{text.AsSpan(text.Length - 2)}");
    }

    /// <summary>True for text that would move a terminal's cursor, colour it or turn its direction round.</summary>
    private static bool HasControls(string text) => text.Any(character => !char.IsSurrogate(character) && ExportText.IsHidden(character));

    private static bool IsErrorValue(string text) => text is
        "#REF!" or "#N/A" or "#VALUE!" or "#DIV/0!" or "#NAME?" or "#NULL!" or "#NUM!" or "#SPILL!" or "#CALC!"
        || text.All(c => c == '#');

    private static bool IsFormula(string text) => text[0] switch
    {
        '=' => true,
        '+' or '-' or '@' => char.IsAsciiLetter(text[1]) && text.AsSpan().IndexOfAny('(', '|', '!') > 0,
        _ => false,
    };
}
