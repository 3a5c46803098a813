using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Programs;

/// <summary>An auditor's sample: committed to before the list is frozen, revealed after, and what its result lets go or stops.</summary>
public sealed class SampleTests
{
    private static readonly Id Auditor = World.IdOf("auditor");
    private static readonly Id SecondApprover = World.IdOf("second approver");
    private static readonly Hash32 Secret = World.HashOf("secret");
    private readonly World world = new();
    private readonly DisbursementRecord draft;

    public SampleTests()
    {
        world.Register(World.Administrator, World.Member(Auditor, World.Ngo, Roles.Auditor), World.Member(SecondApprover, World.Ngo, Roles.Approver));
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var terms = TermsJson.Read(program.Terms).Value!;
        terms = terms with { Rules = [.. terms.Rules, new Domain.Programs.Rules.AuditedSample(200, 2)] };
        world.Amend(program with { Terms = TermsJson.Write(terms) });
        world.Order(world.TryReceive(0, 9_000, "receipt"));
        world.Order(world.TryEnrol(World.Voucher, "list", 0, 1, 2));
        draft = World.Draft(
            "audited", World.Voucher, DeliveryMode.Bulk, "2026-11", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 300)],
            [World.LineOf(0, 100), World.LineOf(1, 100), World.LineOf(2, 100)]);
    }

    [Fact]
    public void A_release_waits_for_a_passed_sample()
    {
        Refused(RefusalCode.SampleDue, world.TryApprove(draft));
        world.Order(Commit(2));
        Refused(RefusalCode.AlreadyExists, Commit(3));
        Refused(RefusalCode.WrongState, Reveal(Secret));
        world.Order(world.TryApprove(draft));
        Assert.Equal(SampleRecord.CommitmentTo(Secret), Record.Sample);
        Refused(RefusalCode.SampleDue, world.TryRelease("audited"));
        Refused(RefusalCode.InvalidInput, Reveal(World.HashOf("another")));
        Refused(RefusalCode.WrongState, Result(true));
        world.Order(Reveal(Secret));
        Refused(RefusalCode.WrongState, Reveal(Secret));
        Refused(RefusalCode.SampleDue, world.TryRelease("audited"));
        world.Order(Result(true));
        Refused(RefusalCode.WrongState, Result(false));
        world.Order(world.TryRelease("audited"));
    }

    // Red without the nonce in Approvals.CheckApprovers: an auditor who knew it beforehand could choose the lines.
    [Fact]
    public void The_nonce_of_the_draw_is_the_approvals_own()
    {
        world.Order(Commit(2));
        var honest = world.TryApprove(draft).Value!;
        var record = (DisbursementRecord)honest.Writes[0].Record;
        Assert.Equal(ClaimKey.IdFrom(honest.Command!.Value.Key), record.SampleNonce);
        foreach (var nonce in new[] { Id.None, World.IdOf("chosen") })
        {
            var forged = honest with { Writes = [honest.Writes[0] with { Record = record with { SampleNonce = nonce } }] };
            Assert.Equal(RefusalCode.Tampered, world.State.Check(forged, World.Key)?.Code);
        }
    }

    [Fact]
    public void A_failed_sample_needs_another_approver_first()
    {
        world.Order(Commit(2));
        world.Order(world.TryApprove(draft));
        world.Order(Reveal(Secret));
        Refused(RefusalCode.InvalidInput, Samples.Record(draft.Id, false, "", [world.Sign(Auditor)], world.Scope(Auditor), world.State));
        world.Order(Result(false));
        Assert.Equal(DisbursementState.PartlyApproved, Record.State);
        Refused(RefusalCode.WrongState, world.TryRelease("audited"));
        Refused(RefusalCode.RolesIncompatible, world.TryApprove(draft));
        world.Order(world.TryApprove(draft, SecondApprover));
        Assert.Equal(DisbursementState.Approved, Record.State);
        world.Order(world.TryRelease("audited"));
    }

    [Fact]
    public void Too_few_lines_an_auditor_who_makes_the_list_and_one_who_is_none_are_refused()
    {
        Refused(RefusalCode.Forbidden, Commit(2, World.Finance));
        Refused(RefusalCode.InvalidInput, Commit(0));
        world.Order(Commit(1));
        Refused(RefusalCode.SampleDue, world.TryApprove(draft));
    }

    [Fact]
    public void Who_audits_a_list_does_not_approve_it()
    {
        world.Register(World.Administrator, World.Member(World.Approver, World.Ngo, Roles.Approver | Roles.Auditor));
        world.Order(Commit(2, World.Approver));
        Refused(RefusalCode.RolesIncompatible, world.TryApprove(draft));
        world.Order(world.TryApprove(draft, SecondApprover));
    }

    [Fact]
    public void A_small_total_needs_no_sample_and_one_that_comes_after_the_freeze_counts_for_nothing()
    {
        var small = World.Draft("audited", World.Voucher, DeliveryMode.Bulk, "2026-11", world.Now + (30 * World.Minute), [new LotPart(World.GrantId(0), 199)], [World.LineOf(0, 199)]);
        world.Order(world.TryApprove(small));
        world.Order(Commit(2));
        Refused(RefusalCode.WrongState, Reveal(Secret));
        world.Order(world.TryRelease("audited"));
    }

    private DisbursementRecord Record => world.Get<DisbursementRecord>(RecordKind.Disbursement, draft.Id)!;

    private Outcome<Transaction> Commit(int lines, Id? auditor = null) => Samples.Commit(
        draft.Id, World.Voucher, SampleRecord.CommitmentTo(Secret), lines, [world.Sign(auditor ?? Auditor)], world.Scope(auditor ?? Auditor), world.State);

    private Outcome<Transaction> Reveal(Hash32 secret) => Samples.Reveal(draft.Id, secret, [world.Sign(Auditor)], world.Scope(Auditor), world.State);

    private Outcome<Transaction> Result(bool passed) =>
        Samples.Record(draft.Id, passed, passed ? "" : "NOT_FOUND_AT_HOME", [world.Sign(Auditor)], world.Scope(Auditor), world.State);

    private void Refused(string code, Outcome<Transaction> outcome) => Assert.Equal(code, (outcome.Refusal ?? world.State.Check(outcome.Value!, World.Key))?.Code);
}
