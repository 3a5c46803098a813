using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Settlements;

namespace Humanitarian.Api.Settlements;

/// <summary>Details by which a vendor is paid: hashes are the ledger's, the details themselves are kept apart.</summary>
/// <param name="VendorAccountId">The vendor's account.</param>
/// <param name="Number">Counts confirmed details; 0 before any.</param>
/// <param name="Hash">Salted hash of those that count; null before any.</param>
/// <param name="ConfirmedBy">Who confirmed them.</param>
/// <param name="WaitingHash">Salted hash of those that wait; null for none.</param>
/// <param name="ProposedBy">Who proposed them.</param>
/// <param name="ConfirmableAt">When they can be confirmed.</param>
[Name("PayoutDetails")]
public sealed record PayoutDetailsView(
    Id VendorAccountId, int Number, Hash32? Hash, Id? ConfirmedBy, Hash32? WaitingHash, Id? ProposedBy, DateTimeOffset? ConfirmableAt)
{
    /// <summary>Those that count; null before any, and once they are forgotten.</summary>
    [AsParent]
    [Cost(OperationCost.Root)]
    public async Task<PayoutPlace?> Place([FromServices] PayoutVault vault) => PayoutPlace.Of(await vault.FindAsync(VendorAccountId, Hash ?? default));

    /// <summary>Those that wait, for the vendor to compare before they are confirmed.</summary>
    [Allow(Roles.Administrator | Roles.Finance | Roles.Vendor)]
    [Cost(OperationCost.Root)]
    public async Task<PayoutPlace?> WaitingPlace([FromServices] PayoutVault vault, [FromServices] Access access) =>
        await access.AccountAsync(VendorAccountId) is null ? null : PayoutPlace.Of(await vault.FindAsync(VendorAccountId, WaitingHash ?? default));

    internal static PayoutDetailsView Of(PayoutDetailsRecord record) => new(
        record.Id, (int)record.Number, record.Confirmed.IsZero ? null : record.Confirmed, record.ConfirmedBy.IsNone ? null : record.ConfirmedBy,
        record.Proposed.IsZero ? null : record.Proposed, record.ProposedBy.IsNone ? null : record.ProposedBy,
        record.Proposed.IsZero ? null : DateTimeOffset.FromUnixTimeMilliseconds(record.ConfirmableAt));
}

/// <summary>Where a vendor is paid.</summary>
/// <param name="Method">How: a bank transfer, mobile money.</param>
/// <param name="Institution">Bank or provider.</param>
/// <param name="Number">Number of the account there.</param>
/// <param name="Holder">Whose account it is.</param>
/// <param name="Contact">Who is told of changes.</param>
public sealed record PayoutPlace(string Method, string Institution, string Number, string Holder, string Contact)
{
    internal static PayoutPlace? Of(PayoutDetailsInput? details) =>
        details is null ? null : new PayoutPlace(details.Method, details.Institution, details.Number, details.Holder, details.Contact);

    /// <summary>Without the details: a record's generated text would put them in logs.</summary>
    public override string ToString() => nameof(PayoutPlace);
}

/// <summary>One payment of a settlement, in full or in part.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Amount">What was paid.</param>
/// <param name="DetailsNumber">Number of the vendor's details at that moment; 0 for a vendor without any.</param>
/// <param name="Returned">True once it came back.</param>
[Name("Payout")]
public sealed record PayoutView(Id Id, Money Amount, int DetailsNumber, bool Returned)
{
    internal static PayoutView Of(PayoutRecord record) => new(record.Id, new Money(record.AmountMinor, record.Unit), (int)record.Details, !record.ReturnedBy.IsNone);
}

/// <summary>What somebody is to be told, by whoever sends messages.</summary>
/// <param name="Id">Names it, for <c>dropNotice</c> and as <c>after</c>.</param>
/// <param name="Contact">Whom.</param>
/// <param name="Code">What about: PAYOUT_DETAILS_PROPOSED, PAYOUT_DETAILS_CONFIRMED.</param>
/// <param name="At">When the change can be confirmed, or was.</param>
[Name("Notice")]
public sealed record NoticeView(string Id, string Contact, string Code, DateTimeOffset At);

/// <summary>Vendors' pay-out details and what they are to be told.</summary>
public sealed class PayoutQueries(Access access, PayoutVault vault) : IQueries
{
    /// <summary>Where a vendor's account is paid. For members of the vendor. Null before anything is proposed.</summary>
    /// <param name="vendorAccountId">The vendor's account.</param>
    [Allow(Roles.Administrator | Roles.Finance | Roles.Vendor)]
    public async Task<PayoutDetailsView?> PayoutDetails(Id vendorAccountId) =>
        await access.AccountAsync(vendorAccountId) is not null
        && await access.FindAsync<PayoutDetailsRecord>(RecordKind.PayoutDetails, vendorAccountId) is { } record ? PayoutDetailsView.Of(record) : null;

    /// <summary>Notices that wait to be sent: of your organisation, for operators of all.</summary>
    /// <param name="first">How many, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The last id of the page before.</param>
    [Allow(Roles.Administrator | Roles.Operator)]
    public async Task<IReadOnlyList<NoticeView>?> Notices(int first, string? after = null) =>
    [
        .. (await vault.NoticesAsync(access.Caller.Has(Roles.Operator) ? null : access.Caller.Organisation, after, Paging.Check(first)))
            .Select(entry => new NoticeView(entry.Key, entry.Notice.Contact, entry.Notice.Code, DateTimeOffset.FromUnixTimeMilliseconds(entry.Notice.At))),
    ];
}
