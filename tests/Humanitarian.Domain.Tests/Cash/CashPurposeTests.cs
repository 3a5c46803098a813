using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Cash;

/// <summary>Top-ups, instalments and retroactive payments in cash: what was delivered and what is under way stay within 50.00 for a period.</summary>
public sealed class CashPurposeTests
{
    private readonly World world = new World().WithCash(60_000);

    [Theory]
    [InlineData(DisbursementPurpose.TopUp)]
    [InlineData(DisbursementPurpose.Instalment)]
    [InlineData(DisbursementPurpose.Retroactive)]
    public void What_comes_on_top_goes_up_to_the_entitlement_and_no_further_and_what_fails_of_it_is_brought_again_once(DisbursementPurpose purpose)
    {
        Assert.Equal([], Instruct("first", DisbursementPurpose.Regular, 3_000));
        Assert.Equal([RefusalCode.NotYetAssisted], Instruct("too early", purpose, 1_000, "first"));
        Report("first", 3_000);
        Assert.Equal([RefusalCode.EntitlementExceeded], Instruct("too much", purpose, 2_001, "first"));
        Assert.Equal([], Instruct("on top", purpose, 2_000, "first"));
        Assert.Equal((3_000, 0), (world.Line("on top", 0).BeforeMinor, world.Line("on top", 0).Claims.Count));
        Report("on top", 500);
        Assert.Equal([RefusalCode.EntitlementExceeded], Instruct("more than the rest", purpose, 1_501, "first"));
        Assert.Equal([], Instruct("rest", DisbursementPurpose.Regular, 1_500, "on top"));
        Assert.Equal([RefusalCode.AlreadyAssisted], Instruct("rest again", DisbursementPurpose.Regular, 1_500, "on top"));
        Report("rest", 1_500);
        Assert.Equal([RefusalCode.EntitlementExceeded], Instruct("full", purpose, 1, "first"));
        Assert.Equal(RefusalCode.ClaimTaken, Refused("again", DisbursementPurpose.Regular, 5_000));
    }

    [Fact]
    public void A_recalled_top_up_opens_exactly_its_own_part()
    {
        Instruct("first", DisbursementPurpose.Regular, 3_000);
        Report("first", 3_000);
        Instruct("top-up", DisbursementPurpose.TopUp, 2_000, "first");
        world.Now += CashWorld.RecallAfterSeconds * 1_000;
        var recalled = world.Order(world.TryRecall("top-up", 0));
        Assert.Empty(recalled.Reopens);
        Assert.Equal(RefusalCode.ClaimTaken, Refused("again", DisbursementPurpose.Regular, 100));
        Assert.Equal([RefusalCode.EntitlementExceeded], Instruct("more", DisbursementPurpose.TopUp, 2_001, "top-up"));
        Assert.Equal([], Instruct("second try", DisbursementPurpose.TopUp, 2_000, "top-up"));
    }

    [Fact]
    public void A_top_up_of_nothing_delivered_is_refused_and_what_it_could_have_claimed_stays_open()
    {
        Instruct("first", DisbursementPurpose.Regular, 3_000);
        Report("first", 0);
        Assert.Equal([RefusalCode.NotYetAssisted], Instruct("top-up", DisbursementPurpose.TopUp, 100, "first"));
        Assert.Equal([], Instruct("again", DisbursementPurpose.Instalment, 5_000, "first"));
        Assert.Equal(2, world.Line("again", 0).Claims.Count);
    }

    [Theory]
    [InlineData(DisbursementPurpose.Instalment)]
    [InlineData(DisbursementPurpose.Retroactive)]
    public void A_first_payment_claims_the_period_as_a_regular_one_does_and_opens_it_when_it_fails(DisbursementPurpose purpose)
    {
        Assert.Equal([RefusalCode.EntitlementExceeded], Instruct("too much", purpose, 5_001));
        Assert.Equal([], Instruct("first", purpose, 5_000));
        Assert.Equal(RefusalCode.ClaimTaken, Refused("beside", DisbursementPurpose.Regular, 100));
        Report("first", 0);
        Assert.Equal([], Instruct("again", DisbursementPurpose.Regular, 5_000));
    }

    [Fact]
    public void Two_top_ups_decided_side_by_side_do_not_both_count()
    {
        Instruct("first", DisbursementPurpose.Regular, 1_000);
        Report("first", 1_000);
        Approve("one", DisbursementPurpose.TopUp, 3_000, "first");
        Approve("two", DisbursementPurpose.TopUp, 3_000, "first");
        var (one, two) = (world.TryInstruct("one", 0, World.LineOf(0, 3_000)).Value!, world.TryInstruct("two", 0, World.LineOf(0, 3_000)).Value!);
        world.Order(one);
        Assert.Equal(RefusalCode.Stale, world.State.Check(two, World.Key)?.Code);
        Assert.Equal([RefusalCode.NotYetAssisted], world.TryInstruct("two", 0, World.LineOf(0, 3_000)).Value!.Chunk!.Unpaid.Select(line => line.Code));
    }

    [Fact]
    public void A_line_that_something_came_on_top_of_takes_no_correction()
    {
        Instruct("first", DisbursementPurpose.Regular, 3_000);
        Report("first", 1_000);
        world.Order(world.TryReconcile("first", "late", CashWorld.ReportOf("first", 0, 3_000)));
        Instruct("top-up", DisbursementPurpose.TopUp, 4_000, "first");
        Assert.Equal(RefusalCode.WrongState, world.TryDecide("first", 0, "late", accept: true).Refusal?.Code);
        Report("top-up", 0);
        world.Order(world.TryReconcile("top-up", "later", CashWorld.ReportOf("top-up", 0, 4_000)));
        world.Order(world.TryDecide("top-up", 0, "later", accept: true));
        Assert.Equal((1_000, 4_000), (world.Line("top-up", 0).BeforeMinor, world.Line("top-up", 0).DeliveredMinor));
    }

    [Fact]
    public void A_top_up_names_what_it_comes_on_top_of_and_goes_through_the_provider()
    {
        var draft = CashWorld.CashDraft("d", "2026-1", Id.None, world.Now + World.Minute, [World.LineOf(0, 100)]) with { Purpose = DisbursementPurpose.TopUp };
        Assert.Equal("followsUp", world.TryApprove(draft).Refusal?.Field);
        world.Order(world.TryApprove(draft with { Purpose = DisbursementPurpose.Instalment, Mode = DeliveryMode.Bulk, Cash = null }));
        world.Order(world.TryRelease("d"));
        Assert.Equal([RefusalCode.InvalidInput], world.TryPay("d", 0, World.LineOf(0, 100)).Value!.Chunk!.Unpaid.Select(line => line.Code));
    }

    /// <summary>Approves, releases and instructs one line of person 0, and answers the codes of unpaid lines.</summary>
    private string[] Instruct(string name, DisbursementPurpose purpose, long amountMinor, string? on = null)
    {
        Approve(name, purpose, amountMinor, on);
        return [.. world.Order(world.TryInstruct(name, 0, World.LineOf(0, amountMinor))).Chunk!.Unpaid.Select(line => line.Code)];
    }

    private string? Refused(string name, DisbursementPurpose purpose, long amountMinor)
    {
        Approve(name, purpose, amountMinor, null);
        return world.State.Check(world.TryInstruct(name, 0, World.LineOf(0, amountMinor)).Value!, World.Key)?.Code;
    }

    private void Approve(string name, DisbursementPurpose purpose, long amountMinor, string? on)
    {
        var followsUp = on is null ? Id.None : World.IdOf(on);
        world.Order(world.TryApprove(
            CashWorld.CashDraft(name, "2026-1", followsUp, world.Now + (300 * World.Minute), [World.LineOf(0, amountMinor)]) with { Purpose = purpose }));
        world.Order(world.TryRelease(name));
    }

    private void Report(string name, long deliveredMinor) => world.Order(world.TryReconcile(
        name, $"report on {name}", CashWorld.ReportOf(name, 0, deliveredMinor, deliveredMinor == world.Line(name, 0).AmountMinor ? "" : "WALLET_CLOSED")));
}
