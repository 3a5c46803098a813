using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class StopTests
{
    private static readonly Id Manager = World.IdOf("manager");
    private readonly World world = new();

    public StopTests() => world.Register(World.Operator, World.Member(Manager, World.Ngo, Roles.ProgramManager));

    [Fact]
    public void A_stopped_program_pays_redeems_and_releases_nothing_and_settlement_goes_on()
    {
        world.Disburse("paid", "2026-1", 300, 300);
        world.Order(Redeem(0));
        Line[] lines = [World.LineOf(2, 200)];
        world.Order(world.TryReceive(0, 400, "more"));
        world.Order(world.TryEnrol(World.Voucher, "later list", 2));
        foreach (var name in new[] { "released", "approved" })
        {
            world.Order(world.TryApprove(World.Draft(
                name, World.Voucher, DeliveryMode.Bulk, $"2026-{name}", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 200)], lines)));
        }

        world.Order(world.TryRelease("released"));
        Stop(Manager);

        Refused(RefusalCode.ProgramStopped, Redeem(0));
        Refused(RefusalCode.ProgramStopped, world.TryRelease("approved"));
        Refused(RefusalCode.ProgramStopped, world.TryPay("released", 0, lines));
        world.Order(SettlementRequests.Decide(
            World.Voucher, World.ShopId(0), World.IdOf("settlement"), 100, world.Now + World.Minute, world.Scope(World.Cashier), world.State));
        world.Order(SettlementApprovals.Decide(
            World.IdOf("settlement"), 100, World.HashOf("bank"), [world.Sign(World.Finance)], world.Scope(World.Finance), world.State));

        world.Order(Resume(Manager));
        world.Order(Resume(World.Administrator));
        world.Order(world.TryPay("released", 0, lines));
        world.Order(Redeem(0));
    }

    [Fact]
    public void Resuming_takes_two_members()
    {
        Stop(World.Administrator);
        Refused(RefusalCode.AlreadyExists, TryStop(Manager));
        world.Order(Resume(World.Administrator));
        Refused(RefusalCode.RolesIncompatible, Resume(World.Administrator));
        Refused(RefusalCode.Forbidden, Resume(World.Approver));
        Refused(RefusalCode.Forbidden, Resume(World.Stranger));
        world.Order(Resume(Manager));
        Assert.Empty(Program.Stops);
        Refused(RefusalCode.WrongState, Resume(Manager));
    }

    [Fact]
    public void What_an_operator_stopped_is_not_resumed_without_one()
    {
        Stop(World.Operator);
        world.Order(Resume(World.Administrator));
        Refused(RefusalCode.Forbidden, Resume(Manager));
        world.Order(Resume(World.Operator));
        Assert.Empty(Program.Stops);
    }

    [Fact]
    public void Who_has_no_part_in_running_it_stops_nothing()
    {
        foreach (var member in new[] { World.Approver, World.Registrar, World.Finance, World.Stranger, World.Cashier })
        {
            Refused(RefusalCode.Forbidden, TryStop(member));
        }
    }

    [Fact]
    public void A_stopped_area_leaves_its_lines_unpaid_and_its_people_do_not_redeem()
    {
        world.Disburse("paid", "2026-1", 300, 300);
        Stop(World.Administrator, area: "north");
        Refused(RefusalCode.ProgramStopped, Redeem(0));
        world.Order(Redeem(1));

        Line[] lines = [World.LineOf(0, 200), World.LineOf(1, 200)];
        world.Order(world.TryReceive(0, 400, "more"));
        world.Order(world.TryApprove(World.Draft(
            "later", World.Voucher, DeliveryMode.Bulk, "2026-2", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 400)], lines)));
        world.Order(world.TryRelease("later"));
        var paid = world.Order(world.TryPay("later", 0, lines));
        Assert.Equal([new UnpaidLine(0, RefusalCode.ProgramStopped)], paid.Chunk!.Unpaid);
    }

    [Fact]
    public void A_stopped_vendor_is_paid_nothing_and_another_is()
    {
        world.Disburse("paid", "2026-1", 300);
        Stop(World.Administrator, vendor: World.ShopId(0));
        Refused(RefusalCode.VendorStopped, Redeem(0));
        world.Order(Redeem(0, shop: 1));
    }

    [Fact]
    public void Stops_are_not_written_away_beside_another_change()
    {
        Stop(World.Operator);
        Refused(RefusalCode.RolesIncompatible, world.TryRegister(World.Administrator, Program with { Stops = [] }));
        Refused(RefusalCode.Stale, world.TryRegister(World.Administrator, Program with { Stops = [], Name = "other" }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Administrator, Program with { Stops = [Program.Stops[0] with { ResumeAskedBy = Manager }] }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Administrator, Program with { Stops = [Program.Stops[0] with { StoppedBy = World.Administrator }] }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Administrator, Program with { Stops = [Program.Stops[0], Program.Stops[0], Program.Stops[0]] }));
    }

    [Fact]
    public void A_stop_is_of_one_place()
    {
        Refused(RefusalCode.InvalidInput, TryStop(Manager, "north", World.ShopId(0)));
        Refused(RefusalCode.InvalidInput, TryStop(Manager, new string('n', Stops.MaximumArea + 1)));
        Refused(RefusalCode.AccountUnknown, TryStop(Manager, vendor: World.OfficeAccount));
    }

    private ProgramRecord Program => world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;

    private void Stop(Id member, string area = "", Id vendor = default) => world.Order(TryStop(member, area, vendor));

    private Outcome<Transaction> TryStop(Id member, string area = "", Id vendor = default) =>
        Stops.Stop(World.Voucher, area, vendor, StopReason.Complaint, [world.Sign(member)], world.Scope(member), world.State);

    private Outcome<Transaction> Resume(Id member) =>
        Stops.Resume(World.Voucher, "", Id.None, [world.Sign(member)], world.Scope(member), world.State);

    private Outcome<Transaction> Redeem(int person, int shop = 0) => VoucherRedemptions.Decide(
        new RedeemCommand(World.Voucher, World.Person(person), World.ShopId(shop), 100, ["food"], World.HashOf("receipt")), world.Scope(World.Cashier), world.State);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
