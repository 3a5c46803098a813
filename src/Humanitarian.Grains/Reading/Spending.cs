using Humanitarian.Domain;

namespace Humanitarian.Grains.Reading;

/// <summary>What a grant's money was spent on and where, in minor units of the program's currency. What was given back since is in exact figures.</summary>
/// <param name="ByCategory">By category of goods; the last is what was spent on several, on none, or on too little to be told.</param>
/// <param name="ByVendorType">By the labels of the vendors' accounts; the last is likewise of all others.</param>
public sealed record Spending(string Unit, IReadOnlyList<SpendingPart> ByCategory, IReadOnlyList<SpendingPart> ByVendorType);

/// <param name="Name">Null for all others.</param>
public readonly record struct SpendingPart(string? Name, long SpentMinor);

/// <summary>Whom a grant's money reached in an area by one disbursement.</summary>
/// <param name="Area">Null for where the list gives none, and for areas of too few households together.</param>
/// <param name="Households">Households that were paid by the disbursement, other grants' part included.</param>
/// <param name="PaidMinor">The grant's part, in minor units of the program's currency.</param>
public readonly record struct ReachPart(Id Disbursement, string Unit, string? Area, long Households, long People, long PaidMinor);
