using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class EmergencyTests
{
    private const int Cap = 400;
    private static readonly Id Auditor = World.IdOf("auditor");
    private readonly World world = new();

    public EmergencyTests()
    {
        world.Register(World.Operator, World.Member(Auditor, World.Ngo, Roles.Auditor));
        world.Order(world.TryReceive(0, 5_000, "receipt"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var terms = TermsJson.Of(program);
        world.Amend(program with { Terms = TermsJson.Write(terms with { Rules = [.. terms.Rules, new BreakGlass(Cap, 600)] }) });
    }

    [Fact]
    public void A_role_is_taken_for_one_disbursement_up_to_the_cap_and_in_time()
    {
        Refused(RefusalCode.Forbidden, Approve("d", Cap));
        world.Order(Take("first", subject: "d"));
        Refused(RefusalCode.Forbidden, Approve("another", Cap));
        Refused(RefusalCode.Forbidden, Approve("d", Cap + 1));
        world.Order(Approve("d", Cap));
        Refused(RefusalCode.Forbidden, world.TryRelease("d", World.Finance));
        world.Order(world.TryRelease("d"));
    }

    [Fact]
    public void A_role_taken_in_an_emergency_decides_nothing_in_a_suspended_organisation()
    {
        world.Order(Approve("d", Cap, World.Approver));
        world.Order(Take("first", subject: "d", role: Roles.Releaser));
        var organisation = world.Get<OrganisationRecord>(RecordKind.Organisation, World.Ngo)!;
        world.Register(World.Operator, organisation with { Active = false });
        Refused(RefusalCode.OrganisationSuspended, world.TryRelease("d", World.Finance));
        world.Register(World.Operator, organisation);
        world.Order(world.TryRelease("d", World.Finance));
    }

    [Fact]
    public void It_ends_with_its_time_and_with_its_review()
    {
        world.Order(Take("first", subject: "d"));
        world.Now += 10 * World.Minute;
        Refused(RefusalCode.Forbidden, Approve("d", Cap));
        world.Order(Review("first", Auditor));
        world.Order(Take("second", subject: "d"));
        world.Order(Review("second", World.Administrator));
        Refused(RefusalCode.Forbidden, Approve("d", Cap));
    }

    [Fact]
    public void An_unreviewed_one_blocks_the_next_and_another_member_reviews_once()
    {
        world.Order(Take("first", subject: "d"));
        world.Now += 10 * World.Minute;
        Refused(RefusalCode.ReviewDue, Take("second", subject: "d"));
        Refused(RefusalCode.RolesIncompatible, Review("first", World.Finance));
        Refused(RefusalCode.Forbidden, Review("first", World.Approver));
        Refused(RefusalCode.Forbidden, Review("first", World.Stranger));
        world.Order(Review("first", Auditor));
        Refused(RefusalCode.WrongState, Review("first", World.Administrator));
        var kept = world.Get<EmergencyRecord>(RecordKind.Emergency, World.IdOf("first"))!;
        Assert.Equal((Auditor, true, "looked at"), (kept.ReviewedBy, kept.Justified, kept.Review));
        world.Order(Take("second", subject: "d"));
    }

    [Fact]
    public void Only_what_the_terms_allow_is_taken()
    {
        Refused(RefusalCode.WrongState, Take("e", subject: "d", program: World.Community));
        Refused(RefusalCode.InvalidInput, Take("e", subject: "d", seconds: 601));
        Refused(RefusalCode.InvalidInput, Take("e", subject: "d", seconds: 0));
        Refused(RefusalCode.InvalidInput, Take("e", subject: "d", role: Roles.Finance));
        Refused(RefusalCode.InvalidInput, Take("e", subject: "d", role: Roles.Administrator));
        Refused(RefusalCode.InvalidInput, Take("e", subject: "d", role: Roles.Approver | Roles.Releaser));
        Refused(RefusalCode.NotFound, Emergencies.Take(
            World.IdOf("e"), World.Voucher, World.IdOf("d"), Roles.Approver, world.Now + World.Minute, "why", [world.Sign(World.Cashier)], world.Scope(World.Cashier), world.State));
    }

    [Fact]
    public void Nobody_takes_or_drops_a_role_for_another()
    {
        world.Order(Take("first", subject: "d"));
        var member = world.Get<MemberRecord>(RecordKind.Member, World.Finance)!;
        var record = world.Get<EmergencyRecord>(RecordKind.Emergency, World.IdOf("first"))!;
        Refused(RefusalCode.Stale, world.TryRegister(World.Administrator, member with { Emergency = null }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Finance, member with { Emergency = null }, record with { Justified = true }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Finance, record with { CapMinor = 1_000_000 }));
        Refused(RefusalCode.Tampered, world.TryRegister(
            Auditor, member with { Emergency = null, Roles = Roles.Administrator }, record with { ReviewedBy = Auditor, Review = "fine" }));
    }

    private Outcome<Transaction> Take(string name, string subject, Roles role = Roles.Approver, long seconds = 600, Id? program = null) => Emergencies.Take(
        World.IdOf(name), program ?? World.Voucher, World.IdOf(subject), role, world.Now + (seconds * 1000), "The approver cannot be reached.",
        [world.Sign(World.Finance)], world.Scope(World.Finance), world.State);

    private Outcome<Transaction> Review(string name, Id member) =>
        Emergencies.Review(World.IdOf(name), true, "looked at", [world.Sign(member)], world.Scope(member), world.State);

    private Outcome<Transaction> Approve(string name, long amountMinor, Id? by = null) => world.TryApprove(
        World.Draft(
            name, World.Voucher, DeliveryMode.Bulk, name, world.Now + (20 * World.Minute), [new LotPart(World.GrantId(0), amountMinor)], [World.LineOf(0, amountMinor)]),
        by ?? World.Finance);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
