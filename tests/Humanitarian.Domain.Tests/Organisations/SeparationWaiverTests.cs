using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Organisations;

public sealed class SeparationWaiverTests
{
    private static readonly Id Both = World.IdOf("registrar, approver and releaser");
    private readonly World world = new();

    public SeparationWaiverTests()
    {
        world.Register(World.Operator, World.Member(Both, World.Ngo, Roles.Registrar | Roles.Approver | Roles.Releaser));
        world.Order(world.TryReceive(0, 5_000, "receipt"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0));
    }

    [Fact]
    public void One_member_may_do_it_all_only_while_enough_have_signed_and_only_in_that_time()
    {
        Refused(RefusalCode.RolesIncompatible, Approve("before"));
        world.Order(Propose(Waiver(from: world.Now + World.Minute, until: world.Now + (10 * World.Minute))));
        Refused(RefusalCode.RolesIncompatible, Approve("one approval of two"));
        Refused(RefusalCode.AlreadyExists, Sign(World.Administrator));
        Refused(RefusalCode.Forbidden, Sign(Both));
        world.Order(Sign(World.Finance));
        Refused(RefusalCode.RolesIncompatible, Approve("not begun"));
        world.Now += World.Minute;
        world.Order(Approve("in time"));
        world.Order(world.TryRelease("in time", Both));
        world.Order(Approve("released late"));
        world.Now += 9 * World.Minute;
        Refused(RefusalCode.RolesIncompatible, Approve("after"));
        Refused(RefusalCode.RolesIncompatible, world.TryRelease("released late", Both));
    }

    [Fact]
    public void One_who_runs_the_program_ends_a_waiver_at_once()
    {
        world.Order(Propose(Waiver()));
        Refused(RefusalCode.RolesIncompatible, Approve("not enough"));
        world.Order(Sign(World.Finance));
        world.Order(Approve("enough"));
        Refused(RefusalCode.AlreadyExists, Propose(Waiver()));
        Refused(RefusalCode.Forbidden, SeparationWaivers.End(World.Voucher, [world.Sign(World.Finance)], world.Scope(World.Finance), world.State));
        world.Order(SeparationWaivers.End(World.Voucher, [world.Sign(World.Administrator)], world.Scope(World.Administrator), world.State));
        Refused(RefusalCode.RolesIncompatible, Approve("ended"));
        Refused(RefusalCode.WrongState, Sign(World.Approver));
    }

    [Fact]
    public void A_proposal_names_real_members_a_majority_a_reason_and_a_bounded_time()
    {
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Threshold = 1 }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Threshold = 4 }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Members = [World.Administrator], Threshold = 1 }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Members = [World.Finance, World.Approver] }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Members = [World.Administrator, World.Administrator] }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Members = [World.Administrator, World.Stranger] }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Members = [World.Administrator, World.Agent] }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver() with { Reason = "" }));
        Refused(RefusalCode.InvalidInput, Propose(Waiver(until: world.Now)));
        Refused(RefusalCode.InvalidInput, Propose(Waiver(until: world.Now + SeparationWaivers.MaximumMilliseconds + 1)));
    }

    [Fact]
    public void Approvals_are_not_written_by_one_member()
    {
        world.Order(Propose(Waiver()));
        var waiver = Program.Waiver!;
        Refused(RefusalCode.Tampered, world.TryRegister(
            World.Administrator, Program with { Waiver = waiver with { ApprovedBy = [World.Administrator, World.Finance] } }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Finance, Program with { Waiver = waiver with { ApprovedBy = [.. waiver.ApprovedBy, World.Finance], Threshold = 1 } }));
        Refused(RefusalCode.Stale, world.TryRegister(World.Finance, Program with { Name = "other", Waiver = waiver with { ApprovedBy = [.. waiver.ApprovedBy, World.Finance] } }));
        world.Register(World.Finance, Program with { Waiver = waiver with { ApprovedBy = [.. waiver.ApprovedBy, World.Finance] } });
    }

    private ProgramRecord Program => world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;

    private SeparationWaiver Waiver(long? from = null, long? until = null) =>
        new("The office was evacuated.", from ?? world.Now, until ?? (world.Now + (20 * World.Minute)), [World.Administrator, World.Finance, World.Approver], 2, []);

    private Outcome<Transaction> Propose(SeparationWaiver waiver) =>
        SeparationWaivers.Propose(World.Voucher, waiver, [world.Sign(World.Administrator)], world.Scope(World.Administrator), world.State);

    private Outcome<Transaction> Sign(Id member) => SeparationWaivers.Approve(World.Voucher, [world.Sign(member)], world.Scope(member), world.State);

    private Outcome<Transaction> Approve(string name) => world.TryApprove(
        World.Draft(name, World.Voucher, DeliveryMode.Bulk, name, world.Now + (20 * World.Minute), [new LotPart(World.GrantId(0), 200)], [World.LineOf(0, 200)])
            with { CreatedBy = Both },
        Both);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
