using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>Household 0 has four people and two accounts, persons 0 and 1; household 2 is person 2's.</summary>
public sealed class HouseholdTests
{
    private readonly World world = new();
    private int drafts;

    public HouseholdTests()
    {
        world.Order(world.TryReceive(1, 1_000_000, "money"));
        world.Order(Enrolments.Decide(
            World.Voucher, World.IdOf("list"), 0, [World.EnrolmentOf(0), World.EnrolmentOf(1) with { Household = World.Household(0) }, World.EnrolmentOf(2)],
            world.Scope(World.Registrar), world.State));
        world.Register(World.Registrar, Old with { Size = 4, Accounts = [World.Person(0), World.Person(1)], Alternates = [World.Person(1)] });
    }

    private HouseholdRecord Old => world.Get<HouseholdRecord>(RecordKind.Household, World.Household(0))!;

    [Fact]
    public void After_a_split_what_was_paid_is_not_paid_again_and_later_periods_are_paid_to_both()
    {
        Assert.Equal([], Pay("2026-1", 0));
        var split = world.Order(Split("split", World.Person(1)));
        Assert.Equal((2, 2), (Old.Size, world.Get<HouseholdRecord>(RecordKind.Household, World.IdOf("split"))!.Size));
        Assert.Empty(Old.Alternates);
        Assert.Equal([World.Key.HouseholdOpened(World.IdOf("split"))], split.Claims);
        Assert.Equal([RefusalCode.AlreadyAssisted], Pay("2026-1", 1));
        Assert.Equal([], Pay("2026-2", 1));
        Assert.Equal([], Pay("2026-2", 0));
    }

    [Fact]
    public void What_those_who_stayed_take_after_a_split_is_not_inherited()
    {
        world.Order(Split("split", World.Person(1)));
        Assert.Equal([], Pay("2026-1", 0));
        Assert.Equal([], Pay("2026-1", 1));
    }

    [Fact]
    public void Claims_are_inherited_through_splits_and_merges()
    {
        Pay("2026-1", 0);
        world.Order(Split("split", World.Person(1)));
        Pay("2026-2", 1);
        Pay("2026-3", 2);
        world.Order(Merge("union", World.IdOf("split"), World.Household(2)));
        foreach (var period in new[] { "2026-1", "2026-2", "2026-3" })
        {
            Assert.Equal([RefusalCode.AlreadyAssisted], Pay(period, 1));
        }

        // Lines that name what was merged count for the union: it has one assistance, whoever collects it.
        Assert.Equal([], Pay("2026-4", 2));
        Assert.Equal(RefusalCode.ClaimTaken, Refused("2026-4", 1));
        Assert.Equal([], Pay("2026-4", 0));
    }

    [Fact]
    public void A_forged_payment_of_an_inherited_claim_does_not_verify()
    {
        Pay("2026-1", 0);
        world.Order(Split("split", World.Person(1)));
        var name = Released("2026-1", LineOf(1, 100));
        var honest = world.TryPay(name, 0, LineOf(1, 100)).Value!;
        var forged = honest with
        {
            Chunk = honest.Chunk! with { Unpaid = [] },
            Postings = [honest.Postings[0] with { AmountMinor = -100 }],
            Claims = [honest.Claims[0], World.Key.Entitlement(World.Person(1), World.Voucher, "2026-1", 0), World.Key.HouseholdAssistance(World.IdOf("split"), "cash", "2026-1")],
        };
        Assert.Equal(RefusalCode.AlreadyAssisted, world.State.Check(forged, World.Key)?.Code);
    }

    [Fact]
    public void Conflicting_changes_of_a_household_are_refused_as_stale()
    {
        var (one, two) = (Split("one", World.Person(1)).Value!, Merge("two", World.Household(0), World.Household(2)).Value!);
        var payment = world.TryPay(Released("2026-1", LineOf(1, 100)), 0, LineOf(1, 100)).Value!;
        world.Order(one);
        Assert.Equal(RefusalCode.Stale, world.State.Check(two, World.Key)?.Code);
        Assert.Equal(RefusalCode.Stale, world.State.Check(payment, World.Key)?.Code);
        Assert.Equal(RefusalCode.NotFound, Split("again", World.Person(1)).Refusal?.Code);
    }

    [Fact]
    public void Who_has_no_account_gets_one_in_a_split_and_is_enrolled()
    {
        var opened = World.IdOf("opened");
        world.Order(HouseholdSplits.Decide(
            new SplitCommand(World.Household(2), [], [opened], 1, Id.None, Id.None, [World.Voucher]), World.IdOf("split"), world.Scope(World.Registrar), world.State));
        Assert.Equal(World.IdOf("split"), world.Get<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(World.Voucher, opened))!.Household);
        var line = new Line(opened, World.IdOf("split"), 100, World.IdOf("salt"));
        Assert.Empty(world.Order(world.TryPay(Released("2026-1", line), 0, line)).Chunk!.Unpaid);
    }

    [Theory]
    [InlineData(0, 2)]
    [InlineData(4, 2)]
    [InlineData(2, 0)]
    public void A_split_leaves_somebody_with_an_account_on_both_sides(int size, int leaving) => Assert.Equal(
        RefusalCode.InvalidInput,
        HouseholdSplits.Decide(
            new SplitCommand(World.Household(0), [.. Enumerable.Range(0, leaving).Select(World.Person)], [], size, Id.None, Id.None, []), World.IdOf("split"),
            world.Scope(World.Registrar), world.State).Refusal?.Code);

    [Fact]
    public void A_death_closes_nobodys_entitlement()
    {
        Pay("2026-1", 0);
        world.Order(Die());
        Assert.Equal((3, World.Person(1)), (Old.Size, Old.Collector));
        Assert.Equal([], Pay("2026-2", 0));
        Assert.Equal(RefusalCode.ClaimTaken, Refused("2026-2", 1));
        Assert.Equal(RefusalCode.AccountFrozen, Redeem(World.Person(0)).Refusal?.Code);
    }

    [Fact]
    public void What_a_deceased_member_held_passes_with_its_lots_once_another_member_approves()
    {
        Pay("2026-1", 0);
        world.Order(Die());
        Assert.Equal(RefusalCode.Forbidden, Succeed(World.Registrar).Refusal?.Code);
        var succession = world.Order(Succeed(World.Approver));
        Assert.Equal(100, world.State.Book(World.Person(1)).AvailableOf(World.Unit, succession.Postings[0].Lot));
        Assert.True(world.State.Book(World.Person(0)).IsEmpty);
        Assert.Equal(RefusalCode.InsufficientFunds, Succeed(World.Approver).Refusal?.Code);
        Assert.Null(Redeem(World.Person(1)).Refusal);

        // What was on the way arrives, and passes too.
        Pay("2026-2", 0);
        world.Order(Succeed(World.Approver));
        Assert.Equal(200, world.State.Book(World.Person(1)).Available(World.Unit));
    }

    [Fact]
    public void Who_recorded_a_death_does_not_approve_the_succession()
    {
        var both = World.IdOf("both");
        world.Register(World.Operator, World.Member(both, World.Ngo, Roles.Registrar | Roles.Approver));
        Pay("2026-1", 0);
        world.Order(Die(both));
        Assert.Equal(RefusalCode.RolesIncompatible, Succeed(both).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Succeed(World.Stranger).Refusal?.Code);
    }

    [Fact]
    public void A_successor_is_of_the_household_or_new()
    {
        Assert.Equal(RefusalCode.InvalidInput, Die(successor: World.Person(2)).Refusal?.Code);
        Assert.Equal(RefusalCode.InvalidInput, Die(successor: World.Person(0)).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, Die(World.Approver).Refusal?.Code);
        var heir = World.IdOf("heir");
        world.Order(Die(successor: heir));
        Assert.Equal(AccountKind.Beneficiary, world.Get<AccountRecord>(RecordKind.Account, heir)!.AccountKind);
        Assert.Equal(heir, Old.Collector);
        Assert.True(world.Get<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(World.Voucher, heir))!.Active);
    }

    [Fact]
    public void A_change_of_records_neither_divides_nor_unites_households()
    {
        void Refuse(Record record) => Assert.Equal(RefusalCode.InvalidInput, world.TryRegister(World.Registrar, record).Refusal?.Code);
        Refuse(Old with { Accounts = [World.Person(0)] });
        Refuse(Old with { Collector = World.Person(2) });
        Refuse(Old with { MergedInto = World.Household(2) });
        Refuse(Old with { Inherits = [new Inheritance(World.Household(2), World.Household(0))] });
        Refuse(world.Get<EnrolmentRecord>(RecordKind.Enrolment, EnrolmentRecord.IdOf(World.Voucher, World.Person(1)))! with { Household = World.Household(2) });
        world.Register(World.Registrar, Old with { Collector = World.Person(1), Alternates = [World.Person(0), World.Person(2)] });
        Assert.Equal(World.Person(1), Old.Collector);
    }

    private Outcome<Transaction> Split(string name, params Id[] leaving) => HouseholdSplits.Decide(
        new SplitCommand(World.Household(0), leaving, [], 2, Id.None, Id.None, [World.Voucher, World.Community]), World.IdOf(name), world.Scope(World.Registrar), world.State);

    private Outcome<Transaction> Merge(string name, params Id[] households) =>
        HouseholdMerges.Decide(households, Id.None, World.IdOf(name), world.Scope(World.Registrar), world.State);

    private Outcome<Transaction> Die(Id? recorder = null, Id? successor = null) => Deaths.Decide(
        new DeathCommand(World.Household(0), World.Person(0), successor ?? World.Person(1), [World.Voucher]), World.IdOf("succession"),
        world.Scope(recorder ?? World.Registrar), world.State);

    private Outcome<Transaction> Succeed(Id approver) =>
        Successions.Decide(World.IdOf("succession"), [world.Sign(approver)], world.Scope(approver), world.State);

    private Outcome<Transaction> Redeem(Id person) => VoucherRedemptions.Decide(
        new RedeemCommand(World.Voucher, person, World.ShopId(0), 10, ["food"], World.HashOf("till")), world.Scope(World.Cashier), world.State);

    private string[] Pay(string period, int person)
    {
        var line = LineOf(person, 100);
        return [.. world.Order(world.TryPay(Released(period, line), 0, line)).Chunk!.Unpaid.Select(unpaid => unpaid.Code)];
    }

    private string? Refused(string period, int person) =>
        world.State.Check(world.TryPay(Released(period, LineOf(person, 100)), 0, LineOf(person, 100)).Value!, World.Key)?.Code;

    // Lists name the household that the person was imported with.
    private static Line LineOf(int person, long amountMinor) => World.LineOf(person, amountMinor) with { Household = World.Household(person == 1 ? 0 : person) };

    private string Released(string period, Line line)
    {
        var name = $"list {drafts++}";
        world.Order(world.TryApprove(World.Draft(
            name, World.Voucher, DeliveryMode.Bulk, period, world.Now + (30 * World.Minute), [new LotPart(World.GrantId(1), line.AmountMinor)], [line])));
        world.Order(world.TryRelease(name));
        return name;
    }
}
