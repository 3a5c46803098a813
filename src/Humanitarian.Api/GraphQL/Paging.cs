using System.Buffers.Text;
using System.Globalization;
using System.Text;
using GraphQL;

namespace Humanitarian.Api.GraphQL;

/// <summary>Bounds and opaque keyset cursors of every list.</summary>
internal static class Paging
{
    public const int Most = 100;
    private const int WordBytesMax = 96;

    /// <exception cref="ExecutionError">INVALID_INPUT outside 1 to 100.</exception>
    public static int Check(int first) => first is >= 1 and <= Most ? first : throw Invalid("first must be 1 to 100.");

    /// <summary>A part of a list, from one row more than was asked for.</summary>
    public static Connection<TView> Cut<TRow, TView>(IReadOnlyList<TRow> rows, int first, string? after, Func<TRow, string> key, Func<TRow, TView> view)
        where TView : class
    {
        List<Edge<TView>> edges = [.. rows.Take(first).Select(row => new Edge<TView>(Cursor(key(row)), view(row)))];
        return Of(edges, after, rows.Count > first ? edges[^1].Cursor : null);
    }

    /// <param name="next">Where the next part begins; null when there is none.</param>
    public static Connection<T> Of<T>(IReadOnlyList<Edge<T>> edges, string? after, string? next)
        where T : class => new(
        edges,
        new PageInfo(next is not null, after is not null, edges.Count == 0 ? null : edges[0].Cursor, next ?? (edges.Count == 0 ? null : edges[^1].Cursor)));

    /// <summary>The key inside a cursor; null for none.</summary>
    public static string? Key(string? cursor)
    {
        if (cursor is null)
        {
            return null;
        }

        return Read(cursor) ?? throw BadCursor();
    }

    /// <summary>The text inside an opaque word; null for what is none.</summary>
    public static string? Read(string word) =>
        Base64Url.IsValid(word, out var length) && length is > 0 and <= WordBytesMax ? Encoding.ASCII.GetString(Base64Url.DecodeFromChars(word)) : null;

    public static Domain.Id? IdKey(string? cursor) =>
        Key(cursor) is not { } key ? null : Domain.Id.TryParse(key, out var id) ? id : throw BadCursor();

    public static long? NumberKey(string? cursor) =>
        Key(cursor) is not { } key ? null
        : long.TryParse(key, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw BadCursor();

    /// <summary>An opaque word with a text inside.</summary>
    public static string Cursor(string key) => Base64Url.EncodeToString(Encoding.ASCII.GetBytes(key));

    public static ExecutionError BadCursor() => Invalid("after is no cursor of this list.");

    public static ExecutionError Invalid(string message) => new(message) { Code = Domain.RefusalCode.InvalidInput };
}
