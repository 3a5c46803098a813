using System.Globalization;
using System.Runtime.CompilerServices;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Api.Accounts;

/// <summary>Which part of a statement is asked for.</summary>
/// <param name="From">Unix milliseconds of the first moment.</param>
/// <param name="Until">Unix milliseconds of the first moment that is too late; null for none.</param>
internal sealed record StatementPart(int First, string? After, long From, long? Until, IReadOnlyList<TransactionKind>? Kinds);

/// <summary>Entries of an account, newest first.</summary>
public sealed class StatementReads(LedgerReader reader)
{
    // More than one transaction touches units of an account.
    private const int PageLeast = 20;

    internal async Task<Connection<Entry>> ReadAsync(Id account, StatementPart part, CancellationToken cancellationToken)
    {
        var last = Key(part.After);
        var newest = Math.Min((await reader.BookAsync(account, cancellationToken)).Entries, last?.Number ?? ulong.MaxValue);
        if (part.Until is { } until)
        {
            newest = await NewestBeforeAsync(account, newest, until, cancellationToken);
        }

        var edges = new List<Edge<Entry>>();
        var looked = 0;
        await foreach (var row in FallingAsync(account, newest, Math.Max(part.First + 2, PageLeast), cancellationToken))
        {
            if (row.Time < part.From)
            {
                break;
            }

            if (UnitRecord.IsShadow(row.Unit) || (row.Number == last?.Number && string.CompareOrdinal(row.Unit, last?.Unit) <= 0))
            {
                continue;
            }

            var cursor = Paging.Cursor(string.Create(CultureInfo.InvariantCulture, $"{row.Number} {row.Unit}"));
            if (part.Kinds?.Contains((TransactionKind)row.Kind) != false)
            {
                if (edges.Count == part.First)
                {
                    return Paging.Of(edges, part.After, edges[^1].Cursor);
                }

                edges.Add(new Edge<Entry>(cursor, AccountQueries.Of(row)));
            }

            if (++looked == RecordLists.LookedAtMost)
            {
                return Paging.Of(edges, part.After, cursor);
            }
        }

        return Paging.Of(edges, part.After, null);
    }

    /// <summary>Entries by falling number from one on, the units of a number in their order.</summary>
    /// <param name="page">How many are read at once, more than one number has units.</param>
    internal async IAsyncEnumerable<EntryRow> FallingAsync(Id account, ulong newest, int page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // A page may end between two units of one number, so the next begins with that number again.
        var before = newest + 1;
        while (await reader.StatementAsync(account, before, page, cancellationToken) is { Count: > 0 } rows)
        {
            var isLast = rows.Count < page;
            var whole = isLast || rows[0].Number == rows[^1].Number ? rows : [.. rows.TakeWhile(row => row.Number > rows[^1].Number)];
            foreach (var row in whole.OrderByDescending(row => row.Number).ThenBy(row => row.Unit, StringComparer.Ordinal))
            {
                yield return row;
            }

            if (isLast)
            {
                yield break;
            }

            before = whole[^1].Number;
        }
    }

    /// <summary>The number of the newest entry before a time, at most a given one; times never fall, so a few reads find it.</summary>
    private async Task<ulong> NewestBeforeAsync(Id account, ulong newest, long until, CancellationToken cancellationToken)
    {
        var (low, high) = (0UL, newest);
        while (low < high)
        {
            var middle = high - ((high - low) / 2);
            var isBefore = await reader.StatementAsync(account, middle + 1, 1, cancellationToken) is [var row] && row.Time < until;
            (low, high) = isBefore ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    private static (ulong Number, string Unit)? Key(string? cursor) => Paging.Key(cursor)?.Split(' ') switch
    {
        null => null,
        [var number, var unit] when ulong.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var known) && known < long.MaxValue => (known, unit),
        _ => throw Paging.BadCursor(),
    };
}
