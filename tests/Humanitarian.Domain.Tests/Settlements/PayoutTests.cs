using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Settlements;

/// <summary>Shop 0 has received 900 and asks for 600 of it.</summary>
public sealed class PayoutTests
{
    private readonly World world = new();
    private readonly Id owner = World.IdOf("owner");
    private readonly Id bookkeeper = World.IdOf("bookkeeper");
    private int commands;

    public PayoutTests()
    {
        world.Register(World.Operator, World.Member(owner, World.Shops, Roles.Administrator | Roles.Vendor), World.Member(bookkeeper, World.Shops, Roles.Finance));
        world.Disburse("bulk", "2026-1", 1_000);
        world.Order(VoucherRedemptions.Decide(
            new RedeemCommand(World.Voucher, World.Person(0), World.ShopId(0), 900, ["food"], World.HashOf("till")), world.Scope(World.Cashier, "till"), world.State));
        world.Order(SettlementRequests.Decide(
            World.Voucher, World.ShopId(0), World.IdOf("request"), 600, world.Now + (9 * World.Minute), world.Scope(World.Cashier), world.State));
    }

    [Fact]
    public void Details_count_once_another_member_has_confirmed_them_after_the_cool_off()
    {
        world.Order(Propose("one", 2 * World.Minute));
        Assert.Equal(RefusalCode.CoolingOff, Approve(100).Refusal?.Code);
        Assert.Equal(RefusalCode.RolesIncompatible, Confirm(owner).Refusal?.Code);
        Assert.Equal(RefusalCode.CoolingOff, Confirm(bookkeeper).Refusal?.Code);
        world.Now += 2 * World.Minute;
        Assert.Equal(RefusalCode.Forbidden, Confirm(World.Cashier).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Confirm(World.Finance).Refusal?.Code);
        world.Order(Confirm(bookkeeper));
        Assert.Equal((1u, World.HashOf("one")), (Details.Number, Details.Confirmed));
        Assert.Equal(RefusalCode.WrongState, Confirm(bookkeeper).Refusal?.Code);
        world.Order(Approve(100));
    }

    [Fact]
    public void While_a_change_waits_the_settlement_uses_what_was_confirmed()
    {
        world.Order(Propose("one", 0));
        world.Order(Confirm(bookkeeper));
        world.Order(Propose("two", World.Minute));
        var settled = world.Order(Approve(100));
        Assert.Equal(1u, Assert.IsType<PayoutRecord>(settled.Writes[1].Record).Details);
        Assert.Contains(settled.Reads, read => read == new RecordRead(Details.Key, 3, false));
        world.Order(PayoutDetails.Withdraw(World.ShopId(0), [world.Sign(owner)], world.Scope(owner), world.State));
        Assert.Equal((1u, World.HashOf("one"), true), (Details.Number, Details.Confirmed, Details.Proposed.IsZero));
    }

    [Fact]
    public void Confirmation_is_signed_and_of_what_was_proposed()
    {
        world.Order(Propose("one", 0));
        var confirmed = Confirm(bookkeeper).Value!;
        Assert.Equal(RefusalCode.SignatureRequired, world.State.Check(confirmed with { Authorisations = [] }, World.Key)?.Code);
        var other = (PayoutDetailsRecord)confirmed.Writes[0].Record with { Confirmed = World.HashOf("mine") };
        Assert.Equal(RefusalCode.Tampered, world.State.Check(confirmed with { Writes = [confirmed.Writes[0] with { Record = other }] }, World.Key)?.Code);
    }

    [Fact]
    public void Failed_payout_gives_the_vendor_its_units_back_once_and_they_are_settled_anew()
    {
        var lot = World.IdOf("lot of bulk");
        var first = PayoutOf(world.Order(Approve(200)));
        var second = PayoutOf(world.Order(Approve(400)));
        Assert.Equal(HoldState.Captured, world.Get<HoldRecord>(RecordKind.Hold, World.IdOf("request"))!.State);
        Assert.Equal(RefusalCode.Forbidden, Return(first, World.Cashier).Refusal?.Code);
        world.Order(Return(first, World.Finance));
        Assert.Equal(RefusalCode.WrongState, Return(first, World.Finance).Refusal?.Code);
        Assert.Equal((500L, 400L), (world.State.Book(World.ShopId(0)).Available(World.Unit), NetFlow.Settled(flow => world.State.Flow(lot, flow))));

        world.Order(SettlementRequests.Decide(
            World.Voucher, World.ShopId(0), World.IdOf("again"), 200, world.Now + World.Minute, world.Scope(World.Cashier), world.State));
        var third = PayoutOf(world.Order(Approve(200, "again")));
        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
        Assert.Equal(600, NetFlow.Settled(flow => world.State.Flow(lot, flow)));
    }

    [Fact]
    public void Returned_payout_of_another_amount_is_no_decision()
    {
        var payout = PayoutOf(world.Order(Approve(200)));
        var returned = Return(payout, World.Finance).Value!;
        Posting[] more = [.. returned.Postings.Select(posting => posting with { AmountMinor = 2 * posting.AmountMinor })];
        Assert.Equal(RefusalCode.Tampered, world.State.Check(returned with { Postings = more }, World.Key)?.Code);
    }

    private PayoutDetailsRecord Details => world.Get<PayoutDetailsRecord>(RecordKind.PayoutDetails, World.ShopId(0))!;

    private static Id PayoutOf(Transaction settlement) => settlement.Writes.Select(write => write.Record).OfType<PayoutRecord>().Single().Id;

    private Outcome<Transaction> Propose(string details, long coolOff) =>
        PayoutDetails.Propose(World.ShopId(0), World.HashOf(details), coolOff, world.Scope(owner), world.State);

    private Outcome<Transaction> Confirm(Id by) => PayoutDetails.Confirm(World.ShopId(0), [world.Sign(by)], world.Scope(by), world.State);

    private Outcome<Transaction> Approve(long amountMinor, string request = "request") => SettlementApprovals.Decide(
        World.IdOf(request), amountMinor, World.HashOf("bank"), [world.Sign(World.Finance)], world.Scope(World.Finance, $"bank {commands++}"), world.State);

    private Outcome<Transaction> Return(Id payout, Id by) => PayoutReturns.Decide(payout, World.HashOf("notice"), [world.Sign(by)], world.Scope(by), world.State);
}
