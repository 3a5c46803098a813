using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>The end of a program: what is unspent goes to the return queue, and nothing is added any more.</summary>
public sealed class ProgramClosureTests
{
    private readonly World world = new();

    [Fact]
    public void What_is_unspent_passes_to_the_return_queue_by_the_lots_it_came_in_and_from_there_to_the_donor()
    {
        world.Order(world.TryReceive(0, 500, "euros"));
        world.Order(world.TryReceive(World.Foreign, 300, "dollars"));
        var closure = world.Order(Close());
        Assert.Equal(4, closure.Postings.Count);
        var queue = world.State.Book(World.QueueOf(World.Voucher));
        Assert.Equal((500L, 300L), (queue.AvailableOf("EUR", World.IdOf("euros")), queue.AvailableOf("USD", World.IdOf("dollars"))));
        Assert.True(world.State.Book(World.PoolOf(World.Voucher)).IsEmpty);
        world.Order(GrantOutflows.DecideReturn(World.GrantId(0), 500, World.HashOf("bank"), world.Scope(World.Finance), world.State));
        Assert.Equal(500, world.State.Flow(World.IdOf("euros"), LotFlow.Returned));
        Assert.Equal(RefusalCode.ProgramClosed, Close().Refusal?.Code);
    }

    [Fact]
    public void Finance_signs_and_nobody_else()
    {
        Assert.Equal(RefusalCode.Forbidden, Close(World.Administrator).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Close(World.Stranger).Refusal?.Code);
        Assert.Equal(RefusalCode.SignatureRequired, world.State.Check(Close().Value! with { Authorisations = [] }, World.Key)?.Code);
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, Program() with { Active = false }).Refusal?.Code);
    }

    [Fact]
    public void Budget_that_is_still_set_aside_stands_in_the_way()
    {
        world.Order(world.TryReceive(0, 500, "euros"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        world.Order(world.TryApprove(World.Draft("one", World.Voucher, DeliveryMode.InPerson, "2026-1", world.Now + World.Minute, [new LotPart(World.GrantId(0), 100)], [World.LineOf(0, 100)])));
        world.Order(world.TryRelease("one"));
        Assert.Equal(RefusalCode.DisbursementsOpen, Close().Refusal?.Code);
        world.Order(Completions.Decide(World.IdOf("one"), world.Scope(World.Releaser), world.State));
        Assert.Null(Close().Refusal);
    }

    [Fact]
    public void Forged_closure_that_keeps_something_back_or_brings_it_elsewhere_is_refused()
    {
        world.Order(world.TryReceive(0, 500, "euros"));
        world.Order(world.TryReceive(World.Foreign, 300, "dollars"));
        var honest = Close().Value!;
        Assert.Equal(RefusalCode.Tampered, world.State.Check(honest with { Postings = [.. honest.Postings.Take(2)] }, World.Key)?.Code);
        Assert.Equal(RefusalCode.Tampered, world.State.Check(honest with { Postings = [.. honest.Postings.Select(posting => posting.AmountMinor < 0 ? posting : posting with { Account = World.OfficeAccount })] }, World.Key)?.Code);
        Assert.Equal(RefusalCode.Tampered, world.State.Check(honest with { Writes = [honest.Writes[0] with { Record = Program() with { Active = false, Name = "another" } }] }, World.Key)?.Code);
    }

    [Fact]
    public void Nothing_is_received_enrolled_accredited_or_paid_in_a_closed_program()
    {
        world.Disburse("paid", "2026-1", 200);
        world.Order(world.TryReceive(0, 500, "euros"));
        world.Order(world.TryApprove(World.Draft("late", World.Voucher, DeliveryMode.Bulk, "2026-2", world.Now + World.Minute, [new LotPart(World.GrantId(0), 100)], [World.LineOf(0, 100)])));
        world.Order(Completions.Decide(World.IdOf("paid"), world.Scope(Id.None), world.State));
        world.Order(Close());
        Outcome<Transaction>[] refused =
        [
            world.TryReceive(0, 100, "more"), world.TryEnrol(World.Voucher, "another list", 1), world.TryRelease("late"),
            world.TryApprove(World.Draft("new", World.Voucher, DeliveryMode.Bulk, "2026-3", world.Now + World.Minute, [new LotPart(World.GrantId(0), 100)], [World.LineOf(0, 100)])),
            VoucherRedemptions.Decide(
                new RedeemCommand(World.Voucher, World.Person(0), World.ShopId(0), 50, ["food"], World.HashOf("till")), world.Scope(World.Cashier, "till"), world.State),
            world.TryRegister(World.Administrator, World.Accredited(1, World.Voucher, "hygiene")), world.TryRegister(World.Administrator, World.Device),
            world.TryRegister(World.Finance, World.GrantOf(0) with { Id = World.IdOf("new grant") }),
            world.TryRegister(World.Administrator, Program() with { Name = "renamed" }),
        ];
        Assert.All(refused, outcome => Assert.Equal(RefusalCode.ProgramClosed, outcome.Refusal?.Code));
        Assert.Null(world.TryRegister(World.Administrator, World.Accredited(0, World.Voucher) with { Active = false }).Refusal);
        Assert.Null(world.TryRegister(World.Administrator, World.Device with { Active = false }).Refusal);
        Assert.Null(world.TryRegister(World.Finance, world.Get<GrantRecord>(RecordKind.Grant, World.GrantId(0))! with { Active = false }).Refusal);
        Assert.Null(world.TryEnrol(World.Community, "list of another program", 1).Refusal);
    }

    [Fact]
    public void Pay_out_that_comes_back_after_the_end_is_settled_again()
    {
        world.Disburse("paid", "2026-1", 200);
        world.Order(VoucherRedemptions.Decide(
            new RedeemCommand(World.Voucher, World.Person(0), World.ShopId(0), 200, ["food"], World.HashOf("till")), world.Scope(World.Cashier, "till"), world.State));
        world.Order(Completions.Decide(World.IdOf("paid"), world.Scope(Id.None), world.State));
        var payout = Settle("first");
        world.Order(Close());
        world.Order(PayoutReturns.Decide(payout, World.HashOf("bounced"), [world.Sign(World.Finance)], world.Scope(World.Finance), world.State));
        Assert.Equal(200, world.State.Book(World.ShopId(0)).Available(World.Unit));
        Settle("second");
        Assert.Equal(200, NetFlow.Settled(flow => world.State.Flow(World.IdOf("lot of paid"), flow)));
    }

    [Fact]
    public void What_was_decided_before_the_end_and_is_ordered_after_it_is_refused()
    {
        var receipt = world.TryReceive(0, 100, "late").Value!;
        world.Order(Close());
        Assert.Equal(RefusalCode.Stale, world.State.Check(receipt, World.Key)?.Code);
    }

    private Id Settle(string name)
    {
        world.Order(SettlementRequests.Decide(World.Voucher, World.ShopId(0), World.IdOf(name), 200, world.Now + World.Minute, world.Scope(World.Cashier), world.State));
        return world.Order(SettlementApprovals.Decide(
            World.IdOf(name), 200, World.HashOf("bank"), [world.Sign(World.Finance)], world.Scope(World.Finance, name), world.State)).Writes.Select(write => write.Record).OfType<PayoutRecord>().Single().Id;
    }

    private ProgramRecord Program() => world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;

    private Outcome<Transaction> Close(Id? by = null) =>
        ProgramClosures.Decide(World.Voucher, [world.Sign(by ?? World.Finance)], world.Scope(by ?? World.Finance, "close"), world.State);
}
