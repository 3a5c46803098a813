using System.Buffers.Text;
using System.Globalization;
using System.Text;
using GraphQL;

namespace Humanitarian.Api.GraphQL;

/// <summary>Where a page ends.</summary>
/// <param name="EndCursor">Give it as <c>after</c> to go on; null on an empty page.</param>
/// <param name="HasNextPage">True when there are more.</param>
public sealed record PageInfo(string? EndCursor, bool HasNextPage);

/// <summary>Bounds and opaque keyset cursors of every list.</summary>
internal static class Paging
{
    public const int Most = 100;

    /// <exception cref="ExecutionError">INVALID_INPUT outside 1 to 100.</exception>
    public static int Check(int first) => first is >= 1 and <= Most ? first : throw Invalid("first must be 1 to 100.");

    /// <summary>Cuts a page out of one row more than was asked for.</summary>
    public static (IReadOnlyList<T> Rows, PageInfo Info) Cut<T>(IReadOnlyList<T> rows, int first, Func<T, string> key)
    {
        IReadOnlyList<T> page = rows.Count > first ? [.. rows.Take(first)] : rows;
        return (page, new PageInfo(page.Count == 0 ? null : Cursor(key(page[^1])), rows.Count > first));
    }

    /// <summary>The key inside a cursor; null for none.</summary>
    public static string? Key(string? cursor)
    {
        if (cursor is null)
        {
            return null;
        }

        Span<byte> bytes = stackalloc byte[64];
        return cursor.Length <= 80 && Base64Url.TryDecodeFromChars(cursor, bytes, out var written) && written > 0
            ? Encoding.ASCII.GetString(bytes[..written])
            : throw BadCursor();
    }

    public static Domain.Id? IdKey(string? cursor) =>
        Key(cursor) is not { } key ? null : Domain.Id.TryParse(key, out var id) ? id : throw BadCursor();

    public static long? NumberKey(string? cursor) =>
        Key(cursor) is not { } key ? null
        : long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw BadCursor();

    private static string Cursor(string key) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(key));

    private static ExecutionError BadCursor() => Invalid("after is no cursor of this list.");

    private static ExecutionError Invalid(string message) => new(message) { Code = Domain.RefusalCode.InvalidInput };
}
