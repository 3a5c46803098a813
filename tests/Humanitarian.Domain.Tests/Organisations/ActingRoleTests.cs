using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class ActingRoleTests
{
    private readonly World world = new();

    public ActingRoleTests()
    {
        world.Order(world.TryReceive(0, 5_000, "receipt"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
    }

    [Fact]
    public void A_role_is_held_for_another_between_two_dates_only()
    {
        Refused(RefusalCode.Forbidden, Approve("early", World.Finance));
        world.Order(Appoint(World.Finance, World.Approver, Roles.Approver, from: world.Now + World.Minute, until: world.Now + (10 * World.Minute)));
        Refused(RefusalCode.Forbidden, Approve("not begun", World.Finance));
        world.Now += World.Minute;
        world.Order(Approve("in time", World.Finance));
        world.Now += 9 * World.Minute;
        Refused(RefusalCode.Forbidden, Approve("over", World.Finance));
    }

    [Fact]
    public void It_ends_with_the_role_of_who_is_acted_for_and_when_an_administrator_says()
    {
        world.Order(Appoint(World.Finance, World.Approver, Roles.Approver));
        world.Order(ActingRoles.End(World.Finance, World.Approver, world.Now + World.Minute, [world.Sign(World.Administrator)], world.Scope(World.Administrator), world.State));
        world.Order(Approve("still", World.Finance));
        world.Now += World.Minute;
        Refused(RefusalCode.Forbidden, Approve("ended", World.Finance));

        world.Order(Appoint(World.Finance, World.Approver, Roles.Approver));
        world.Register(World.Administrator, World.Member(World.Approver, World.Ngo, Roles.Reader));
        Refused(RefusalCode.Forbidden, Approve("role is gone", World.Finance));
    }

    [Fact]
    public void Who_acts_and_who_is_acted_for_never_both_decide_on_one_disbursement()
    {
        var both = World.IdOf("approver and releaser");
        world.Register(World.Operator, World.Member(both, World.Ngo, Roles.Approver | Roles.Releaser));
        world.Order(Appoint(World.Finance, both, Roles.Approver | Roles.Releaser));
        world.Order(Approve("d", World.Finance));
        Refused(RefusalCode.RolesIncompatible, world.TryRelease("d", both));
        Refused(RefusalCode.RolesIncompatible, world.TryRelease("d", World.Finance));

        world.Order(Appoint(World.Agent, both, Roles.Releaser));
        Refused(RefusalCode.RolesIncompatible, world.TryRelease("d", World.Agent));
        world.Order(world.TryRelease("d", World.Releaser));
    }

    [Fact]
    public void What_was_held_stays_on_record()
    {
        world.Order(Appoint(World.Finance, World.Approver, Roles.Approver));
        var member = world.Get<MemberRecord>(RecordKind.Member, World.Finance)!;
        Refused(RefusalCode.Stale, world.TryRegister(World.Administrator, member with { Acting = [] }));
        Refused(RefusalCode.Stale, world.TryRegister(World.Administrator, member with { Acting = [member.Acting[0] with { Until = long.MaxValue }] }));
        Refused(RefusalCode.Stale, world.TryRegister(World.Administrator, member with { Acting = [member.Acting[0] with { For = World.Releaser }] }));
        world.Now += (20 * World.Minute) + ActingRoles.KeptMilliseconds;
        world.Register(World.Administrator, member with { Acting = [] });
    }

    [Fact]
    public void Nobody_is_appointed_wrongly()
    {
        Refused(RefusalCode.Forbidden, Appoint(World.Finance, World.Approver, Roles.Approver, by: World.Approver));
        Refused(RefusalCode.Forbidden, Appoint(World.Administrator, World.Approver, Roles.Approver));
        Refused(RefusalCode.InvalidInput, Appoint(World.Finance, World.Releaser, Roles.Approver));
        Refused(RefusalCode.InvalidInput, Appoint(World.Finance, World.Stranger, Roles.Approver));
        Refused(RefusalCode.InvalidInput, Appoint(World.Finance, World.Administrator, Roles.Administrator));
        Refused(RefusalCode.InvalidInput, Appoint(World.Finance, World.Approver, Roles.Approver, until: world.Now));
        Refused(RefusalCode.InvalidInput, Appoint(World.Finance, World.Approver, Roles.Approver, until: world.Now + ActingRoles.MaximumMilliseconds + 1));
    }

    private Outcome<Transaction> Appoint(Id member, Id absent, Roles roles, long? from = null, long? until = null, Id? by = null) => ActingRoles.Appoint(
        member, absent, roles, from ?? world.Now, until ?? (world.Now + (20 * World.Minute)), [world.Sign(by ?? World.Administrator)],
        world.Scope(by ?? World.Administrator), world.State);

    private Outcome<Transaction> Approve(string name, Id approver) => world.TryApprove(
        World.Draft(name, World.Voucher, DeliveryMode.Bulk, name, world.Now + (20 * World.Minute), [new LotPart(World.GrantId(0), 200)], [World.LineOf(0, 200)]), approver);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
