using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Lots;

/// <summary>Costs with their indirect part, and their recharge to another grant. Grants 0 and 1 bear 7 percent and allow recharges.</summary>
public sealed class CostTests
{
    private readonly World world = new();

    public CostTests()
    {
        world.Order(world.TryReceive(0, 100, "first"));
        world.Now += World.Minute;
        world.Order(world.TryReceive(0, 400, "second"));
        world.Order(world.TryReceive(1, 1_000, "other"));
    }

    [Fact]
    public void Indirect_part_is_charged_with_the_direct_one_and_rounded_down()
    {
        var cost = Booked(Cost(199, "travel", withIndirect: true));
        Assert.Equal([new LotPart(World.IdOf("first"), 100), new LotPart(World.IdOf("second"), 99)], cost.Direct);
        Assert.Equal([new LotPart(World.IdOf("second"), 13)], cost.Indirect);
        Assert.Equal((199L, 13L), (Grant(0).BudgetLines[0].SpentMinor, Grant(0).IndirectMinor));
        Assert.Equal((99L, 13L), (Flow("second", LotFlow.Cost), Flow("second", LotFlow.Indirect)));
        Assert.Equal(500 - 199 - 13, world.State.Book(World.PoolOf(World.Voucher)).Lots(World.Unit).Where(part => part.Lot != World.IdOf("other")).Sum(part => part.AmountMinor));
    }

    [Fact]
    public void Many_small_costs_are_never_over_the_rate_in_total()
    {
        for (var number = 0; number < 10; number++)
        {
            world.Order(Cost(29, $"small {number}", withIndirect: true));
        }

        // Seven percent of 29 is 2.03; of the 290 together 20.3.
        Assert.Equal(20, Grant(0).IndirectMinor);
        world.Order(Cost(10, "too small", withIndirect: true));
        Assert.Equal(20, Grant(0).IndirectMinor);
    }

    [Fact]
    public void Indirect_part_needs_a_rate_and_its_money()
    {
        world.Order(world.TryReceive(2, 500, "community"));
        Assert.Equal("withIndirect", Costs.Decide(new CostCommand(World.GrantId(2), "staff", 10, true, default), world.NextId(), world.Scope(World.Finance), world.State).Refusal?.Field);
        Assert.Null(Cost(480, "direct alone", withIndirect: false).Refusal);
        Assert.Equal(RefusalCode.InsufficientFunds, Cost(480, "both", withIndirect: true).Refusal?.Code);
    }

    [Fact]
    public void Forged_indirect_part_is_refused()
    {
        var honest = Cost(200, "travel", withIndirect: true).Value!;
        var cost = (CostRecord)honest.Writes[1].Record;
        Assert.Null(world.State.Check(honest, World.Key));
        foreach (var indirect in new[] { 13, 15 })
        {
            LotPart[] parts = [new LotPart(World.IdOf("second"), indirect)];
            var forged = honest with
            {
                Writes = [honest.Writes[0] with { Record = (GrantRecord)honest.Writes[0].Record with { IndirectMinor = indirect } }, new RecordWrite(1, cost with { Indirect = parts })],
                Postings = [.. honest.Postings.Take(4), .. new PairedMove(Side.Available(World.PoolOf(World.Voucher)), Side.Available(WorldAccount.IdOf(World.Unit)), World.Unit, parts).Postings()],
            };
            Assert.Equal(RefusalCode.Tampered, world.State.Check(forged, World.Key)?.Code);
        }
    }

    [Fact]
    public void Recharge_restores_the_lots_of_the_first_grant_and_charges_the_other_once()
    {
        var cost = Booked(Cost(199, "travel", withIndirect: true));
        var moved = Booked(Recharge(cost.Id, 1));
        Assert.Equal((0L, 0L, 199L, 13L), (Grant(0).BudgetLines[0].SpentMinor, Grant(0).IndirectMinor, Grant(1).BudgetLines[0].SpentMinor, Grant(1).IndirectMinor));
        var pool = world.State.Book(World.PoolOf(World.Voucher));
        Assert.Equal((100L, 400L, 1_000L - 212), (pool.AvailableOf(World.Unit, World.IdOf("first")), pool.AvailableOf(World.Unit, World.IdOf("second")), pool.AvailableOf(World.Unit, World.IdOf("other"))));
        Assert.Equal(0, NetFlow.Costs(flow => world.State.Flow(World.IdOf("first"), flow)));
        Assert.Equal(RefusalCode.WrongState, Recharge(cost.Id, 1).Refusal?.Code);
        var back = Booked(Recharge(moved.Id, 0, withIndirect: false));
        Assert.Equal((back.RechargedFrom, 199L, 0L, 0L), (moved.Id, Grant(0).BudgetLines[0].SpentMinor, Grant(0).IndirectMinor, Grant(1).BudgetLines[0].SpentMinor));
    }

    [Fact]
    public void Recharge_is_refused_where_a_grant_does_not_allow_it()
    {
        world.Order(world.TryReceive(2, 500, "community"));
        world.Order(world.TryReceive(World.Foreign, 500, "dollars"));
        var cost = Booked(Cost(100, "travel", withIndirect: false));
        Assert.Equal(RefusalCode.InvalidInput, Recharge(cost.Id, 0).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, Recharge(cost.Id, 2).Refusal?.Code);
        Assert.Equal(RefusalCode.UnitMismatch, Recharge(cost.Id, World.Foreign).Refusal?.Code);
        Revise(1, grant => grant with { AllowsRecharges = false });
        Assert.Equal(RefusalCode.RechargeForbidden, Recharge(cost.Id, 1).Refusal?.Code);
        Revise(1, grant => grant with { AllowsRecharges = true, Earmark = "north" });
        Assert.Equal(RefusalCode.GrantIneligible, Recharge(cost.Id, 1).Refusal?.Code);
        Revise(1, grant => grant with { Earmark = "", EligibleFrom = world.Now + 1 });
        Assert.Equal(RefusalCode.GrantIneligible, Recharge(cost.Id, 1).Refusal?.Code);
        world.Now += World.Minute;
        Assert.Equal("The cost was booked outside the other grant's eligibility dates.", Recharge(cost.Id, 1).Refusal?.Message);
        Revise(1, grant => grant with { EligibleFrom = World.Start, BudgetLines = [new BudgetLine("staff", 99, 0)] });
        Assert.Equal(RefusalCode.BudgetExceeded, Recharge(cost.Id, 1).Refusal?.Code);
        Revise(1, grant => grant with { BudgetLines = [new BudgetLine("staff", 100, 0)] });
        Assert.Equal(RefusalCode.Forbidden, Recharge(cost.Id, 1, by: World.Registrar).Refusal?.Code);
        Assert.Equal(RefusalCode.SignatureRequired, world.State.Check(Recharge(cost.Id, 1).Value! with { Authorisations = [] }, World.Key)?.Code);
        Revise(0, grant => grant with { EligibleUntil = world.Now });
        Assert.Equal(RefusalCode.GrantIneligible, Recharge(cost.Id, 1).Refusal?.Code);
    }

    [Fact]
    public void Terms_of_costs_are_within_bounds_and_what_was_charged_stands()
    {
        Assert.Equal("indirectRate", world.TryRegister(World.Finance, Grant(0) with { IndirectRate = 10_001 }).Refusal?.Field);
        world.Order(Cost(100, "travel", withIndirect: true));
        Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Finance, Grant(0) with { IndirectMinor = 0 }).Refusal?.Code);
        Revise(0, grant => grant with { IndirectRate = 0 });
        Assert.Equal(RefusalCode.InvalidInput, Cost(100, "again", withIndirect: true).Refusal?.Code);
        Assert.Equal(7, Grant(0).IndirectMinor);
    }

    private GrantRecord Grant(int number) => world.Get<GrantRecord>(RecordKind.Grant, World.GrantId(number))!;

    private void Revise(int number, Func<GrantRecord, GrantRecord> change) => world.Register(World.Finance, change(Grant(number)));

    private long Flow(string lot, LotFlow flow) => world.State.Flow(World.IdOf(lot), flow);

    private CostRecord Booked(Outcome<Transaction> outcome) => (CostRecord)world.Order(outcome).Writes[^1].Record;

    private Outcome<Transaction> Cost(long amountMinor, string name, bool withIndirect) => Costs.Decide(
        new CostCommand(World.GrantId(0), "staff", amountMinor, withIndirect, World.HashOf("invoice")), World.IdOf(name), world.Scope(World.Finance), world.State);

    private Outcome<Transaction> Recharge(Id cost, int grant, bool withIndirect = true, Id? by = null) => Recharges.Decide(
        new RechargeCommand(cost, World.GrantId(grant), "staff", withIndirect && grant < 2, World.HashOf("minutes")), world.NextId(),
        [world.Sign(by ?? World.Finance)], world.Scope(by ?? World.Finance), world.State);
}
