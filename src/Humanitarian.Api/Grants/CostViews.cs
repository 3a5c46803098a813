using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Grants;

namespace Humanitarian.Api.Grants;

/// <summary>A cost that was charged to a grant.</summary>
/// <param name="Id">Its id.</param>
/// <param name="GrantId">The grant that bears it, or bore it until it was recharged.</param>
/// <param name="BudgetLine">Code of the budget line.</param>
/// <param name="Direct">The cost itself.</param>
/// <param name="Indirect">Indirect costs charged with it.</param>
/// <param name="At">When it was booked first.</param>
/// <param name="RechargedFromId">The cost of another grant that it stands for; null for one that was booked here first.</param>
/// <param name="RechargedToId">The cost that stands for it since it was recharged; null while it counts.</param>
[Name("Cost")]
public sealed record CostView(Id Id, Id GrantId, string BudgetLine, Money Direct, Money Indirect, DateTimeOffset At, Id? RechargedFromId, Id? RechargedToId) : INode
{
    internal static CostView Of(CostRecord record) => new(
        record.Id, record.Grant, record.BudgetLine, new Money(record.DirectMinor, record.Unit), new Money(record.IndirectMinor, record.Unit),
        DateTimeOffset.FromUnixTimeMilliseconds(record.At), record.RechargedFrom.IsNone ? null : record.RechargedFrom, record.RechargedTo.IsNone ? null : record.RechargedTo);
}

/// <summary>Costs of grants that your organisation gave, or that were given to its programs.</summary>
public sealed class CostQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>A cost; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<CostView?> Cost(Id id) =>
        await access.CostAsync(id) is { } record ? CostView.Of(record) : null;

    /// <summary>The costs of a grant, those that were recharged to another too.</summary>
    /// <param name="grantId">The grant.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="budgetLine">Only those of a budget line.</param>
    /// <param name="counting">Only those that count, or only those that were recharged.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<CostView>?> Costs(
        Id grantId, int first, string? after = null, string? budgetLine = null, bool? counting = null, ListOrder? order = null,
        CancellationToken cancellationToken = default) => await access.GrantAsync(grantId) is null
            ? null
            : await lists.ReadAsync<CostRecord, CostView>(
                RecordKind.Cost, grantId, new Part(first, after, order),
                record => new((budgetLine is null || record.BudgetLine == budgetLine) && (counting is null || record.Counts == counting) ? CostView.Of(record) : null),
                cancellationToken);
}
