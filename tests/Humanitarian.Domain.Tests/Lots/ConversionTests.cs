using CsCheck;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Lots;

public sealed class ConversionTests
{
    private readonly World world = new();

    [Theory]
    [InlineData("129.35", 10_000, 2, 2, 1_293_500)]
    [InlineData("129.35", 1, 2, 2, 129)]
    [InlineData("0.5", 1, 2, 2, 1)]
    [InlineData("151.2", 10_000, 2, 0, 15_120)]
    [InlineData("3.1", 1_000, 0, 3, 3_100_000)]
    public void A_rate_converts_to_the_nearest_minor_unit(string rate, long amountMinor, int from, int to, long expected) =>
        Assert.Equal(expected, ExchangeRate.Parse(rate)!.Value.Convert(amountMinor, from, to));

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("0.0")]
    [InlineData("-1")]
    [InlineData("1,5")]
    [InlineData("1.50")]
    [InlineData("01.5")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData("1.2.3")]
    [InlineData("1e3")]
    [InlineData("1234567890123456789")]
    public void A_rate_has_one_form_only(string text) => Assert.Null(ExchangeRate.Parse(text));

    [Fact]
    public void What_a_rate_converts_comes_back_to_half_a_minor_unit() => Gen.Select(Gen.Long[1, 1_000_000_000], Gen.Long[1, 99_999_999], Gen.Int[0, 4]).Sample(
        (amount, digits, decimals) =>
        {
            var text = decimals == 0 ? $"{digits}" : $"{digits.ToString().PadLeft(decimals + 1, '0')[..^decimals]}.{digits.ToString().PadLeft(decimals + 1, '0')[^decimals..]}".TrimEnd('0').TrimEnd('.');
            var rate = ExchangeRate.Parse(text)!.Value;
            Assert.Equal(text, rate.ToString());
            var there = rate.Convert(amount, 2, 2);
            var step = Math.Max(1, (long)(Math.Pow(10, decimals) / digits));
            Assert.InRange(rate.ConvertBack(there, 2, 2), amount - step, amount + step);
        },
        iter: 5_000);

    [Fact]
    public void A_conversion_opens_a_lot_that_carries_both_amounts_and_takes_receipts_first_in_first_out()
    {
        Receive(300, "first");
        world.Now += World.Minute;
        Receive(700, "second");
        var lot = world.Order(Try(500, 460)).Writes.Select(write => write.Record).OfType<LotRecord>().Single();
        var record = world.Get<ConversionRecord>(RecordKind.Conversion, lot.Id)!;
        Assert.Equal([new LotPart(World.IdOf("first"), 300), new LotPart(World.IdOf("second"), 200)], record.Sources);
        Assert.Equal((500L, 460L, 500L, "0.92"), (record.FromMinor, record.ToMinor, record.ValueMinor, record.Rate));
        Assert.Equal(460, world.State.Book(World.PoolOf(World.Voucher)).AvailableOf(World.Unit, lot.Id));
        Assert.Equal(500, world.State.Book(World.PoolOf(World.Voucher)).Available("USD"));
        Assert.Equal(-500, world.State.Book(WorldAccount.IdOf("USD")).Available("USD"));
        Assert.Equal(300, world.State.Flow(World.IdOf("first"), LotFlow.Converted));
        Assert.Equal(0, world.State.Flow(lot.Id, LotFlow.ExchangeLoss) + world.State.Flow(lot.Id, LotFlow.ExchangeGain));
    }

    [Theory]
    [InlineData(414, 50, 0)]
    [InlineData(506, 0, 50)]
    public void What_the_bank_paid_less_or_more_than_agreed_is_a_flow_of_its_own(long toMinor, long loss, long gain)
    {
        Receive(500, "dollars");
        world.Order(Try(500, toMinor));
        Assert.Equal((loss, gain), (world.State.Flow(Lot, LotFlow.ExchangeLoss), world.State.Flow(Lot, LotFlow.ExchangeGain)));
    }

    [Fact]
    public void Converted_money_is_disbursed_and_what_is_left_goes_back_in_the_programs_currency()
    {
        Receive(500, "dollars");
        world.Order(Try(500, 460));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        world.Order(world.TryApprove(World.Draft(
            "cash", World.Voucher, Disbursements.DeliveryMode.Bulk, "2026-1", world.Now + World.Minute, [new LotPart(World.GrantId(World.Foreign), 100)], [World.LineOf(0, 100)])));
        Assert.Equal([new LotPart(Lot, 100)], world.Order(world.TryRelease("cash")).Writes.Select(write => write.Record).OfType<LotRecord>().Single().Parts);
        var back = GrantOutflows.DecideReturn(World.GrantId(World.Foreign), 360, World.HashOf("bank"), world.Scope(World.Finance), world.State, World.Unit);
        world.Order(back);
        Assert.Equal(360, world.State.Flow(Lot, LotFlow.Returned));
    }

    [Theory]
    [InlineData(501, 460, "0.92", RefusalCode.InsufficientFunds)]
    [InlineData(0, 460, "0.92", RefusalCode.AmountNotPositive)]
    [InlineData(500, -1, "0.92", RefusalCode.AmountNotPositive)]
    [InlineData(500, 460, "0.920", RefusalCode.InvalidInput)]
    [InlineData(500, 1, "999999", RefusalCode.InvalidInput)]
    [InlineData(500, long.MaxValue, "0.00000001", RefusalCode.AmountOverflow)]
    public void A_conversion_that_cannot_be_is_refused(long fromMinor, long toMinor, string rate, string code)
    {
        Receive(500, "dollars");
        Assert.Equal(code, Try(fromMinor, toMinor, rate).Refusal?.Code);
    }

    [Fact]
    public void Only_finance_converts_with_evidence_once_the_bank_has_done_so()
    {
        Receive(500, "dollars");
        var command = Command(500, 460, "0.92");
        Assert.Equal(RefusalCode.Forbidden, Conversions.Decide(command, Lot, world.Scope(World.Registrar), world.State).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Conversions.Decide(command, Lot, world.Scope(World.Stranger), world.State).Refusal?.Code);
        Assert.Equal("evidence", Conversions.Decide(command with { Evidence = default }, Lot, world.Scope(World.Finance), world.State).Refusal?.Field);
        Assert.Equal("on", Conversions.Decide(command with { OnDay = command.OnDay + 2 }, Lot, world.Scope(World.Finance), world.State).Refusal?.Field);
        world.Order(world.TryReceive(0, 100, "euros"));
        Assert.Equal(
            RefusalCode.UnitMismatch, Conversions.Decide(command with { Grant = World.GrantId(0), FromMinor = 100 }, Lot, world.Scope(World.Finance), world.State).Refusal?.Code);
    }

    private static Id Lot => World.IdOf("converted");

    private void Receive(long amountMinor, string lot) => world.Order(world.TryReceive(World.Foreign, amountMinor, lot));

    private Outcome<Transaction> Try(long fromMinor, long toMinor, string rate = "0.92") =>
        Conversions.Decide(Command(fromMinor, toMinor, rate), Lot, world.Scope(World.Finance), world.State);

    private static ConvertCommand Command(long fromMinor, long toMinor, string rate) => new(
        World.GrantId(World.Foreign), fromMinor, toMinor, rate, World.Start / (24 * 60 * World.Minute), World.HashOf("bank"));
}
