using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Humanitarian.Api.Exports;

/// <summary>How much of a table is asked for, and as what.</summary>
/// <param name="From">First moment, in Unix milliseconds.</param>
/// <param name="To">First moment after it, in Unix milliseconds.</param>
/// <param name="After">The number after which it goes on; null for its beginning.</param>
/// <param name="Rows">Most numbers of an answer.</param>
internal sealed record ExportRange(bool IsXlsx, long From, long To, long? After, int Rows)
{
    /// <summary>Most rows of a file; an XLSX sheet holds little more.</summary>
    public const int RowsMax = 1_000_000;

    /// <summary><c>format</c> csv or xlsx, <c>from</c> and <c>to</c> UTC days, both included, <c>after</c>, <c>rows</c>; null when one is wrong.</summary>
    public static ExportRange? Of(IQueryCollection query)
    {
        var format = query["format"].ToString();
        return format is "" or "csv" or "xlsx"
            && TryDay(query["from"].ToString(), DateOnly.MinValue, out var from) && TryDay(query["to"].ToString(), DateOnly.MaxValue.AddDays(-1), out var to)
            && TryNumber(query["after"].ToString(), null, long.MaxValue, out var after) && TryNumber(query["rows"].ToString(), RowsMax, RowsMax, out var rows)
                ? new ExportRange(format == "xlsx", Milliseconds(from), Milliseconds(to.AddDays(1)), after, (int)rows!)
                : null;
    }

    private static bool TryDay(string text, DateOnly absent, out DateOnly day)
    {
        day = absent;
        return text.Length == 0 || (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out day) && day < DateOnly.MaxValue);
    }

    private static bool TryNumber(string text, long? absent, long most, out long? number)
    {
        number = absent;
        if (text.Length == 0)
        {
            return true;
        }

        var known = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) && parsed >= 1 && parsed <= most;
        number = parsed;
        return known;
    }

    private static long Milliseconds(DateOnly day) => new DateTimeOffset(day, default, TimeSpan.Zero).ToUnixTimeMilliseconds();
}
