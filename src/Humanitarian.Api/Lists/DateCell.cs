using System.Globalization;
using System.Text.RegularExpressions;

namespace Humanitarian.Api.Lists;

/// <summary>
/// Dates are dropped, not kept, but a date turned round shows that the list went through a spreadsheet of another
/// country. Year first is always understood. Day or month first is settled by the first date of the column that can be
/// read in one way only; dates after it that can be read only in the other way are refused. Where the layout prescribes
/// year first, every other order is refused.
/// </summary>
internal sealed partial class DateCell(bool yearFirstOnly, DateOnly today)
{
    private const int YearMin = 1900;

    private static readonly CellFault Invalid = new(ListCodes.DateInvalid,
        "The date does not exist, lies in the future or before 1900, or is not a date: write it as 2001-12-31.");
    private static readonly CellFault Ambiguous = new(ListCodes.DateAmbiguous,
        "It cannot be known which part of the date is the day, the month or the century: write it as 2001-12-31.");
    private static readonly CellFault TurnedRound = new(ListCodes.DateTurnedRound,
        "Day and month, or day and year, are turned round: write the date as 2001-12-31.");

    private bool? _dayFirst;
    private long _decidedOnLine;

    [GeneratedRegex("^([0-9]{1,4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,4})([T ].*)?$")]
    private static partial Regex Parts { get; }

    /// <summary>Whether the text has the shape of a date; whether it is one is <see cref="Read"/>'s question.</summary>
    public static bool LooksLikeDate(string text) => Parts.IsMatch(text);

    public CellFault? Read(string text, long line)
    {
        if (text.Length == 0)
            return null;
        Match match = Parts.Match(text);
        if (!match.Success)
            return Invalid;
        string first = match.Groups[1].Value;
        string last = match.Groups[3].Value;
        int a = Number(first), b = Number(match.Groups[2].Value), c = Number(last);
        if (first.Length == 4)
            return last.Length > 2 ? Invalid : YearFirst(a, b, c);
        if (first.Length == 3 || last.Length is 1 or 3)
            return Invalid;
        return last.Length == 2 ? Ambiguous : YearLast(a, b, c, line);
    }

    private CellFault? YearFirst(int year, int month, int day) =>
        Exists(year, month, day) ? null
        : Exists(year, day, month) ? TurnedRound
        : Invalid;

    private CellFault? YearLast(int a, int b, int year, long line)
    {
        bool dayFirst = Exists(year, b, a);
        bool monthFirst = Exists(year, a, b);
        if (!dayFirst && !monthFirst)
            return Invalid;
        if (yearFirstOnly)
            return dayFirst && monthFirst && a != b ? Ambiguous : TurnedRound;
        if (dayFirst && monthFirst)
            return null;
        if (_dayFirst is null)
        {
            _dayFirst = dayFirst;
            _decidedOnLine = line;
        }

        return _dayFirst == dayFirst ? null : TurnedRound with
        {
            Reason = $"Day and month are in the other order than on line {_decidedOnLine}: write dates as 2001-12-31.",
        };
    }

    private bool Exists(int year, int month, int day) =>
        year >= YearMin && year <= today.Year && month is >= 1 and <= 12
        && day >= 1 && day <= DateTime.DaysInMonth(year, month)
        && new DateOnly(year, month, day) <= today;

    private static int Number(string digits) => int.Parse(digits, NumberStyles.None, CultureInfo.InvariantCulture);
}
