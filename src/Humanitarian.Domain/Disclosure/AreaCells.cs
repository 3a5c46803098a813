namespace Humanitarian.Domain.Disclosure;

/// <summary>Households of an area that something reached.</summary>
/// <param name="Area">Null for several small ones together, and where none is known.</param>
public sealed record AreaCell(string? Area, long Households, long People, long PaidMinor);

/// <summary>Areas as donors are told them.</summary>
public static class AreaCells
{
    /// <summary>
    /// Areas of too few households are taken together, with the smallest of the others as long as these are too few; nothing is told
    /// where all are. Numbers of households and people are told in whole steps, so that two answers never differ by one household.
    /// </summary>
    /// <param name="least">Fewest households that a figure covers.</param>
    public static IReadOnlyList<AreaCell> Tell(IReadOnlyList<AreaCell> areas, int least)
    {
        var told = areas.Where(area => area.Area is not null && area.Households >= least).OrderByDescending(area => area.Households).ThenBy(area => area.Area, StringComparer.Ordinal).ToList();
        var others = areas.Except(told).ToList();
        while (others.Count > 0 && others.Sum(area => area.Households) < least && told.Count > 0)
        {
            others.Add(told[^1]);
            told.RemoveAt(told.Count - 1);
        }

        var rest = new AreaCell(null, others.Sum(area => area.Households), others.Sum(area => area.People), others.Sum(area => area.PaidMinor));
        return
        [
            .. told.OrderBy(area => area.Area, StringComparer.Ordinal).Append(rest).Where(area => area.Households >= least)
                .Select(area => area with { Households = area.Households - (area.Households % least), People = area.People - (area.People % least) }),
        ];
    }
}
