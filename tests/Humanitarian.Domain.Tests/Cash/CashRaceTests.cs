using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Cash;

/// <summary>Reports, recalls, corrections and second rounds that meet: whatever comes first, nobody is paid twice and no money is lost.</summary>
public sealed class CashRaceTests
{
    private readonly World world = new World().WithCash();

    [Fact]
    public void Of_a_recall_and_a_report_decided_at_once_the_first_ordered_holds()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        world.Now += CashWorld.RecallAfterSeconds * 1_000;
        var (recall, report) = (world.TryRecall("d", 0).Value!, world.TryReconcile("d", "report", CashWorld.ReportOf("d", 0, 300)).Value!);
        world.Order(recall);
        Assert.NotNull(world.State.Check(report, World.Key));

        (recall, report) = (world.TryRecall("d", 1).Value!, world.TryReconcile("d", "other", CashWorld.ReportOf("d", 1, 200)).Value!);
        world.Order(report);
        Assert.NotNull(world.State.Check(recall, World.Key));
        Assert.Equal((CashLineState.Recalled, CashLineState.Delivered), (world.Line("d", 0).State, world.Line("d", 1).State));
    }

    [Fact]
    public void Of_two_reports_decided_at_once_the_second_is_decided_again_and_contradicts()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        var (delivered, failed) = (world.TryReconcile("d", "one", CashWorld.ReportOf("d", 0, 300)).Value!, world.TryReconcile("d", "two", CashWorld.ReportOf("d", 0, 0, "FAILED")).Value!);
        world.Order(delivered);
        Assert.NotNull(world.State.Check(failed, World.Key));
        Assert.Empty(world.Order(world.TryReconcile("d", "two", CashWorld.ReportOf("d", 0, 0, "FAILED"))).Postings);
        Assert.Equal(CashLineState.Delivered, world.Line("d", 0).State);
    }

    [Theory]
    [InlineData(0, CashLineState.Failed, 500)]
    [InlineData(300, CashLineState.Delivered, 200)]
    [InlineData(100, CashLineState.PartlyDelivered, 400)]
    public void What_a_later_report_says_of_a_line_delivered_in_part_moves_nothing_until_it_is_accepted(long later, CashLineState state, long budgetMinor)
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 200, "PARTIAL"), CashWorld.ReportOf("d", 1, 0, "FAILED")));
        Assert.Empty(world.Order(world.TryReconcile("d", "later", CashWorld.ReportOf("d", 0, later, "RETURNED"))).Postings);
        Assert.Equal((CashLineState.PartlyDelivered, 300L), (world.Line("d", 0).State, Budget("d")));
        world.Order(world.TryDecide("d", 0, "later", accept: true));
        Assert.Equal((state, later, budgetMinor), (world.Line("d", 0).State, world.Line("d", 0).DeliveredMinor, Budget("d")));
    }

    [Fact]
    public void Of_two_late_reports_each_is_decided_and_the_line_ends_as_the_last_accepted_says()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 0, "FAILED")));
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        world.Order(world.TryReconcile("d", "later", CashWorld.ReportOf("d", 0, 200, "PARTIAL")));
        var accepted = world.Order(world.TryDecide("d", 0, "late", accept: true));
        Assert.NotEmpty(accepted.Claims);

        // The claim was taken by the first; the second takes it no second time.
        Assert.Empty(world.Order(world.TryDecide("d", 0, "later", accept: true)).Claims);
        Assert.Equal((CashLineState.PartlyDelivered, 100L, World.HashOf("later")), (world.Line("d", 0).State, Budget("d"), world.Line("d", 0).Evidence));
    }

    [Fact]
    public void A_late_delivery_of_a_line_whose_household_was_assisted_otherwise_since_is_not_accepted()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 0, "FAILED")));
        world.Instruct("afresh", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        Assert.Equal(RefusalCode.ClaimTaken, world.State.Check(world.TryDecide("d", 0, "late", accept: true).Value!, World.Key)?.Code);
        world.Order(world.TryDecide("d", 0, "late", accept: false));
        Assert.Equal(RefusalCode.ClaimTaken, InstructedAgain("second round")?.Code);
    }

    [Fact]
    public void A_list_made_before_a_late_delivery_was_accepted_pays_nothing_afterwards()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 0, "FAILED")));
        var line = World.LineOf(0, 300);
        world.Order(world.TryApprove(CashWorld.CashDraft("again", "2026-1", World.IdOf("d"), world.Now + (300 * World.Minute), [line])));
        world.Order(world.TryRelease("again"));
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        world.Order(world.TryDecide("d", 0, "late", accept: true));
        Assert.Equal([new UnpaidLine(0, RefusalCode.EntitlementExceeded)], world.Order(world.TryInstruct("again", 0, line)).Chunk!.Unpaid);
        Assert.Equal(300, world.State.Flow(World.IdOf("lot of d"), LotFlow.Delivered));
    }

    [Fact]
    public void Of_a_correction_and_a_second_round_decided_at_once_the_first_ordered_holds()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 0, "FAILED")));
        world.Order(world.TryReconcile("d", "late", CashWorld.ReportOf("d", 0, 300)));
        var line = World.LineOf(0, 300);
        world.Order(world.TryApprove(CashWorld.CashDraft("again", "2026-1", World.IdOf("d"), world.Now + (300 * World.Minute), [line])));
        world.Order(world.TryRelease("again"));
        var correction = world.TryDecide("d", 0, "late", accept: true).Value!;
        var second = world.TryInstruct("again", 0, line).Value!;
        world.Order(second);
        Assert.NotNull(world.State.Check(correction, World.Key));
    }

    [Fact]
    public void A_line_that_fails_in_every_round_opens_its_claim_each_time_once()
    {
        var round = Id.None;
        for (var i = 0; i < 3; i++)
        {
            world.Instruct($"round {i}", "2026-1", round, World.LineOf(0, 300));
            var failed = world.Order(world.TryReconcile($"round {i}", $"report {i}", CashWorld.ReportOf($"round {i}", 0, 0, "FAILED")));
            Assert.Equal(world.Line($"round {i}", 0).Claims, failed.Reopens);
            Assert.Equal(RefusalCode.AlreadyReconciled, world.TryReconcile($"round {i}", $"report {i}", CashWorld.ReportOf($"round {i}", 0, 0, "FAILED")).Refusal?.Code);
            round = World.IdOf($"round {i}");
        }
    }

    [Fact]
    public void A_fee_of_more_than_the_grant_has_left_is_refused()
    {
        var poor = new World().WithCash(fundsMinor: 310);
        poor.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300));
        Outcome<Transaction> Fee(long amountMinor) => GrantOutflows.DecideFee(
            CashWorld.Grant, "fees", World.IdOf("d"), amountMinor, World.HashOf("invoice"), poor.Scope(World.Finance), poor.State);
        Assert.Equal(RefusalCode.InsufficientFunds, Fee(11).Refusal?.Code);
        Assert.Equal(RefusalCode.AmountNotPositive, Fee(0).Refusal?.Code);
        poor.Order(Fee(10));
    }

    [Fact]
    public void An_expired_grant_funds_no_new_round_and_what_it_instructed_still_ends()
    {
        world.Instruct("d", "2026-1", Id.None, World.LineOf(0, 300), World.LineOf(1, 200));
        world.Order(world.TryReconcile("d", "first", CashWorld.ReportOf("d", 0, 0, "FAILED")));
        world.Now = World.Start + (600 * World.Minute);
        world.Order(world.TryApprove(CashWorld.CashDraft("again", "2026-1", World.IdOf("d"), world.Now + World.Minute, [World.LineOf(0, 300)])));
        Assert.Equal(RefusalCode.GrantIneligible, world.TryRelease("again").Refusal?.Code);
        world.Order(world.TryReconcile("d", "second", CashWorld.ReportOf("d", 1, 200)));
        Assert.Equal(CashLineState.Delivered, world.Line("d", 1).State);
    }

    private long Budget(string name) => world.State.Book(World.PoolOf(CashWorld.Program)).HeldOf(World.Unit, World.IdOf($"lot of {name}"));

    private Refusal? InstructedAgain(string name)
    {
        var line = World.LineOf(0, 300);
        world.Order(world.TryApprove(CashWorld.CashDraft(name, "2026-1", World.IdOf("d"), world.Now + World.Minute, [line])));
        world.Order(world.TryRelease(name));
        return world.State.Check(world.TryInstruct(name, 0, line).Value!, World.Key);
    }
}
