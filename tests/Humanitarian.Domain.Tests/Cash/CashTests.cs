using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Cash;

public sealed class CashTests
{
    private readonly World world = new World().WithCash();

    private static Id LotOf(string name) => World.IdOf($"lot of {name}");

    private (long Budget, long Float) Held(string name) => (
        world.State.Book(World.PoolOf(CashWorld.Program)).HeldOf(World.Unit, LotOf(name)), world.State.Book(CashWorld.Float).HeldOf(World.Unit, LotOf(name)));

    private long Flow(string name, LotFlow flow) => world.State.Flow(LotOf(name), flow);

    [Fact]
    public void What_is_instructed_is_held_on_the_float_and_credited_to_nobody()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        Assert.Equal((0, 500), Held("d"));
        Assert.Equal((500, 0), (Flow("d", LotFlow.Instructed), Flow("d", LotFlow.Delivered)));
        Assert.Equal(0, world.State.Book(World.Person(0)).Highest(World.Unit));
        Assert.Equal(CashLineState.Instructed, world.Line("d", 0).State);
    }

    [Fact]
    public void A_report_ends_each_line_once_delivered_in_part_or_failed()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200), World.LineOf(2, 100));
        world.Order(world.TryReconcile(
            "d", "first", CashWorld.ReportOf("d", 0, 300), CashWorld.ReportOf("d", 1, 150, "AGENT_OUT_OF_CASH"), CashWorld.ReportOf("d", 2, 0, "WALLET_CLOSED")));
        Assert.Equal((150, 0), Held("d"));
        Assert.Equal((450, 150), (Flow("d", LotFlow.Delivered), Flow("d", LotFlow.Failed)));
        Assert.Equal(
            [(CashLineState.Delivered, ""), (CashLineState.PartlyDelivered, "AGENT_OUT_OF_CASH"), (CashLineState.Failed, "WALLET_CLOSED")],
            new[] { 0, 1, 2 }.Select(person => (world.Line("d", person).State, world.Line("d", person).Reason)));
        Assert.Equal(World.HashOf("first"), world.Line("d", 0).Evidence);
    }

    [Fact]
    public void The_same_report_again_changes_nothing_and_says_so()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        Report[] reports = [CashWorld.ReportOf("d", 0, 300), CashWorld.ReportOf("d", 1, 0, "FAILED")];
        world.Order(world.TryReconcile("d", "first", reports));
        Assert.Equal(RefusalCode.AlreadyReconciled, world.TryReconcile("d", "first", reports).Refusal?.Code);
        Assert.Equal(RefusalCode.AlreadyReconciled, world.TryReconcile("d", "another file that says the same", reports).Refusal?.Code);
    }

    [Fact]
    public void A_report_in_part_ends_its_own_lines_only()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 300)));
        Assert.Equal(CashLineState.Instructed, world.Line("d", 1).State);
        world.Order(world.TryReconcile("d", "second", CashWorld.ReportOf("d", 0, 300), CashWorld.ReportOf("d", 1, 200)));
        Assert.Equal((0, 0), Held("d"));
    }

    [Fact]
    public void A_line_is_recalled_only_once_its_time_has_passed()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Now += (CashWorld.RecallAfterSeconds * 1_000) - 1;
        Assert.Equal(RefusalCode.HoldEnded, world.TryRecall("d", 0).Refusal?.Code);
        world.Now++;
        world.Order(world.TryRecall("d", 0));
        Assert.Equal((CashLineState.Recalled, 300L), (world.Line("d", 0).State, Flow("d", LotFlow.Recalled)));
        Assert.Equal(RefusalCode.HoldEnded, world.TryRecall("d", 0).Refusal?.Code);
    }

    [Fact]
    public void A_late_report_changes_nothing_until_a_person_accepts_it()
    {
        Recalled();
        var contradicting = world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        Assert.Empty(contradicting.Postings);
        Assert.Equal(CashLineState.Recalled, world.Line("d", 0).State);
        var accepted = world.Order(world.TryDecide("d", 0, "late", accept: true));
        Assert.Equal(world.Line("d", 0).Claims, accepted.Claims);
        Assert.Equal((CashLineState.Delivered, World.HashOf("late")), (world.Line("d", 0).State, world.Line("d", 0).Evidence));
        Assert.Equal((0L, 0L), Held("d"));
        Assert.Equal((600L, 300L, 300L), (Flow("d", LotFlow.Instructed), Flow("d", LotFlow.Recalled), Flow("d", LotFlow.Delivered)));
    }

    [Fact]
    public void A_dismissed_report_leaves_the_line_and_is_decided_once()
    {
        Recalled();
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        Assert.Equal(RefusalCode.RolesIncompatible, WithFinance(World.Releaser, () => world.TryDecide("d", 0, "late", true, World.Releaser)));
        world.Order(world.TryDecide("d", 0, "late", accept: false));
        Assert.Equal(CashLineState.Recalled, world.Line("d", 0).State);
        Assert.Equal(RefusalCode.WrongState, world.TryDecide("d", 0, "late", accept: true).Refusal?.Code);
    }

    [Fact]
    public void A_report_that_a_correction_overtook_says_nothing_new_when_it_comes_again()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 300)));
        world.Order(world.TryReconcile("d", "second", CashWorld.ReportOf("d", 0, 0, "RETURNED")));
        world.Order(world.TryDecide("d", 0, "second", accept: true));
        Assert.Equal(RefusalCode.AlreadyReconciled, world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 300)).Refusal?.Code);
        world.Order(world.TryReconcile("d", "third", CashWorld.ReportOf("d", 0, 300)));
        world.Order(world.TryDecide("d", 0, "third", accept: true));
        Assert.Equal(RefusalCode.AlreadyReconciled, world.TryReconcile("d", "second", CashWorld.ReportOf("d", 0, 0, "RETURNED")).Refusal?.Code);
    }

    [Fact]
    public void A_new_report_contradicts_a_correction_in_its_later_parts_too()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 300)));
        world.Order(world.TryReconcile("d", "second", CashWorld.ReportOf("d", 0, 0, "RETURNED")));
        world.Order(world.TryDecide("d", 0, "second", accept: true));
        var (disbursement, file) = (World.IdOf("d"), World.HashOf("third"));
        var announced = new ReconciliationRecord(ReconciliationRecord.IdOf(disbursement, file), disbursement, file, "own", 2, 500, 0, 0, 0, 0, World.Finance);
        foreach (var part in new[] { CashWorld.ReportOf("d", 1, 200), CashWorld.ReportOf("d", 0, 300) })
        {
            world.Order(Reconciliations.Decide(announced, [part], [world.Sign(World.Finance)], world.Scope(World.Finance), world.State));
        }

        var found = world.Get<ContradictionRecord>(RecordKind.Contradiction, ContradictionRecord.IdOf(world.Line("d", 0).Id, file))!;
        Assert.Equal((ContradictionState.Open, World.HashOf("second")), (found.State, found.Against));
        foreach (var part in new[] { CashWorld.ReportOf("d", 1, 200), CashWorld.ReportOf("d", 0, 300) })
        {
            Assert.Equal(RefusalCode.AlreadyReconciled, Reconciliations.Decide(announced, [part], [world.Sign(World.Finance)], world.Scope(World.Finance), world.State).Refusal?.Code);
        }
    }

    [Fact]
    public void Nobody_says_that_a_report_came_against_another_than_it_did()
    {
        Recalled();
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        world.Order(world.TryDecide("d", 0, "late", accept: true));
        var honest = world.TryReconcile("d", "later", CashWorld.ReportOf("d", 0, 0, "RETURNED")).Value!;
        var record = (ContradictionRecord)honest.Writes[1].Record;
        Assert.Equal(World.HashOf("late"), record.Against);
        var forged = honest with { Writes = [honest.Writes[0], honest.Writes[1] with { Record = record with { Against = World.HashOf("another") } }] };
        Assert.Equal(RefusalCode.Tampered, world.State.Check(forged, World.Key)?.Code);
        Assert.Null(world.State.Check(honest, World.Key));
    }

    [Fact]
    public void A_delivery_taken_back_returns_to_the_budget_and_opens_the_claim()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 300)));
        world.Order(world.TryReconcile("d", "second", CashWorld.ReportOf("d", 0, 0, "RETURNED")));
        var corrected = world.Order(world.TryDecide("d", 0, "second", accept: true));
        Assert.Equal(world.Line("d", 0).Claims, corrected.Reopens);
        Assert.Equal((300L, 300L, 300L), (Held("d").Budget, Flow("d", LotFlow.Delivered), Flow("d", LotFlow.Reversed)));
    }

    [Fact]
    public void A_failed_lines_claim_opens_once_and_is_taken_once_more()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        Assert.Equal(RefusalCode.ClaimTaken, Claimed("other", 300));
        var failed = world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 0, "FAILED")));
        Assert.Equal(world.Line("d", 0).Claims, failed.Reopens);
        Assert.Equal(2, failed.Reopens.Count);
        world.Instruct("again", "2026-1", World.IdOf("d"), World.LineOf(0, 300));
        Assert.Equal(RefusalCode.ClaimTaken, Claimed("third", 300));
    }

    [Fact]
    public void A_follow_up_brings_at_most_the_rest_and_once()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        var partly = world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 200, "PARTIAL")));
        Assert.Empty(partly.Reopens);
        Assert.Equal([new UnpaidLine(0, RefusalCode.EntitlementExceeded)], Instructed("too much", World.LineOf(0, 101)).Unpaid);
        Assert.Empty(Instructed("rest", World.LineOf(0, 100)).Unpaid);
        Assert.Equal((200L, World.IdOf("rest")), (world.Line("rest", 0).BeforeMinor, world.Line("d", 0).FollowedBy));
        Assert.Equal([new UnpaidLine(0, RefusalCode.AlreadyAssisted)], Instructed("rest again", World.LineOf(0, 100)).Unpaid);

        Chunk Instructed(string name, Line line)
        {
            world.Order(world.TryApprove(CashWorld.CashDraft(name, "2026-1", World.IdOf("d"), world.Now + World.Minute, [line])));
            world.Order(world.TryRelease(name));
            return world.Order(world.TryInstruct(name, 0, line)).Chunk!;
        }
    }

    [Fact]
    public void A_followed_line_takes_no_correction()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 0, "FAILED")));
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        world.Instruct("again", "2026-1", World.IdOf("d"), World.LineOf(0, 300));
        Assert.Equal(RefusalCode.WrongState, world.TryDecide("d", 0, "late", accept: true).Refusal?.Code);
        world.Order(world.TryDecide("d", 0, "late", accept: false));
    }

    [Fact]
    public void A_disbursement_is_completed_when_no_line_is_with_the_provider()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        Assert.Equal(RefusalCode.WrongState, Completions.Decide(World.IdOf("d"), world.Scope(World.Releaser), world.State).Refusal?.Code);
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 300), CashWorld.ReportOf("d", 1, 0, "FAILED")));
        world.Order(Completions.Decide(World.IdOf("d"), world.Scope(World.Releaser), world.State));
        Assert.Equal(200, Flow("d", LotFlow.Undelivered));
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 1, 200)));
        Assert.Equal(RefusalCode.WrongState, world.TryDecide("d", 1, "late", accept: true).Refusal?.Code);
    }

    [Fact]
    public void Only_finance_that_did_not_release_reconciles()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        Assert.Equal(RefusalCode.Forbidden, world.TryReconcile(World.Stranger, World.IdOf("d"), "file", CashWorld.ReportOf("d", 0, 300)).Refusal?.Code);
        Assert.Equal(RefusalCode.Forbidden, world.TryReconcile(World.Approver, World.IdOf("d"), "file", CashWorld.ReportOf("d", 0, 300)).Refusal?.Code);
        Assert.Equal(
            RefusalCode.RolesIncompatible,
            WithFinance(World.Releaser, () => world.TryReconcile(World.Releaser, World.IdOf("d"), "file", CashWorld.ReportOf("d", 0, 300))));
    }

    [Fact]
    public void While_a_waiver_counts_who_released_reconciles_too()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        var waiver = new SeparationWaiver(
            "The office was evacuated.", world.Now, world.Now + World.Minute, [World.Administrator, World.Finance, World.Approver], 2, []);
        world.Order(SeparationWaivers.Propose(CashWorld.Program, waiver, [world.Sign(World.Administrator)], world.Scope(World.Administrator), world.State));
        string? Reconciled() => WithFinance(World.Releaser, () => world.TryReconcile(World.Releaser, World.IdOf("d"), "file", CashWorld.ReportOf("d", 0, 300)));
        Assert.Equal(RefusalCode.RolesIncompatible, Reconciled());
        world.Order(SeparationWaivers.Approve(CashWorld.Program, [world.Sign(World.Finance)], world.Scope(World.Finance), world.State));
        Assert.Null(Reconciled());
    }

    [Theory]
    [InlineData(301)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void A_report_of_more_than_was_instructed_is_refused(long deliveredMinor)
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        Assert.Equal(RefusalCode.NotFound, world.TryReconcile("d", "file", CashWorld.ReportOf("d", 0, deliveredMinor)).Refusal?.Code);
    }

    [Fact]
    public void A_program_without_the_rule_pays_no_cash_and_only_a_float_takes_it()
    {
        var draft = CashWorld.CashDraft("d", "2026-1", Id.None, world.Now + World.Minute, [World.LineOf(0, 100)]);
        Assert.Equal(RefusalCode.WrongState, world.TryApprove(draft with { Program = World.Voucher, Grants = [new(World.GrantId(0), 100)] }).Refusal?.Code);
        Assert.Equal(RefusalCode.AccountUnknown, world.TryApprove(draft with { Cash = new CashPlan(World.ShopId(0), Id.None) }).Refusal?.Code);
        Assert.Equal(RefusalCode.NotFound, world.TryApprove(draft with { Cash = new CashPlan(CashWorld.Float, World.IdOf("none")) }).Refusal?.Code);
        Assert.Equal(RefusalCode.Tampered, world.TryApprove(draft with { Cash = null }).Refusal?.Code);
        world.Order(world.TryApprove(draft));
    }

    [Fact]
    public void A_fee_is_charged_to_its_budget_line_as_a_flow_of_its_own()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        Outcome<Transaction> Fee(long amount, Id disbursement) =>
            GrantOutflows.DecideFee(CashWorld.Grant, "fees", disbursement, amount, World.HashOf("invoice"), world.Scope(World.Finance), world.State);
        world.Order(Fee(40, World.IdOf("d")));
        Assert.Equal((40L, 0L), (world.State.Flow(World.IdOf("cash receipt"), LotFlow.Fee), world.State.Flow(World.IdOf("cash receipt"), LotFlow.Cost)));
        Assert.Equal(RefusalCode.BudgetExceeded, Fee(461, World.IdOf("d")).Refusal?.Code);
        Assert.Equal(RefusalCode.NotFound, Fee(1, World.IdOf("none")).Refusal?.Code);
    }

    [Fact]
    public void An_instruction_file_is_recorded_once_by_a_releaser()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        Outcome<Transaction> Export(Id principal, long total = 300) => InstructionFiles.Decide(
            new InstructionFileRecord(
                InstructionFileRecord.IdOf(World.IdOf("d"), World.HashOf("file")), World.IdOf("d"), World.HashOf("file"), "sdp", 1, total, Id.None),
            world.Scope(principal), world.State);
        Assert.Equal(RefusalCode.Forbidden, Export(World.Finance).Refusal?.Code);
        Assert.Equal(RefusalCode.Tampered, Export(World.Releaser, 301).Refusal?.Code);
        world.Order(Export(World.Releaser));
        Assert.Equal(RefusalCode.Stale, world.State.Check(Export(World.Releaser).Value!, World.Key)?.Code);
    }

    private void Recalled()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Now += CashWorld.RecallAfterSeconds * 1_000;
        world.Order(world.TryRecall("d", 0));
    }

    private string? Claimed(string name, long amountMinor)
    {
        var line = World.LineOf(0, amountMinor);
        world.Order(world.TryApprove(CashWorld.CashDraft(name, "2026-1", Id.None, world.Now + World.Minute, [line])));
        world.Order(world.TryRelease(name));
        return world.State.Check(world.TryInstruct(name, 0, line).Value!, World.Key)?.Code;
    }

    private string? WithFinance(Id member, Func<Outcome<Transaction>> decide)
    {
        world.Register(World.Operator, World.Member(member, World.Ngo, Roles.Releaser | Roles.Finance));
        return decide().Refusal?.Code;
    }
}
