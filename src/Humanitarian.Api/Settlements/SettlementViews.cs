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
public sealed record SettlementView(Id Id, Id VendorAccountId, Id ProgramId, Money Remaining, DateTimeOffset Until, HoldState State, Id RequestedBy)
{
    /// <summary>Where the vendor is paid: the details that count. Null for a vendor without any.</summary>
    [Cost(OperationCost.Root)]
    public async Task<PayoutDetailsView?> Details([FromServices] Access access) =>
        access.Caller.Has(Roles.Finance | Roles.Vendor | Roles.Administrator)
        && await access.FindAsync<PayoutDetailsRecord>(RecordKind.PayoutDetails, VendorAccountId) is { } record ? PayoutDetailsView.Of(record) : null;

    /// <summary>What has been paid of it; the first hundred.</summary>
    [Cost(OperationCost.Root)]
    public async Task<IReadOnlyList<PayoutView>> Payouts([FromServices] LedgerReader reader) =>
        [.. (await reader.ListAsync<PayoutRecord>(RecordKind.Payout, Id, null, Paging.Most)).Select(PayoutView.Of)];

    internal static SettlementView Of(HoldRecord hold) => new(
        hold.Id, hold.Account, hold.Program, new Money(hold.RemainingMinor, hold.Unit), DateTimeOffset.FromUnixTimeMilliseconds(hold.Until), hold.State,
        hold.OpenedBy);
}

/// <summary>Settlement requests of your vendors' accounts or in your programs.</summary>
public sealed class SettlementQueries(Access access) : IQueries
{
    /// <summary>A settlement request; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<SettlementView?> Settlement(Id id) => await access.SettlementAsync(id) is { } hold ? SettlementView.Of(hold) : null;
}
