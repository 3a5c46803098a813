using GraphQL;
using GraphQL.DataLoader;
using Humanitarian.Api.Accounts;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Settlements;
using Humanitarian.Domain;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Api.Programs;

/// <summary>A vendor's right to be paid in a program.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="AccountId">The vendor's account.</param>
/// <param name="Categories">Goods it may sell; all when empty.</param>
/// <param name="Active">False once it is withdrawn.</param>
[Name("Vendor")]
public sealed record VendorView(Id Id, Id ProgramId, Id AccountId, IReadOnlyList<string> Categories, bool Active) : INode
{
    /// <summary>The account; null when it is another organisation's.</summary>
    [AsParent]
    public IDataLoaderResult<AccountView?> Account([FromServices] Loads loads, [FromServices] Access access) => AccountView.Ask(AccountId, loads, access);

    /// <summary>The vendor's settlement requests in the program.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="state">Only those in a state.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [AsParent]
    [Cost(OperationCost.Many)]
    public Task<Connection<SettlementView>> Settlements(
        [FromServices] RecordLists lists, int first, string? after = null, HoldState? state = null, ListOrder? order = null, CancellationToken cancellationToken = default) =>
        SettlementView.ListAsync(lists, AccountId, new Part(first, after, order), hold => hold.Program == ProgramId && (state is null || hold.State == state), cancellationToken);

    internal static VendorView Of(AccreditationRecord record) => new(record.Id, record.Program, record.VendorAccount, record.Categories, record.Active);
}

/// <summary>Vendors of programs that your organisation runs.</summary>
public sealed class VendorQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>A vendor of a program; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<VendorView?> Vendor(Id id) =>
        await access.FindAsync<AccreditationRecord>(RecordKind.Accreditation, id) is { } record && await access.CoveredProgramAsync(record.Program) is not null
            ? VendorView.Of(record) : null;

    /// <summary>The vendors that are, or were, accredited in a program.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="category">Only those that may sell goods of this category.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    public async Task<Connection<VendorView>?> Vendors(
        Id programId, int first, string? after = null, string? category = null, bool? active = null, CancellationToken cancellationToken = default) =>
        await access.CoveredProgramAsync(programId) is null
            ? null
            : await lists.ReadAsync<AccreditationRecord, VendorView>(
                RecordKind.Accreditation, programId, new Part(first, after),
                record => new(
                    (category is null || record.Categories.Count == 0 || record.Categories.Contains(category)) && (active is null || record.Active == active)
                        ? VendorView.Of(record) : null),
                cancellationToken);
}
