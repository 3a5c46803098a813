using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Grains.Tests.Mechanisms;

/// <summary>The end of a program on a silo, and a cost that changes its grant.</summary>
public sealed class ClosingTests
{
    // Which receipt meets the closure's decision is chance; what must hold afterwards is not.
    [Fact]
    public async Task Receipts_that_race_with_the_end_are_passed_on_or_refused_and_the_chain_verifies()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var story = new VoucherStory(silo);
        await story.SetUpAsync();
        var late = Founding.IdOf("late grant");
        LedgerSilo.Done(await story.RegisterAsync(
            story.NgoAdministrator, new GrantRecord(late, story.Donor, story.Program, "KES", 1_000_000, 0, 0, long.MaxValue, "", [], true)));
        var receipts = Enumerable.Range(0, 20).Select(_ => silo.Commands.RecordReceiptAsync(story.Context(story.Finance), late, 100, default)).ToArray();
        LedgerSilo.Done(await story.SignedAsync(story.Finance, context => silo.Commands.CloseProgramAsync(context, story.Program)));
        var received = 0;
        foreach (var receipt in await Task.WhenAll(receipts))
        {
            Assert.True(receipt.Refusal is null or { Code: RefusalCode.ProgramClosed or RefusalCode.Retry }, receipt.Refusal?.Code);
            received += receipt.Refusal is null ? 1 : 0;
        }

        Assert.True((await silo.Reader.BookAsync(story.Pool)).IsEmpty);
        Assert.Equal(20_000_000 + (received * 100), (await silo.Reader.BookAsync(story.Queue)).Available("KES"));
        LedgerSilo.Done(await silo.Commands.ReturnGrantAsync(story.Context(story.Finance), story.Grant, "KES", 10_000_000, default));
        Assert.Equal((0L, 10_000_000L), ((await silo.Reader.TraceAsync(story.Grant))!.UnspentMinor, (await silo.Reader.TraceAsync(story.Grant))!.ReturnedMinor));
        var report = await silo.VerifyAsync();
        Assert.True(report.Ok, report.Failure?.ToString());
    }

    // Red without Command.Before: the pool alone does not know what people hold.
    [Fact]
    public async Task Program_goes_on_while_people_hold_its_units()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var story = new VoucherStory(silo);
        await story.SetUpAsync();
        await story.EnrolAsync(12);
        var inPerson = await story.ReleaseAsync(10, 2, inPerson: true);
        LedgerSilo.Refused(RefusalCode.DisbursementsOpen, await CloseAsync(silo, story));
        LedgerSilo.Done(await silo.Commands.CompleteDisbursementAsync(story.Context(story.Registrar), inPerson));
        await story.UntilAsync(await story.ReleaseAsync(0, 10, inPerson: false), DisbursementState.Completed);
        LedgerSilo.Refused(RefusalCode.BalancesOpen, await CloseAsync(silo, story));
        LedgerSilo.Done(await story.RedeemAsync(0, 1_000));
        Assert.Equal([RefusalCode.BalancesOpen, RefusalCode.SettlementsOpen], (await silo.Reader.StillOpenAsync(await ProgramAsync(silo, story))).Select(open => open.Code));
    }

    [Fact]
    public async Task Cost_is_charged_with_its_indirect_part_and_recharged()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var story = new VoucherStory(silo);
        await story.SetUpAsync();
        foreach (var grant in new[] { story.Grant, story.SecondGrant })
        {
            var record = (await silo.Reader.FindAsync<GrantRecord>(RecordKind.Grant, grant)).Record!;
            LedgerSilo.Done(await story.RegisterAsync(story.Finance, record with { IndirectRate = 700, AllowsRecharges = true }));
        }

        var context = story.Context(story.Finance);
        LedgerSilo.Done(await silo.Commands.RecordCostAsync(context, new CostRequest(story.Grant, "logistics", 1_015, true, default)));
        LedgerSilo.Done(await story.SignedAsync(story.Finance, signed => silo.Commands.RechargeCostAsync(
            signed, new RechargeRequest(silo.Commands.IdFor(context), story.SecondGrant, "logistics", true, default))));
        var (first, second) = ((await silo.Reader.TraceAsync(story.Grant))!, (await silo.Reader.TraceAsync(story.SecondGrant))!);
        Assert.Equal((10_000_000L, 0L, 0L), (first.UnspentMinor, first.CostsMinor, first.IndirectCostsMinor));
        Assert.Equal((10_000_000L - 1_086, 1_015L, 71L), (second.UnspentMinor, second.CostsMinor, second.IndirectCostsMinor));
        var report = await silo.VerifyAsync();
        Assert.True(report.Ok, report.Failure?.ToString());
    }

    private static Task<CommandResult> CloseAsync(LedgerSilo silo, VoucherStory story) =>
        story.SignedAsync(story.Finance, context => silo.Commands.CloseProgramAsync(context, story.Program));

    private static async Task<Domain.Programs.ProgramRecord> ProgramAsync(LedgerSilo silo, VoucherStory story) =>
        (await silo.Reader.FindAsync<Domain.Programs.ProgramRecord>(RecordKind.Program, story.Program)).Record!;
}
