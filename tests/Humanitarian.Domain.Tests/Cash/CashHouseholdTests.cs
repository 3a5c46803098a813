using Humanitarian.Domain.Households;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Cash;

/// <summary>Persons 0 and 1 are one household until they part.</summary>
public sealed class CashHouseholdTests
{
    private readonly World world = new World().WithCash(together: true);

    [Fact]
    public void After_a_split_cash_of_the_old_household_is_not_sent_to_the_new_one()
    {
        Line line = World.LineOf(1, 100) with { Household = World.IdOf("split") };
        world.Register(
            World.Registrar,
            world.Get<HouseholdRecord>(RecordKind.Household, World.Household(0))! with { Size = 4, Accounts = [World.Person(0), World.Person(1)] });
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "report", CashWorld.ReportOf("d", 0, 300)));
        world.Order(HouseholdSplits.Decide(
            new SplitCommand(World.Household(0), [World.Person(1)], [], 2, World.Person(1), Id.None, [CashWorld.Program]), World.IdOf("split"),
            world.Scope(World.Registrar), world.State));
        world.Order(world.TryApprove(CashWorld.CashDraft("again", "2026-1", Id.None, world.Now + World.Minute, [line])));
        world.Order(world.TryRelease("again"));
        Assert.Equal([new UnpaidLine(0, RefusalCode.AlreadyAssisted)], world.Order(world.TryInstruct("again", 0, line)).Chunk!.Unpaid);
    }
}
