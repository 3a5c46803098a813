using System.Globalization;
using GraphQL;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>An imported list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Format">Its layout.</param>
/// <param name="Rows">Good rows, which are kept.</param>
/// <param name="Refused">Rows with errors.</param>
/// <param name="KnownRows">Good rows whose person an earlier list of yours had named.</param>
/// <param name="Total">What the good rows sum to.</param>
/// <param name="ErrorsTotal">How many errors its rows have.</param>
/// <param name="HashedColumns">Columns that became keyed hashes.</param>
/// <param name="DroppedColumns">Columns that were dropped.</param>
/// <param name="ContentSha256">SHA-256 of the file, in hexadecimal digits.</param>
/// <param name="CreatedBy">The member who imported it.</param>
/// <param name="CreatedAt">When it was imported.</param>
[Name("List")]
public sealed record ListView(
    Id Id, ListFormat Format, long Rows, long Refused, long KnownRows, Money Total, long ErrorsTotal, IReadOnlyList<string> HashedColumns,
    IReadOnlyList<string> DroppedColumns, string ContentSha256, Id CreatedBy, DateTimeOffset CreatedAt) : INode
{
    /// <summary>The first 10,000 errors in the order of the file; GET /lists/{id}/errors has them all.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the page before; from the beginning when absent.</param>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<Connection<ListError>> Errors([FromServices] ListDocuments documents, int first, string? after = null)
    {
        var from = Paging.NumberKey(after) + 1 ?? 0;
        var numbered = (await documents.ErrorsAsync(Id.ToString(), from, Paging.Check(first) + 1)).Select((error, index) => (Error: error, Number: from + index)).ToArray();
        return Paging.Cut(numbered, first, after, row => row.Number.ToString(CultureInfo.InvariantCulture), row => row.Error);
    }

    /// <summary>Of a list generated from the terms, the households that were left out, by their ids; empty for others.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the page before; from the beginning when absent.</param>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<Connection<LeftOutHousehold>> LeftOut(
        [FromServices] EntitlementLists entitlements, [FromServices] LedgerReader reader, [FromServices] Looks looks, int first, string? after = null,
        CancellationToken cancellationToken = default)
    {
        var from = Paging.NumberKey(after) + 1 ?? 0;
        var numbered = (await entitlements.LeftOutAsync(Id, from, Paging.Check(first) + 1)).Select((household, index) => (Household: household, Number: from + index)).ToArray();
        await looks.AtAsync(await AccountsAsync(reader, [.. numbered.Take(first).Select(row => row.Household.HouseholdId)], cancellationToken), "leftOut");
        return Paging.Cut(numbered, first, after, row => row.Number.ToString(CultureInfo.InvariantCulture), row => row.Household);
    }

    /// <summary>Accounts of households' members; those of a merged household belong to the one that it lives on as.</summary>
    private static async Task<List<Id>> AccountsAsync(LedgerReader reader, IReadOnlyList<Id> households, CancellationToken cancellationToken)
    {
        var accounts = new List<Id>();
        while (households.Count > 0)
        {
            var records = await reader.FindAllAsync<HouseholdRecord>(RecordKind.Household, households, cancellationToken);
            accounts.AddRange(records.SelectMany(record => record.Accounts));
            households = [.. records.Where(record => !record.MergedInto.IsNone).Select(record => record.MergedInto).Distinct()];
        }

        return accounts;
    }
}

/// <summary>A good row and the account it was given.</summary>
/// <param name="Row">Number among the good rows, from 0.</param>
/// <param name="FileLine">Line of the file; the header is on line 1.</param>
/// <param name="AccountId">The person's account.</param>
/// <param name="HouseholdId">The person's household.</param>
/// <param name="Amount">What the row is to receive.</param>
/// <param name="HouseholdSize">How many people the household has.</param>
/// <param name="Site">Where it is delivered; empty when the list does not say.</param>
/// <param name="IsNew">True when this list was the first to name the person.</param>
[Name("ListRow")]
public sealed record ListRowView(long Row, long FileLine, Id AccountId, Id HouseholdId, Money Amount, int HouseholdSize, string Site, bool IsNew);

/// <summary>Lists that your organisation imported.</summary>
public sealed class ListQueries(ListDocuments documents, ISideStore side, Access access, Looks looks) : IQueries
{
    /// <summary>An imported list; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<ListView?> List(Id id) =>
        await OwnAsync(id) is { } head
            ? new ListView(
                id, head.Format, head.Rows, head.Refused, head.KnownRows, new Money(head.TotalMinor, head.Unit), head.ErrorsTotal, head.HashedColumns,
                head.DroppedColumns, head.ContentSha256, Id.Parse(head.CreatedBy), DateTimeOffset.FromUnixTimeMilliseconds(head.CreatedAt))
            : null;

    /// <summary>A list's good rows with their accounts, in order.</summary>
    /// <param name="listId">The list.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the page before; from the beginning when absent.</param>
    [Allow(Access.Readers)]
    public async Task<Connection<ListRowView>?> ListRows(Id listId, int first, string? after = null)
    {
        var from = Paging.NumberKey(after) + 1 ?? 0;
        Paging.Check(first);
        if (await OwnAsync(listId) is not { } head)
        {
            return null;
        }

        var rows = await side.RowsAsync(listId, from, first + 1);
        await looks.AtAsync(rows.Take(first).Select(row => row.Account), "listRows");
        return Paging.Cut(
            rows, first, after, row => row.Line.ToString(CultureInfo.InvariantCulture),
            row => new ListRowView(row.Line, row.FileLine, row.Account, row.Household, new Money(row.AmountMinor, head.Unit), row.HouseholdSize, row.Site, row.IsNew));
    }

    private async Task<ListHead?> OwnAsync(Id id) =>
        access.Reads(access.Caller.Organisation) && await documents.FindAsync(id, access.Caller.Organisation) is { } head && head.IsFor(access.Caller) ? head : null;
}
