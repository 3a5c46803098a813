using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

public sealed class AmendmentTests
{
    private readonly World world = new();

    private ProgramRecord Program => world.Get<ProgramRecord>(RecordKind.Program, World.Community)!;

    private ProgramRecord Stricter => Program with { Terms = World.StricterTerms };

    [Fact]
    public void Terms_that_nobody_else_has_approved_are_not_in_effect()
    {
        world.Order(world.TryPropose(Stricter));
        Assert.Equal((World.CommunityTerms, 1u, World.Administrator), (Program.Terms, Program.TermsVersion, Program.Amendment!.ProposedBy));
        Refused(RefusalCode.AlreadyExists, world.TryPropose(Stricter));
        Refused(RefusalCode.RolesIncompatible, world.TryApproveTerms(World.Community, World.Administrator));
        Refused(RefusalCode.Forbidden, world.TryApproveTerms(World.Community, World.Releaser));
        Refused(RefusalCode.Forbidden, world.TryApproveTerms(World.Community, World.Stranger));
        world.Order(world.TryApproveTerms(World.Community));
        Assert.Equal((World.StricterTerms, 2u, null), (Program.Terms, Program.TermsVersion, Program.Amendment));
        Refused(RefusalCode.WrongState, world.TryApproveTerms(World.Community));
    }

    // Red without ActingRoles.NeverBoth in Amendments.CheckChange: one authority would propose and approve.
    [Fact]
    public void Who_acts_for_the_proposer_does_not_approve_the_terms()
    {
        var manager = World.IdOf("manager");
        world.Register(World.Administrator, World.Member(manager, World.Ngo, Roles.ProgramManager | Roles.Approver));
        world.Order(ActingRoles.Appoint(
            World.Finance, manager, Roles.Approver, world.Now, world.Now + (10 * World.Minute), [world.Sign(World.Administrator)], world.Scope(World.Administrator), world.State));
        world.Order(Amendments.Propose(World.Community, World.StricterTerms, 0, 0, [world.Sign(manager)], world.Scope(manager), world.State));
        Refused(RefusalCode.RolesIncompatible, world.TryApproveTerms(World.Community, World.Finance));
        world.Order(world.TryApproveTerms(World.Community));
    }

    [Fact]
    public void Terms_are_not_changed_past_a_proposal()
    {
        Refused(RefusalCode.WrongState, world.TryRegister(World.Administrator, Stricter with { TermsVersion = 2 }));
        var amendment = new TermsAmendment(World.StricterTerms, 0, 0, World.Administrator, World.Approver);
        Refused(RefusalCode.WrongState, world.TryRegister(World.Administrator, Program with { Amendment = amendment }));
        Refused(RefusalCode.WrongState, world.TryRegister(World.Approver, Program with { Amendment = amendment with { ApprovedBy = Id.None } }));
        world.Order(world.TryPropose(Stricter));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Approver, Program with { Amendment = amendment with { Terms = World.CommunityTerms } }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Approver, Program with { Terms = World.StricterTerms, TermsVersion = 3, Amendment = null }));
        Refused(RefusalCode.Tampered, world.TryRegister(World.Approver, Program with { Name = "Another", Terms = World.StricterTerms, TermsVersion = 2, Amendment = null }));
    }

    // Red without FromTime or FromHeight in IsDue.
    [Theory]
    [InlineData(10 * World.Minute, 0)]
    [InlineData(0, 7)]
    [InlineData(10 * World.Minute, 7)]
    public void Approved_terms_wait_for_their_time_and_height(long after, ulong height)
    {
        world.Order(world.TryPropose(Stricter, after == 0 ? 0 : world.Now + after, height));
        world.Order(world.TryApproveTerms(World.Community));
        Assert.Equal((World.CommunityTerms, World.Approver), (Program.Terms, Program.Amendment!.ApprovedBy));
        Refused(RefusalCode.AlreadyExists, world.TryApproveTerms(World.Community, World.Administrator));
        (world.Now, world.State.Height) = (world.Now + after - 1, height);
        if (after > 0)
        {
            Refused(RefusalCode.WrongState, PutInEffect());
        }

        (world.Now, world.State.Height) = (world.Now + 1, height == 0 ? 0 : height - 1);
        if (height > 0)
        {
            Refused(RefusalCode.WrongState, PutInEffect());
        }

        world.State.Height = height;
        world.Order(PutInEffect());
        Assert.Equal((World.StricterTerms, 2u, null), (Program.Terms, Program.TermsVersion, Program.Amendment));
    }

    [Fact]
    public void Nobody_puts_terms_in_effect_before_they_are_due_or_others_than_were_approved()
    {
        world.Order(world.TryPropose(Stricter, world.Now + World.Minute));
        world.Order(world.TryApproveTerms(World.Community));
        var forged = world.Scope(Id.None).Draft(TransactionKind.TermsAmendment, namesPersons: false) with
        {
            Program = World.Community,
            Writes = [new RecordWrite(world.State.VersionOf(Program.Key) + 1, Program with { Terms = World.StricterTerms, TermsVersion = 2, Amendment = null })],
        };
        Assert.Equal(RefusalCode.Tampered, world.State.Check(forged, null)?.Code);
        world.Now += World.Minute;
        var due = forged with { DecidedAt = world.Now, ValidUntil = world.Now + 1 };
        Assert.Null(world.State.Check(due, null));
        Assert.Equal(RefusalCode.Tampered, world.State.Check(due with { Principal = World.Administrator }, null)?.Code);
        var dropped = due with { Writes = [due.Writes[0] with { Record = Program with { Amendment = null } }] };
        Assert.Equal(RefusalCode.Tampered, world.State.Check(dropped, null)?.Code);
    }

    [Fact]
    public void Proposed_terms_can_be_taken_back_before_they_are_in_effect()
    {
        world.Order(world.TryPropose(Stricter, world.Now + World.Minute));
        world.Order(world.TryApproveTerms(World.Community));
        Refused(RefusalCode.Forbidden, Withdraw(World.Finance));
        world.Order(Withdraw(World.Approver));
        Assert.Null(Program.Amendment);
        Refused(RefusalCode.WrongState, Withdraw(World.Administrator));
    }

    [Fact]
    public void Terms_for_a_time_too_far_ahead_are_refused() =>
        Refused(RefusalCode.InvalidInput, world.TryPropose(Stricter, world.Now + Amendments.MaximumMilliseconds + 1));

    // Red without the dropping in Amendments.Ended: they would be tried for ever.
    [Fact]
    public void Approved_terms_that_have_become_impossible_are_dropped()
    {
        var local = Local.Open(Local.Terms);
        var day = DateOnly.FromDateTime(DateTimeOffset.FromUnixTimeMilliseconds(local.Now).UtcDateTime);
        var faster = Local.Terms.Replace("}]},", $"}},{{\"from\":\"{day.AddDays(2):yyyy-MM-dd}\",\"dailyFactor\":\"0.9\"}}]}},", StringComparison.Ordinal);
        local.Order(local.TryPropose(Local.WithTerms(local, faster), 0, 9));
        local.Order(local.TryApproveTerms(Local.Program));
        local.PassDays(4);
        local.State.Height = 9;
        local.Order(Amendments.PutInEffect(Local.Program, local.Scope(Id.None), local.State));
        var program = local.Get<ProgramRecord>(RecordKind.Program, Local.Program)!;
        Assert.Equal((1u, null), (program.TermsVersion, program.Amendment));
    }

    private Outcome<Transaction> PutInEffect() => Amendments.PutInEffect(World.Community, world.Scope(Id.None), world.State);

    private Outcome<Transaction> Withdraw(Id by) => Amendments.Withdraw(World.Community, [world.Sign(by)], world.Scope(by), world.State);

    private static void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, outcome.Refusal?.Code);
}
