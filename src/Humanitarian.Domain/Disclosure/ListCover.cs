using Orleans;

namespace Humanitarian.Domain.Disclosure;

/// <summary>What one household has on a frozen list, in minor units.</summary>
[GenerateSerializer, Immutable, Alias("HouseholdShare")]
public readonly record struct HouseholdShare([property: Orleans.Id(0)] Id Household, [property: Orleans.Id(1)] long AmountMinor);

/// <summary>How many people a frozen list covers.</summary>
/// <param name="Households">Distinct households.</param>
/// <param name="LargestMinor">The most that one of them has on the list, in minor units.</param>
/// <param name="Few">Every household of a list that covers too few to stand alone; empty for others.</param>
[GenerateSerializer, Immutable, Alias("ListCover")]
public sealed record ListCover(
    [property: Orleans.Id(0)] long Households, [property: Orleans.Id(1)] long LargestMinor, [property: Orleans.Id(2)] IReadOnlyList<HouseholdShare> Few)
{
    /// <summary>The cover of a list's lines, which are sorted in place.</summary>
    /// <param name="least">Fewest households of a list that stands alone.</param>
    public static ListCover Of(HouseholdShare[] lines, int least)
    {
        Array.Sort(lines, static (a, b) => a.Household.CompareTo(b.Household));
        long households = 0, largest = 0;
        var few = new List<HouseholdShare>();
        for (var from = 0; from < lines.Length;)
        {
            var (household, sum) = (lines[from].Household, 0L);
            for (; from < lines.Length && lines[from].Household == household; from++)
            {
                sum = checked(sum + lines[from].AmountMinor);
            }

            households++;
            largest = Math.Max(largest, sum);
            if (households < least)
            {
                few.Add(new HouseholdShare(household, sum));
            }
        }

        return new ListCover(households, largest, households < least ? few : []);
    }
}
