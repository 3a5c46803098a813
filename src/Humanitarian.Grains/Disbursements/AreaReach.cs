namespace Humanitarian.Grains.Disbursements;

/// <summary>Whom a completed disbursement reached in one area: households with a line that was paid.</summary>
/// <param name="Area">The site that the list gives; empty where it gives none.</param>
/// <param name="Households">Distinct households.</param>
/// <param name="People">Their sizes, by the list.</param>
/// <param name="PaidMinor">Credited or paid out, in minor units.</param>
[GenerateSerializer, Immutable, Alias("AreaReach")]
public sealed record AreaReach(
    [property: Orleans.Id(0)] string Area, [property: Orleans.Id(1)] long Households, [property: Orleans.Id(2)] long People, [property: Orleans.Id(3)] long PaidMinor);
