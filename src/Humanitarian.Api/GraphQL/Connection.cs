using GraphQL;
using GraphQL.Types;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.GraphQL;

/// <summary>A part of a list, in the shape of Relay's connections.</summary>
/// <param name="Edges">Its entries, each with its cursor.</param>
/// <param name="PageInfo">Where this part begins and ends.</param>
[NamedAfterEntry("Connection")]
public sealed record Connection<T>(IReadOnlyList<Edge<T>> Edges, PageInfo PageInfo)
    where T : class
{
    /// <summary>Its entries without their cursors.</summary>
    public IReadOnlyList<T> Nodes => [.. Edges.Select(edge => edge.Node)];
}

/// <summary>An entry of a list.</summary>
/// <param name="Cursor">Give it as <c>after</c> to go on behind this entry.</param>
/// <param name="Node">The entry.</param>
[NamedAfterEntry("Edge")]
public sealed record Edge<T>(string Cursor, T Node)
    where T : class;

/// <summary>Where a part of a list begins and ends.</summary>
/// <param name="HasNextPage">True when there are more behind it, or may be: a filtered list may end a part early.</param>
/// <param name="HasPreviousPage">True when there are entries before it.</param>
/// <param name="StartCursor">Cursor of its first entry; null when it has none.</param>
/// <param name="EndCursor">Give it as <c>after</c> to go on; null when it has no entries and nothing follows.</param>
public sealed record PageInfo(bool HasNextPage, bool HasPreviousPage, string? StartCursor, string? EndCursor);

/// <summary>Names a generic type of the schema after what it holds.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class NamedAfterEntryAttribute(string suffix) : GraphQLAttribute
{
    public override void Modify(IGraphType graphType, Type sourceType)
    {
        var name = sourceType.GetGenericArguments()[0].Name;
        var own = ((string[])["View", "Payload"]).FirstOrDefault(ending => name.EndsWith(ending, StringComparison.Ordinal)) ?? "";
        graphType.Name = name[..^own.Length] + suffix;
    }
}

/// <summary>In which order a list is read.</summary>
public enum ListOrder
{
    /// <summary>What was made first comes first. Households and persons' accounts have random ids, so theirs says nothing.</summary>
    OldestFirst = 1,

    /// <summary>What was made last comes first.</summary>
    NewestFirst = 2,
}

/// <summary>Which part of a list is asked for.</summary>
/// <param name="First">How many entries at most.</param>
/// <param name="After">Cursor that it comes behind; from the beginning when null.</param>
internal sealed record Part(int First, string? After, ListOrder? Order = null);

/// <summary>Lists of records, read by id from where the last part ended.</summary>
public sealed class RecordLists(LedgerReader reader)
{
    private const int Batch = 200;

    /// <summary>Most records that one request looks at; a filter that lets few through ends a part there.</summary>
    public const int LookedAtMost = 2_000;

    /// <param name="parent">What the records are under; null for all of their kind.</param>
    /// <param name="view">How the caller sees a record; null leaves it out.</param>
    internal async Task<Connection<TView>> ReadAsync<TRecord, TView>(
        RecordKind kind, Id? parent, Part part, Func<TRecord, ValueTask<TView?>> view, CancellationToken cancellationToken = default)
        where TRecord : Record
        where TView : class
    {
        Paging.Check(part.First);
        var from = Paging.IdKey(part.After);
        var edges = new List<Edge<TView>>();
        for (var looked = 0; looked < LookedAtMost;)
        {
            var size = looked == 0 ? part.First + 1 : Batch;
            var records = await reader.ListAsync<TRecord>(kind, parent, from, size, part.Order == ListOrder.NewestFirst, cancellationToken);
            foreach (var record in records)
            {
                if (await view(record) is { } shown)
                {
                    if (edges.Count == part.First)
                    {
                        return Paging.Of(edges, part.After, edges[^1].Cursor);
                    }

                    edges.Add(new Edge<TView>(Paging.Cursor(record.Id.ToString()), shown));
                }

                from = record.Id;
                looked++;
            }

            if (records.Count < size)
            {
                return Paging.Of(edges, part.After, null);
            }
        }

        return Paging.Of(edges, part.After, Paging.Cursor(from.ToString()!));
    }
}
