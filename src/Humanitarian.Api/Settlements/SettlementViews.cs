using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Settlements;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Settlements;

/// <summary>A vendor's request to be paid outside: a hold on its account until it is approved, in full or in part, released or expired.</summary>
/// <param name="Id">Its id.</param>
/// <param name="VendorAccountId">The vendor's account.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="Remaining">What is still set aside.</param>
/// <param name="Until">When it expires unless it is approved.</param>
/// <param name="State">Whether it is open, or how it ended.</param>
/// <param name="RequestedBy">The member who asked.</param>
[Name("Settlement")]
public sealed record SettlementView(Id Id, Id VendorAccountId, Id ProgramId, Money Remaining, DateTimeOffset Until, HoldState State, Id RequestedBy) : INode
{
    /// <summary>Where the vendor is paid, for the vendor and the program's finance. Null for a vendor without any details.</summary>
    [Allow(Roles.Finance | Roles.Vendor | Roles.Administrator)]
    [Cost(OperationCost.Root)]
    public async Task<PayoutDetailsView?> Details([FromServices] Access access) =>
        (access.Caller.Has(Roles.Finance) || await access.AccountAsync(VendorAccountId) is not null)
        && await access.FindAsync<PayoutDetailsRecord>(RecordKind.PayoutDetails, VendorAccountId) is { } record ? PayoutDetailsView.Of(record) : null;

    /// <summary>What has been paid of it; the first hundred.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<PayoutView>> Payouts([FromServices] LedgerReader reader) =>
        [.. (await reader.ListAsync<PayoutRecord>(RecordKind.Payout, Id, null, Paging.Most)).Select(PayoutView.Of)];

    internal static SettlementView Of(HoldRecord hold) => new(
        hold.Id, hold.Account, hold.Program, new Money(hold.RemainingMinor, hold.Unit), DateTimeOffset.FromUnixTimeMilliseconds(hold.Until), hold.State,
        hold.OpenedBy);

    internal static Task<Connection<SettlementView>> ListAsync(
        RecordLists lists, Id vendorAccount, Part part, Func<HoldRecord, bool> filter, CancellationToken cancellationToken) =>
        lists.ReadAsync<HoldRecord, SettlementView>(
            RecordKind.Hold, vendorAccount, part, hold => new(hold.Purpose == HoldPurpose.Settlement && filter(hold) ? Of(hold) : null), cancellationToken);
}

/// <summary>Settlement requests of your vendors' accounts or in your programs.</summary>
public sealed class SettlementQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>A settlement request; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<SettlementView?> Settlement(Id id) => await access.SettlementAsync(id) is { } hold ? SettlementView.Of(hold) : null;

    /// <summary>
    /// Settlement requests: those of an account of your organisation, or without one all that you may see, which are those of your vendors' accounts and
    /// those in your programs. Those of one of a program's vendors are found with its vendors too.
    /// </summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="vendorAccountId">Only those of an account.</param>
    /// <param name="programId">Only those in a program.</param>
    /// <param name="state">Only those in a state.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<SettlementView>?> Settlements(
        int first, string? after = null, Id? vendorAccountId = null, Id? programId = null, HoldState? state = null, ListOrder? order = null,
        CancellationToken cancellationToken = default)
    {
        var part = new Part(first, after, order);
        bool IsAskedFor(HoldRecord hold) => (programId is null || hold.Program == programId) && (state is null || hold.State == state);
        if (vendorAccountId is { } account)
        {
            return await access.AccountAsync(account) is null ? null : await SettlementView.ListAsync(lists, account, part, IsAskedFor, cancellationToken);
        }

        return await lists.ReadAsync<HoldRecord, SettlementView>(
            RecordKind.Hold, null, part,
            async hold => hold.Purpose == HoldPurpose.Settlement && IsAskedFor(hold) && await access.SeesAsync(hold) ? SettlementView.Of(hold) : null, cancellationToken);
    }
}
