using System.Globalization;
using System.Text.Json;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Audit;

/// <summary>A request that a member made. Neither its arguments nor its answer are kept.</summary>
/// <param name="At">When it was answered.</param>
/// <param name="OrganisationId">The member's organisation.</param>
/// <param name="PrincipalId">The member.</param>
/// <param name="Operation">Kind and, where the client gave one, name of a GraphQL operation; method and route of any other request.</param>
/// <param name="Fields">Its root fields and what came of each.</param>
[Name("AuditedRequest")]
public sealed record AuditedRequest(DateTimeOffset At, Id OrganisationId, Id PrincipalId, string Operation, IReadOnlyList<AuditedField> Fields);

/// <summary>Who asked what.</summary>
internal sealed class AuditQueries(ISideStore store, Caller caller) : IQueries
{
    private const int CursorMost = 160;

    /// <summary>
    /// What the members of your organisation asked for and what came of it, oldest first; for an operator, everybody's. A request is here
    /// about a second after its answer.
    /// </summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="from">Leaves out what was written before; of no account with <paramref name="after"/>.</param>
    [Allow(Roles.Administrator | Roles.Operator)]
    public async Task<Connection<AuditedRequest>?> AuditTrail(int first, string? after = null, DateTimeOffset? from = null)
    {
        Paging.Check(first);
        var owner = caller.Has(Roles.Operator) ? null : caller.Organisation.ToString();
        var (key, seen) = after is null ? (from is { } time ? KeyFrom(time) : null, 0) : Read(after);
        var rows = new List<(string Cursor, AuditedRequest Row)>();

        // The page that the cursor stands in is read once more.
        var reading = seen > 0 && await store.FindAsync(AuditBatch.PageKind, key!) is { } begun && (owner is null || begun.Owner == owner) ? Rows(begun).Skip(seen) : [];
        rows.AddRange(reading);
        while (rows.Count <= first && await store.ListAsync(AuditBatch.PageKind, owner, key, 10) is { Count: > 0 } pages)
        {
            rows.AddRange(pages.SelectMany(Rows));
            key = pages[^1].Key;
        }

        return Paging.Of(
            [.. rows.Take(first).Select(row => new Edge<AuditedRequest>(row.Cursor, row.Row))], after, rows.Count > first ? rows[first - 1].Cursor : null);
    }

    private static IEnumerable<(string Cursor, AuditedRequest Row)> Rows(SideDocument page) =>
        JsonSerializer.Deserialize<AuditEntry[]>(page.Json)!.Select((entry, index) => (
            string.Create(CultureInfo.InvariantCulture, $"{page.Key}:{index + 1}"),
            new AuditedRequest(DateTimeOffset.FromUnixTimeMilliseconds(entry.At), Id.Parse(page.Owner), Id.Parse(entry.Principal), entry.Operation, entry.Fields)));

    private static string KeyFrom(DateTimeOffset time) =>
        string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, time.ToUnixTimeMilliseconds()):D14}");

    private static (string Key, int Seen) Read(string cursor) =>
        cursor.Length <= CursorMost && cursor.Split(':') is [var key, var seen] && int.TryParse(seen, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0
            ? (key, count)
            : throw new ExecutionError("after is no cursor of this list.") { Code = RefusalCode.InvalidInput };
}
