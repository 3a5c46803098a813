using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Grants;

/// <summary>
/// What a grant's money was spent on at shops, and where, in the program's currency; what was given back since is in exact figures. For a donor
/// it is told in steps, as in the trace, and without as much as was given back.
/// </summary>
/// <param name="ByCategory">By category of goods.</param>
/// <param name="ByVendorType">By type of vendor: the labels of the vendors' accounts, joined.</param>
[Name("DonationSpending")]
public sealed record DonationSpendingView(IReadOnlyList<CategorySpendingView> ByCategory, IReadOnlyList<VendorTypeSpendingView> ByVendorType)
{
    internal static DonationSpendingView Of(Spending spending) => new(
        [.. spending.ByCategory.Select(part => new CategorySpendingView(part.Name, new Money(part.SpentMinor, spending.Unit)))],
        [.. spending.ByVendorType.Select(part => new VendorTypeSpendingView(part.Name, new Money(part.SpentMinor, spending.Unit)))]);
}

/// <summary>What was spent on one category of goods.</summary>
/// <param name="Category">Null for several at once, none, and what is too little to be told.</param>
/// <param name="Spent">Spent on it.</param>
[Name("CategorySpending")]
public sealed record CategorySpendingView(string? Category, Money Spent);

/// <summary>What was spent at one type of vendor.</summary>
/// <param name="VendorType">Null for vendors without labels, and what is too little to be told.</param>
/// <param name="Spent">Spent there.</param>
[Name("VendorTypeSpending")]
public sealed record VendorTypeSpendingView(string? VendorType, Money Spent);

/// <summary>
/// Whom a completed disbursement reached in an area. A donor is told numbers in whole steps of at least ten (see leastHouseholds of the trace),
/// and small areas together; lists of fewer households are not told.
/// </summary>
/// <param name="DisbursementId">The disbursement.</param>
/// <param name="Period">Calendar period it assisted for.</param>
/// <param name="AssistanceKind">Kind of assistance.</param>
/// <param name="Mode">How it reached people.</param>
/// <param name="Area">The site that the list gives; null where it gives none, and for small areas together.</param>
/// <param name="Households">Households that were paid, whichever grants paid them.</param>
/// <param name="People">People in these households, by the list.</param>
/// <param name="Paid">The grant's part of what they were credited or paid out, in the program's currency.</param>
[Name("DonationReach")]
public sealed record DonationReachView(
    Id DisbursementId, string Period, string AssistanceKind, DeliveryMode Mode, string? Area, long Households, long People, Money Paid)
{
    internal static DonationReachView Of(ReachPart part, DisbursementRecord record) => new(
        part.Disbursement, record.Period, record.AssistanceKind, record.Mode, part.Area, part.Households, part.People, new Money(part.PaidMinor, part.Unit));
}
