using System.Globalization;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>Melting by published figures: Circles' TCIP-009, Encointer's half-lives, Wörgl, Chiemgauer.</summary>
public sealed class MeltFactorTests
{
    // 100 units with ten decimal places.
    private const long Hundred = 1_000_000_000_000;

    private static MeltFactor Circles => MeltFactor.Parse(Local.Daily)!.Value;

    [Theory]
    [InlineData(1, "0.99980133200859895743")]
    [InlineData(14, "0.9972222369440831")]
    public void A_factor_by_days_is_Circles(int days, string expected) => Assert.StartsWith(expected, Circles.Power(days).ToString(), StringComparison.Ordinal);

    [Theory]
    [InlineData(30, "99.4057097")]
    [InlineData(1461, "74.805201")]
    public void A_hundred_melt_as_in_Circles(int days, string expected) =>
        Assert.Equal(
            decimal.Parse(expected, CultureInfo.InvariantCulture),
            decimal.Round(Circles.Power(days).Of(Hundred) / 10_000_000_000m, expected.Length - "00.".Length));

    // Circles mints 24 a day; what was minted on each earlier day has melted since.
    [Theory]
    [InlineData(0, "24")]
    [InlineData(1, "47.9952319682")]
    [InlineData(14, "359.4997874061")]
    public void A_full_mint_of_so_many_days_is_Circles(int days, string expected)
    {
        const long Day = 240_000_000_000_000_000;
        var sum = Enumerable.Range(0, days + 1).Sum(age => (decimal)Circles.Power(age).Of(Day)) / 10_000_000_000_000_000m;
        Assert.Equal(decimal.Parse(expected, CultureInfo.InvariantCulture), decimal.Round(sum, 10));
    }

    [Theory]
    [InlineData("0.99999973624539986699", 2_628_000)]
    [InlineData("0.99999988732392752721", 86_400 / 5 * 356)]
    public void After_a_half_life_half_is_left(string factor, long blocks)
    {
        var left = MeltFactor.Parse(factor)!.Value.Power(blocks).Of(Hundred);
        Assert.InRange(left, (Hundred / 2) - 1, (Hundred / 2) + 1);
    }

    [Fact]
    public void After_one_block_of_Encointers_half_life_a_hundred_are_nearly_whole() =>
        Assert.Equal(9_999_997_362_453, MeltFactor.Parse("0.99999973624539986699")!.Value.Of(10_000_000_000_000));

    // A year of 365 days has a longer way to go than Encointer's 356.
    [Fact]
    public void Encointers_year_has_356_days() =>
        Assert.True(MeltFactor.Parse("0.99999988732392752721")!.Value.Power(86_400 / 5 * 365).Of(Hundred) < Hundred / 2);

    [Fact]
    public void Two_percent_in_fifty_quarters_leave_thirty_six_compound_where_a_linear_charge_takes_all()
    {
        Assert.Equal(3641, MeltFactor.Parse("0.98")!.Value.Power(50).Of(10_000));
        Assert.Equal(10_000, 50 * (10_000 - MeltFactor.Parse("0.98")!.Value.Of(10_000)));
    }

    // Wörgl's stamps took 1 % of the face a month: 1.20 of 10 schillings in a year. Compound melting takes less.
    [Fact]
    public void Woergls_stamps_cost_more_in_a_year_than_compound_melting_at_the_same_rate()
    {
        var factor = MeltFactor.Parse("0.99")!.Value;
        Assert.Equal(120, 12 * (1_000 - factor.Of(1_000)));
        Assert.Equal(114, 1_000 - factor.Power(12).Of(1_000));
    }

    [Fact]
    public void Woergls_refund_was_ninety_eight_percent() =>
        Assert.Equal((980L, 0L, 20L), new BackedByDeposits("EUR", "anybody", 0, 20_000).Split(1_000));

    // The preset's rate: Chiemgauer's 3 % in half a year, 182.625 days.
    [Fact]
    public void The_presets_rate_is_Chiemgauers()
    {
        var rule = TermsJson.Read(TermsJson.Preset("local-currency")!).Value!.Rules.OfType<Demurrage>().Single();
        var from = new DateOnly(2026, 1, 1).DayNumber - new DateOnly(1970, 1, 1).DayNumber;
        Assert.Equal(9_699, rule.Between(from, from + 183).Of(10_000));
        Assert.Equal(9_407, rule.Between(from, from + 366).Of(10_000));
    }

    [Fact]
    public void Rates_of_several_epochs_multiply()
    {
        var rule = new Demurrage([new DemurrageEpoch("1970-01-11", "0.9"), new DemurrageEpoch("1970-01-13", "1"), new DemurrageEpoch("1970-01-15", "0.5")]);
        Assert.Null(rule.Validate());
        Assert.Equal(4_050, rule.Between(8, 15).Of(10_000));
        Assert.Equal(10_000, rule.Between(0, 10).Of(10_000));
        Assert.Equal(9_000, rule.Between(11, 14).Of(10_000));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-700)]
    public void What_is_not_positive_does_not_melt(long balance) => Assert.Equal(balance, MeltFactor.Parse("0.5")!.Value.Of(balance));

    [Fact]
    public void A_clock_that_went_back_charges_nothing() =>
        Assert.Equal(MeltFactor.One, new Demurrage([new DemurrageEpoch("1970-01-01", "0.5")]).Between(20, 10));

    [Theory]
    [InlineData("0")]
    [InlineData("0.000")]
    [InlineData("1.01")]
    [InlineData("-0.5")]
    [InlineData("0.999999999999999999999")]
    [InlineData("0,5")]
    [InlineData("")]
    public void A_factor_that_is_none_is_refused(string factor) =>
        Assert.Equal(RefusalCode.InvalidInput, new Demurrage([new DemurrageEpoch("2026-01-01", factor)]).Validate()?.Code);

    [Theory]
    [InlineData("2026-02-01", "2026-02-01")]
    [InlineData("2026-02-01", "2026-01-01")]
    [InlineData("2026-02-30", "2026-03-01")]
    public void Epochs_out_of_order_are_refused(string first, string second) =>
        Assert.Equal(RefusalCode.InvalidInput, new Demurrage([new DemurrageEpoch(first, "0.9"), new DemurrageEpoch(second, "0.8")]).Validate()?.Code);
}
