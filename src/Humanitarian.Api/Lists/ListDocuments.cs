using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>An imported list as its organisation knows it.</summary>
/// <param name="Rows">Good rows, which are kept.</param>
/// <param name="KnownRows">Good rows whose person an earlier list had named.</param>
/// <param name="ContentSha256">Of the file's bytes.</param>
/// <param name="Parameters">How it was read; the same file read in the same way is the same list.</param>
/// <param name="CreatedAt">Unix milliseconds.</param>
public sealed record ListHead(
    string Id, string Organisation, string Unit, int Exponent, ListFormat Format, long Rows, long Refused, long KnownRows, long TotalMinor, long ErrorsTotal,
    IReadOnlyList<string> HashedColumns, IReadOnlyList<string> DroppedColumns, string ContentSha256, string Parameters, string CreatedBy, long CreatedAt)
{
    /// <summary>Whose roles are limited reads the lists they imported themselves: others name people of anywhere.</summary>
    public bool IsFor(Caller caller) => caller.Member.Scope is null || CreatedBy == caller.Principal.ToString();
}

/// <summary>Lists' heads and errors in the side store, each its organisation's alone.</summary>
public sealed class ListDocuments(ISideStore store)
{
    /// <summary>Errors of one document.</summary>
    public const int ErrorsPerDocument = 1_000;

    private const string HeadKind = "list";
    private const string ErrorsKind = "list-errors";
    private const string ContentKind = "list-content";

    internal static Refusal Unknown { get; } = new(RefusalCode.ListUnknown, "There is no such list of your organisation; import it with POST /lists.", "listId");

    /// <summary>A list of the organisation, or null.</summary>
    public async Task<ListHead?> FindAsync(Id list, Id organisation, CancellationToken cancellationToken = default) =>
        await store.FindAsync(HeadKind, list.ToString(), cancellationToken) is { } document && document.Owner == organisation.ToString()
            ? JsonSerializer.Deserialize<ListHead>(document.Json)
            : null;

    /// <summary>Errors from a number on (from 0), of the first 10,000.</summary>
    public async Task<IReadOnlyList<ListError>> ErrorsAsync(string list, long from, int limit, CancellationToken cancellationToken = default)
    {
        var errors = new List<ListError>();
        for (var chunk = from / ErrorsPerDocument; errors.Count < limit; chunk++)
        {
            if (await store.FindAsync(ErrorsKind, ErrorsKey(list, chunk), cancellationToken) is not { } document)
            {
                break;
            }

            var skip = (int)Math.Max(0, from - (chunk * ErrorsPerDocument));
            errors.AddRange(JsonSerializer.Deserialize<ListError[]>(document.Json)!.Skip(skip).Take(limit - errors.Count));
        }

        return errors;
    }

    /// <summary>Earlier lists of the organisation with the same bytes.</summary>
    internal async Task<IReadOnlyList<ListHead>> SameContentAsync(Id organisation, string sha256, CancellationToken cancellationToken)
    {
        var heads = new List<ListHead>();
        foreach (var id in Ids(await store.FindAsync(ContentKind, ContentKey(organisation, sha256), cancellationToken)))
        {
            if (await FindAsync(Domain.Id.Parse(id), organisation, cancellationToken) is { } head)
            {
                heads.Add(head);
            }
        }

        return heads;
    }

    /// <summary>Keeps a list: errors first, its head last, so that a list that is found is whole.</summary>
    internal async Task AddAsync(ListHead head, IReadOnlyList<ListError> errors, CancellationToken cancellationToken)
    {
        foreach (var (chunk, index) in errors.Chunk(ErrorsPerDocument).Select((chunk, index) => (chunk, index)))
        {
            await store.PutAsync(
                new SideDocument(ErrorsKind, ErrorsKey(head.Id, index), head.Organisation, 0, JsonSerializer.Serialize(chunk)), cancellationToken);
        }

        await store.PutAsync(new SideDocument(HeadKind, head.Id, head.Organisation, 0, JsonSerializer.Serialize(head)), cancellationToken);
        var key = ContentKey(Domain.Id.Parse(head.Organisation), head.ContentSha256);
        SideDocument? known;
        do
        {
            known = await store.FindAsync(ContentKind, key, cancellationToken);
        }
        while (!await store.PutAsync(
            new SideDocument(ContentKind, key, head.Organisation, known?.Version ?? 0, JsonSerializer.Serialize<string[]>([.. Ids(known), head.Id])), cancellationToken));
    }

    private static string[] Ids(SideDocument? document) => document is null ? [] : JsonSerializer.Deserialize<string[]>(document.Json)!;

    private static string ErrorsKey(string list, long chunk) => string.Create(CultureInfo.InvariantCulture, $"{list}:{chunk:D4}");

    private static string ContentKey(Id organisation, string sha256) => $"{organisation}:{sha256}";
}
