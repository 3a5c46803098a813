using GraphQL;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;

namespace Humanitarian.Api.Households;

/// <summary>A pseudonymous household.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Size">How many people it has.</param>
/// <param name="AccountIds">Accounts of its members; none once it is merged into another.</param>
/// <param name="CollectorId">Who collects.</param>
/// <param name="AlternateIds">Who may collect instead.</param>
/// <param name="CameFrom">Households whose assistance until they parted or became one counts as its own.</param>
/// <param name="MergedInto">The household it lives on as.</param>
[Name("Household")]
public sealed record HouseholdView(
    Id Id, int Size, IReadOnlyList<Id> AccountIds, Id? CollectorId, IReadOnlyList<Id> AlternateIds, IReadOnlyList<Id> CameFrom, Id? MergedInto) : INode
{
    internal static HouseholdView Of(HouseholdRecord record) => new(
        record.Id, record.Size, record.Accounts, record.Collector.IsNone ? null : record.Collector, record.Alternates,
        [.. record.Inherits.Select(inheritance => inheritance.Household).Distinct()], record.MergedInto.IsNone ? null : record.MergedInto);
}

/// <summary>Who succeeds to a deceased member's account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="HouseholdId">The household.</param>
/// <param name="FromAccountId">The deceased member's account.</param>
/// <param name="ToAccountId">The successor's account.</param>
/// <param name="OpenedBy">The member who recorded it.</param>
/// <param name="ApprovedBy">The member who approved it; null before.</param>
[Name("Succession")]
public sealed record SuccessionView(Id Id, Id HouseholdId, Id FromAccountId, Id ToAccountId, Id OpenedBy, Id? ApprovedBy) : INode
{
    internal static SuccessionView Of(SuccessionRecord record) => new(
        record.Id, record.Household, record.From, record.To, record.OpenedBy, record.ApprovedBy.IsNone ? null : record.ApprovedBy);
}

/// <summary>Households that your organisation registered.</summary>
public sealed class HouseholdQueries(HouseholdReads households, RecordLists lists, Access access, Looks looks) : IQueries
{
    /// <summary>A household; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<HouseholdView?> Household(Id id)
    {
        if (await households.FindAsync(id) is not { } record)
        {
            return null;
        }

        await looks.AtAsync(record.Accounts, "household");
        return HouseholdView.Of(record);
    }

    /// <summary>Households that your organisation registered.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="merged">Only those that live on as another, or only those that do not.</param>
    /// <param name="sizeFrom">Only those of so many people or more.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<HouseholdView>?> Households(
        int first, string? after = null, bool? merged = null, int? sizeFrom = null, CancellationToken cancellationToken = default)
    {
        var part = await lists.ReadAsync<HouseholdRecord, HouseholdView>(
            RecordKind.Household, access.Caller.Organisation, new Part(first, after),
            async record => (merged is null || merged != record.MergedInto.IsNone) && !(record.Size < sizeFrom) && await access.CoversPersonsAsync(record.Accounts)
                ? HouseholdView.Of(record) : null,
            cancellationToken);
        await looks.AtAsync(part.Edges.SelectMany(edge => edge.Node.AccountIds), "households");
        return part;
    }

    /// <summary>A succession; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<SuccessionView?> Succession(Id id)
    {
        if (await households.SuccessionAsync(id) is not { } record)
        {
            return null;
        }

        await looks.AtAsync([record.From, record.To], "succession");
        return SuccessionView.Of(record);
    }
}

/// <summary>Households and successions that the caller may see.</summary>
public sealed class HouseholdReads(Access access)
{
    public async Task<HouseholdRecord?> FindAsync(Id id) =>
        await access.FindAsync<HouseholdRecord>(RecordKind.Household, id) is { } household && await SeesAsync(household) ? household : null;

    /// <summary>True for one of the caller's organisation with somebody within the caller's scope.</summary>
    internal async Task<bool> SeesAsync(HouseholdRecord household) => access.Reads(household.Organisation) && await access.CoversPersonsAsync(household.Accounts);

    public async Task<SuccessionRecord?> SuccessionAsync(Id id) =>
        await access.FindAsync<SuccessionRecord>(RecordKind.Succession, id) is { } succession && await FindAsync(succession.Household) is not null ? succession : null;
}
