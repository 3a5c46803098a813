using CsCheck;
using Humanitarian.Domain.Disclosure;

namespace Humanitarian.Domain.Tests.Disclosure;

public sealed class AreaCellsTests
{
    private const int Least = 10;

    private static readonly Gen<AreaCell[]> Areas = Gen.Select(Gen.Int[0, 6], Gen.Long[1, 40].Array[6]).Select((count, sizes) =>
        Enumerable.Range(0, count).Select(number => new AreaCell(number == 5 ? null : $"area {number}", sizes[number], sizes[number] * 4, sizes[number] * 100)).ToArray());

    [Fact]
    public void Small_areas_are_told_together_with_as_many_others_as_they_need()
    {
        AreaCell[] areas = [new("east", 3, 12, 300), new("north", 25, 101, 2_500), new("south", 12, 48, 1_200)];
        Assert.Equal([new AreaCell("north", 20, 100, 2_500), new AreaCell(null, 10, 60, 1_500)], AreaCells.Tell(areas, Least));
        Assert.Equal([], AreaCells.Tell([new("east", 3, 12, 300), new("west", 6, 12, 300)], Least));
        Assert.Equal([new AreaCell(null, 10, 60, 1_800)], AreaCells.Tell([new("east", 3, 12, 300), new("north", 15, 52, 1_500)], Least));
    }

    // Red without the folding in of others: what is left of the whole would tell the small area.
    [Fact]
    public void No_figure_and_no_difference_to_the_whole_is_of_fewer_households() => Areas.Sample(areas =>
    {
        var told = AreaCells.Tell(areas, Least);
        Assert.All(told, area => Assert.True(area.Households >= Least && area.Households % Least == 0 && area.People % Least == 0));
        Assert.Equal(told.Count == 0 ? 0 : areas.Sum(area => area.PaidMinor), told.Sum(area => area.PaidMinor));
        Assert.True(told.Count > 0 || areas.Sum(area => area.Households) < Least);
    });
}
