using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Redemptions;

/// <summary>A program whose vendors take redemptions back for two days, and whose rice costs at most 300 until a day.</summary>
public sealed class RefundTests
{
    private const long Day = 86_400_000;
    private readonly World world = new();
    private int commands;

    public RefundTests()
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var today = Limits.DayOf(world.Now);
        var rules = $"{{\"rule\":\"noTransfers\"}},{{\"rule\":\"refunds\",\"days\":2}},{{\"rule\":\"priceCeilings\",\"ceilings\":[{{\"item\":\"rice\",\"maximumMinor\":300,\"from\":{today},\"until\":{today + 1}}}]}}";
        var terms = TermsJson.Read(
            program.Terms.Replace("\"seconds\":3600", "\"seconds\":864000", StringComparison.Ordinal).Replace("{\"rule\":\"noTransfers\"}", rules, StringComparison.Ordinal)).Value!;
        world.Amend(program with { Terms = TermsJson.Write(terms) });
        world.Order(world.TryReceive(0, 2_000, "money"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        Pay("first", "2026-1", 4, 1_000);
        Pay("second", "2026-2", 6, 1_000);
    }

    [Fact]
    public void Refund_goes_back_to_the_person_and_the_lots_it_came_from_last_spent_first()
    {
        var redemption = Kept(world.Order(Redeem(1_300, ("rice", 1, 300), ("oil", 2, 500))));
        Assert.Equal([new LotPart(World.IdOf("lot of first"), 1_000), new LotPart(World.IdOf("lot of second"), 300)], redemption.Parts);
        world.Order(Refund(redemption.Id, 400));
        var book = world.State.Book(World.Person(0));
        Assert.Equal((100L, 1_000L), (book.AvailableOf(World.Unit, World.IdOf("lot of first")), book.AvailableOf(World.Unit, World.IdOf("lot of second"))));
        Assert.Equal(RefusalCode.InsufficientFunds, Refund(redemption.Id, 901).Refusal?.Code);
        world.Order(Refund(redemption.Id, 900));
        Assert.Equal((2_000L, 0L), (world.State.Book(World.Person(0)).Available(World.Unit), world.State.Book(World.ShopId(0)).Available(World.Unit)));
        Assert.Equal(RefusalCode.InsufficientFunds, Refund(redemption.Id, 1).Refusal?.Code);
        Assert.Equal(0, NetFlow.Redeemed(flow => world.State.Flow(World.IdOf("lot of first"), flow)));
    }

    [Fact]
    public void Refund_is_the_vendors_and_in_time_and_a_recovery_the_signed_word_of_finance()
    {
        var redemption = Kept(world.Order(Redeem(300, ("rice", 1, 300))));
        Assert.Equal(RefusalCode.Forbidden, Refund(redemption.Id, 100, World.Finance).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Refund(redemption.Id, 100, World.Cashier, recovery: true).Refusal?.Code);
        Assert.Equal(RefusalCode.AmountNotPositive, Refund(redemption.Id, 0).Refusal?.Code);
        world.Now += (2 * Day) + 1;
        Assert.Equal(RefusalCode.DeadlinePassed, Refund(redemption.Id, 100).Refusal?.Code);
        var recovered = Refund(redemption.Id, 100, World.Finance, recovery: true);
        Assert.Equal(RefusalCode.SignatureRequired, world.State.Check(recovered.Value! with { Authorisations = [] }, World.Key)?.Code);
        world.Register(World.Operator, World.Shop(0) with { Status = AccountStatus.Frozen });
        world.Order(Refund(redemption.Id, 100, World.Finance, recovery: true));
        world.Now += 5 * Day;
        Assert.Equal(RefusalCode.VoucherExpired, Refund(redemption.Id, 100, World.Finance, recovery: true).Refusal?.Code);
    }

    [Fact]
    public void What_a_vendor_has_not_got_any_more_is_not_given_back()
    {
        var redemption = Kept(world.Order(Redeem(300, ("rice", 1, 300))));
        world.Order(SettlementRequests.Decide(
            World.Voucher, World.ShopId(0), World.IdOf("request"), 250, world.Now + Day, world.Scope(World.Cashier), world.State));
        Assert.Equal(RefusalCode.InsufficientFunds, Refund(redemption.Id, 51).Refusal?.Code);
        world.Order(Refund(redemption.Id, 50));
    }

    [Fact]
    public void Price_above_its_ceiling_of_the_day_is_refused()
    {
        Assert.Equal(RefusalCode.ItemsRequired, Redeem(300).Refusal?.Code);
        Assert.Equal(RefusalCode.PriceAboveCeiling, Redeem(301, ("rice", 1, 301)).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, Redeem(301, ("rice", 1, 300)).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, Redeem(300, ("rice", 0, 300), ("oil", 1, 300)).Refusal?.Code);
        world.Order(Redeem(601, ("rice", 1, 300), ("oil", 1, 301)));
        world.Now += Day;
        world.Order(Redeem(301, ("rice", 1, 301)));
    }

    [Fact]
    public void Refund_of_more_than_its_record_says_is_no_decision()
    {
        var redemption = Kept(world.Order(Redeem(300, ("rice", 1, 300))));
        var refund = Refund(redemption.Id, 100).Value!;
        var forged = (RedemptionRecord)refund.Writes[0].Record with { Parts = redemption.Parts };
        Assert.Equal(RefusalCode.Tampered, world.State.Check(refund with { Writes = [refund.Writes[0] with { Record = forged }] }, World.Key)?.Code);
        Assert.Equal(RefusalCode.Tampered, world.State.Check(Redeem(300, ("rice", 1, 300)).Value! with { Writes = [] }, World.Key)?.Code);
    }

    private static RedemptionRecord Kept(Transaction transaction) => transaction.Writes.Select(write => write.Record).OfType<RedemptionRecord>().Single();

    private void Pay(string name, string period, int days, long amountMinor)
    {
        Line[] lines = [World.LineOf(0, amountMinor)];
        world.Order(world.TryApprove(World.Draft(name, World.Voucher, DeliveryMode.Bulk, period, world.Now + (days * Day), [new LotPart(World.GrantId(0), amountMinor)], lines)));
        world.Order(world.TryRelease(name));
        world.Order(world.TryPay(name, 0, lines));
    }

    private Outcome<Transaction> Redeem(long amountMinor, params (string Item, int Quantity, long PriceMinor)[] items) => VoucherRedemptions.Decide(
        new RedeemCommand(World.Voucher, World.Person(0), World.ShopId(0), amountMinor, ["food"], World.HashOf("till"))
        {
            Items = [.. items.Select(item => new BoughtItem(item.Item, item.Quantity, item.PriceMinor))],
        },
        world.Scope(World.Cashier, $"till {commands++}"), world.State);

    private Outcome<Transaction> Refund(Id redemption, long amountMinor, Id? by = null, bool recovery = false) => RedemptionRefunds.Decide(
        redemption, amountMinor, World.HashOf("why"), recovery, [world.Sign(by ?? World.Cashier)], world.Scope(by ?? World.Cashier, $"refund {commands++}"), world.State);
}
