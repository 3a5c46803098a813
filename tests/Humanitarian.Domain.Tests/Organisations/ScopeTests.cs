using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class ScopeTests
{
    private static readonly Id Limited = World.IdOf("limited");
    private readonly World world = new();

    public ScopeTests() => world.Order(world.TryReceive(0, 5_000, "receipt"));

    [Fact]
    public void A_role_limited_to_a_program_decides_there_and_nowhere_else()
    {
        Limit(Roles.Approver | Roles.Registrar, [World.Community], []);
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
        var draft = World.Draft("d", World.Voucher, DeliveryMode.Bulk, "2026-1", world.Now + World.Minute, [new LotPart(World.GrantId(0), 200)], [World.LineOf(0, 200)]);
        Refused(RefusalCode.OutOfScope, world.TryApprove(draft, Limited));
        Refused(RefusalCode.OutOfScope, world.TryApprove(draft with { CreatedBy = Limited }));
        Refused(RefusalCode.OutOfScope, Enrol(World.Voucher, 1));
        world.Order(Enrol(World.Community, 1));
        Limit(Roles.Approver | Roles.Registrar, [World.Community, World.Voucher], []);
        world.Order(world.TryApprove(draft, Limited));
    }

    [Fact]
    public void Decisions_of_the_whole_organisation_are_out_of_a_programs_scope()
    {
        Limit(Roles.Administrator, [World.Voucher], []);
        Refused(RefusalCode.OutOfScope, world.TryRegister(Limited, World.Member(World.IdOf("new"), World.Ngo, Roles.Reader)));
        Refused(RefusalCode.OutOfScope, world.TryRegister(Limited, AccountRecord.Open(World.IdOf("new"), World.Ngo, AccountKind.Organisation)));
        Refused(RefusalCode.OutOfScope, world.TryRegister(Limited, World.Accredited(1, World.Community)));
        Refused(RefusalCode.OutOfScope, Stops.Stop(World.Community, "", Id.None, StopReason.Other, [world.Sign(Limited)], world.Scope(Limited), world.State));
        world.Register(Limited, World.Accredited(1, World.Voucher, "food"));
    }

    [Fact]
    public void A_role_limited_to_an_area_decides_on_it_alone()
    {
        Limit(Roles.Registrar | Roles.ProgramManager, [], ["south"]);
        Refused(RefusalCode.OutOfScope, Enrol(World.Voucher, 0));
        world.Order(Enrol(World.Voucher, 1));
        Refused(RefusalCode.OutOfScope, world.TryRegister(Limited, World.Device with { PerDayMinor = 5 }));
        Refused(RefusalCode.OutOfScope, world.TryRegister(Limited, World.Device with { Id = World.IdOf("anywhere"), Site = "" }));
        world.Register(Limited, World.Device with { Id = World.IdOf("southern"), Site = "south" });
        Refused(RefusalCode.OutOfScope, Stop("north"));
        Refused(RefusalCode.OutOfScope, Stop(""));
        world.Order(Stop("south"));
    }

    [Fact]
    public void An_agent_delivers_only_where_their_role_reaches()
    {
        Line[] lines = [World.LineOf(0, 200), World.LineOf(2, 200)];
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 2));
        world.Order(world.TryApprove(World.Draft(
            "d", World.Voucher, DeliveryMode.InPerson, "2026-1", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 400)], lines)));
        world.Order(world.TryRelease("d"));
        world.Register(World.Administrator, World.Member(World.Agent, World.Ngo, Roles.FieldAgent) with { Scope = new MemberScope([], ["south"]) });
        Refused(RefusalCode.OutOfScope, world.TryDeliver("d", lines[0], 1));
        world.Register(World.Administrator, World.Member(World.Agent, World.Ngo, Roles.FieldAgent) with { Scope = new MemberScope([World.Community], []) });
        Refused(RefusalCode.OutOfScope, world.TryDeliver("d", lines[0], 1));
        world.Register(World.Administrator, World.Member(World.Agent, World.Ngo, Roles.FieldAgent) with { Scope = new MemberScope([World.Voucher], ["north"]) });
        world.Order(world.TryDeliver("d", lines[0], 1));
    }

    [Fact]
    public void A_scope_limits_something_and_names_each_place_once()
    {
        var member = World.Member(Limited, World.Ngo, Roles.Reader);
        foreach (var scope in new[] { new MemberScope([], []), new MemberScope([World.Voucher, World.Voucher], []), new MemberScope([], [""]), new MemberScope([], ["a", "a"]) })
        {
            Refused(RefusalCode.InvalidInput, world.TryRegister(World.Administrator, member with { Scope = scope }));
        }
    }

    private void Limit(Roles roles, Id[] programs, string[] areas) =>
        world.Register(World.Administrator, World.Member(Limited, World.Ngo, roles) with { Scope = new MemberScope(programs, areas) });

    private Outcome<Transaction> Enrol(Id program, int person) =>
        Enrolments.Decide(program, World.IdOf($"list {person}"), 0, [World.EnrolmentOf(person)], world.Scope(Limited), world.State);

    private Outcome<Transaction> Stop(string area) =>
        Stops.Stop(World.Voucher, area, Id.None, StopReason.Other, [world.Sign(Limited)], world.Scope(Limited), world.State);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
