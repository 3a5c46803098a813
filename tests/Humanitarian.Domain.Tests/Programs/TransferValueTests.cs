using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>What the terms transfer, by day, site and size.</summary>
public sealed class TransferValueTests
{
    private static readonly TransferValues Values = new(
    [
        new DatedValues(100, "", [new SizeValue(2, 10), new SizeValue(5, 20)]),
        new DatedValues(200, "", [new SizeValue(9, 30)]),
        new DatedValues(150, "north", [new SizeValue(1, 40)]),
    ]);

    [Theory]
    [InlineData(1, "", 99, null)]
    [InlineData(2, "", 100, 10L)]
    [InlineData(3, "", 199, 20L)]
    [InlineData(12, "south", 199, 20L)]
    [InlineData(1, "south", 200, 30L)]
    [InlineData(1, "north", 149, 10L)]
    [InlineData(7, "north", 150, 40L)]
    public void The_newest_value_of_the_site_or_of_all_counts(int persons, string site, long day, long? expected) => Assert.Equal(expected, Values.ValueOf(persons, site, day));

    [Fact]
    public void Values_that_make_no_sense_are_refused()
    {
        Assert.Null(Values.Validate());
        Assert.NotNull(new TransferValues([]).Validate());
        Assert.NotNull(new TransferValues([new DatedValues(1, "", [new SizeValue(2, 1), new SizeValue(2, 2)])]).Validate());
        Assert.NotNull(new TransferValues([new DatedValues(1, "", [new SizeValue(2, 0)])]).Validate());
        Assert.NotNull(new TransferValues([new DatedValues(1, "", [new SizeValue(2, 1)]), new DatedValues(1, "", [new SizeValue(3, 1)])]).Validate());
        Assert.Null(TermsJson.Read("""{"preset":"own","rules":[{"rule":"transferValues","values":[{"from":1,"site":"","sizes":[{"persons":1,"amountMinor":5}]}]}]}""").Refusal);
    }
}
