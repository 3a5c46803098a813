using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class GuidanceTests
{
    private static readonly Id Group = World.IdOf("working group");
    private static readonly Id Coordinator = World.IdOf("coordinator");
    private readonly World world = new();

    public GuidanceTests()
    {
        world.Register(World.Operator, new OrganisationRecord(Group, "Cash working group", OrganisationKind.WorkingGroup, true, true));
        world.Register(World.Operator, World.Member(Coordinator, Group, Roles.ProgramManager));
        world.Order(world.TryReceive(0, 5_000, "receipt"));
        world.Order(Enrolments.Decide(
            World.Voucher, World.IdOf("list"), 0, [World.EnrolmentOf(0), World.EnrolmentOf(1) with { HouseholdSize = 9 }], world.Scope(World.Registrar), world.State));
    }

    private long Today => Limits.DayOf(world.Now);

    [Fact]
    public void A_program_that_follows_pays_what_is_recommended_for_the_households_size()
    {
        Follow("");
        Refused(RefusalCode.NotHarmonised, Approve("none recommended", "2026-10"));
        world.Register(Coordinator, Values());
        Refused(RefusalCode.NotHarmonised, Approve("no month", "autumn"));
        Assert.Equal([], Pay("right", "2026-11", (0, 300), (1, 500)));
        Assert.Equal([new UnpaidLine(0, RefusalCode.NotHarmonised), new UnpaidLine(1, RefusalCode.NotHarmonised)], Pay("wrong", "2026-12", (0, 301), (1, 300)));
    }

    [Fact]
    public void A_program_that_deviates_says_why()
    {
        Follow("Prices here are half of the capital's.");
        Assert.Equal([], Pay("less", "autumn", (0, 150), (1, 250)));
        Refused(RefusalCode.InvalidInput, Propose(new Harmonised(Group.ToString(), " ")));
        Refused(RefusalCode.InvalidInput, Propose(new Harmonised("no id", "")));
    }

    [Fact]
    public void Recommendations_count_in_their_days_and_the_newest_counts()
    {
        Follow("");
        world.Register(Coordinator, Values() with { UntilDay = Today });
        world.Order(Approve("today", "2026-10"));
        world.Now += 24 * 60 * World.Minute;
        Refused(RefusalCode.NotHarmonised, Approve("tomorrow", "2026-11"));
        world.Register(Coordinator, Values() with { Period = PeriodForm.Quarter });
        Refused(RefusalCode.NotHarmonised, Approve("month", "2026-11"));
        Refused(RefusalCode.NotHarmonised, Approve("fifth quarter", "2026-Q5"));
        world.Order(Approve("quarter", "2026-Q4"));
    }

    [Fact]
    public void Only_a_working_group_recommends_and_in_order()
    {
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Administrator, Values(World.Ngo)));
        Refused(RefusalCode.Forbidden, world.TryRegister(World.Administrator, Values()));
        Refused(RefusalCode.Tampered, world.TryRegister(Coordinator, Values() with { AssistanceKind = "rent" }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(Coordinator, Values() with { Values = [] }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(Coordinator, Values() with { Values = [new RecommendedValue(4, 300), new RecommendedValue(4, 500)] }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(Coordinator, Values() with { Values = [new RecommendedValue(4, 0)] }));
        Refused(RefusalCode.InvalidInput, world.TryRegister(Coordinator, Values() with { UntilDay = Today - 1 }));
    }

    private GuidanceRecord Values(Id? group = null) => new(
        GuidanceRecord.IdOf(group ?? Group, "cash", World.Unit), group ?? Group, "cash", World.Unit, PeriodForm.Month, Today, Today + 90,
        [new RecommendedValue(4, 300), new RecommendedValue(8, 500)]);

    private void Follow(string deviation)
    {
        world.Order(Propose(new Harmonised(Group.ToString(), deviation)));
        world.Order(world.TryApproveTerms(World.Voucher));
    }

    private Outcome<Transaction> Propose(Rule rule)
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var terms = TermsJson.Read(World.VoucherTerms).Value!;
        return world.TryPropose(program with { Terms = TermsJson.Write(terms with { Rules = [.. terms.Rules, rule] }) });
    }

    private Outcome<Transaction> Approve(string name, string period) => Approve(name, period, [World.LineOf(0, 300)]);

    private Outcome<Transaction> Approve(string name, string period, Line[] lines) => world.TryApprove(World.Draft(
        name, World.Voucher, DeliveryMode.Bulk, period, world.Now + (20 * World.Minute), [new LotPart(World.GrantId(0), lines.Sum(line => line.AmountMinor))], lines));

    private IReadOnlyList<UnpaidLine> Pay(string name, string period, params (int Person, long AmountMinor)[] amounts)
    {
        Line[] lines = [.. amounts.Select(amount => World.LineOf(amount.Person, amount.AmountMinor))];
        world.Order(Approve(name, period, lines));
        world.Order(world.TryRelease(name));
        return world.Order(world.TryPay(name, 0, lines)).Chunk!.Unpaid;
    }

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
