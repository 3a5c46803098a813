namespace Humanitarian.Domain.Programs.Rules;

/// <summary>What a household of up to so many persons gets for one period.</summary>
public sealed record SizeValue(int Persons, long AmountMinor);

/// <summary>Values from a day on, everywhere or at one site.</summary>
/// <param name="From">First UTC day, counted from 1970.</param>
/// <param name="Site">The site of enrolments; empty for all that have no values of their own.</param>
/// <param name="Sizes">By growing number of persons; the last is for all larger households too.</param>
public sealed record DatedValues(long From, string Site, IReadOnlyList<SizeValue> Sizes);

/// <summary>
/// What the program transfers to a household for one period, by its size and where it is enrolled. Disbursements are generated from it; an
/// uploaded list may have other amounts.
/// </summary>
public sealed record TransferValues(IReadOnlyList<DatedValues> Values) : Rule
{
    private const int MaximumSizes = 32;
    private const int MaximumSite = 64;

    public override Refusal? Validate() =>
        Values.Count == 0 || Values.Select(dated => (dated.From, dated.Site)).Distinct().Count() != Values.Count || Values.Any(dated =>
            dated.From < 0 || dated.Site.Length > MaximumSite || dated.Sizes.Count is 0 or > MaximumSizes
            || dated.Sizes.Any(size => size.Persons <= 0 || size.AmountMinor <= 0)
            || dated.Sizes.Zip(dated.Sizes.Skip(1)).Any(pair => pair.First.Persons >= pair.Second.Persons))
            ? new Refusal(RefusalCode.InvalidInput, $"Each day and site has 1 to {MaximumSizes} positive values by growing number of persons.", "terms")
            : null;

    /// <summary>What counts on a UTC day, counted from 1970, in minor units; null where nothing does. A site's own values come before those for all.</summary>
    public long? ValueOf(int persons, string site, long day)
    {
        var dated = Newest(site, day) ?? Newest("", day);
        return dated is null ? null : (dated.Sizes.FirstOrDefault(size => persons <= size.Persons) ?? dated.Sizes[^1]).AmountMinor;
    }

    private DatedValues? Newest(string site, long day) => Values.Where(dated => dated.Site == site && dated.From <= day).MaxBy(dated => dated.From);
}
