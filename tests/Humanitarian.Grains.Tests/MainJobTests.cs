using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Grains.Tests;

public sealed class MainJobTests
{
    [Fact]
    public async Task A_voucher_program_runs_from_donation_to_settlement_and_the_chain_verifies()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var story = new VoucherStory(silo);
        await story.SetUpAsync();
        await story.EnrolAsync(1_200);

        var bulk = await story.ReleaseAsync(0, 1_150, inPerson: false);
        var paid = await story.UntilAsync(bulk, DisbursementState.Completed);
        Assert.Equal(1_150, paid.PaidLines);
        var inPerson = await story.ReleaseAsync(1_150, 50, inPerson: true);
        for (var beneficiary = 1_150; beneficiary < 1_190; beneficiary++)
        {
            LedgerSilo.Done(await story.DeliverAsync(inPerson, beneficiary, (ulong)beneficiary));
        }

        await Task.WhenAll(Enumerable.Range(0, 300).Select(async beneficiary => LedgerSilo.Done(await story.RedeemAsync(beneficiary, 1_000 + beneficiary))));
        LedgerSilo.Done(await silo.Commands.CompleteDisbursementAsync(story.Context(story.Registrar), inPerson));

        var request = story.Context(story.Till);
        LedgerSilo.Done(await silo.Commands.RequestSettlementAsync(request, story.Program, story.Vendor, 200_000, long.MaxValue));
        var settlement = silo.Commands.IdFor(request);
        LedgerSilo.Done(await story.SignedAsync(story.Finance, signed => silo.Commands.ApproveSettlementAsync(signed, settlement, 150_000, default)));
        LedgerSilo.Done(await story.SignedAsync(story.Finance, signed => silo.Commands.ApproveSettlementAsync(signed, settlement, 50_000, default)));
        LedgerSilo.Done(await silo.Commands.RecordCostAsync(story.Context(story.Finance), new CostRequest(story.Grant, "logistics", 40_000, false, default)));
        LedgerSilo.Done(await silo.Commands.ReturnGrantAsync(story.Context(story.Finance), story.Grant, "KES", 10_000, default));

        var first = (await silo.Reader.TraceAsync(story.Grant))!;
        var second = (await silo.Reader.TraceAsync(story.SecondGrant))!;
        Assert.Equal(10_000_000, first.DonatedMinor);
        Assert.Equal((1_150 + 40) * VoucherStory.LineMinor, first.DisbursedMinor + second.DisbursedMinor);
        Assert.Equal(Enumerable.Range(0, 300).Sum(beneficiary => 1_000L + beneficiary), first.RedeemedMinor + second.RedeemedMinor);
        Assert.Equal(200_000, first.SettledMinor + second.SettledMinor);
        foreach (var trace in new[] { first, second })
        {
            Assert.Equal(trace.DonatedMinor, trace.UnspentMinor + trace.DisbursedMinor - trace.ExpiredMinor + trace.CostsMinor + trace.ReturnedMinor);
            Assert.Equal(trace.DisbursedMinor, trace.RedeemedMinor + trace.ExpiredMinor + trace.HeldMinor);
            Assert.True(trace.SettledMinor <= trace.RedeemedMinor);
        }

        var report = await silo.VerifyAsync();
        Assert.True(report.Ok, report.Failure?.ToString());
    }

    [Fact]
    public async Task Expired_vouchers_go_back_to_their_grants_by_themselves()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var story = new VoucherStory(silo);
        await story.SetUpAsync(expireAfterSeconds: 12);
        await story.EnrolAsync(30);
        var id = await story.ReleaseAsync(0, 30, inPerson: false);
        await story.UntilAsync(id, DisbursementState.Completed);
        LedgerSilo.Done(await story.RedeemAsync(0, 1_001));

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await silo.Reader.TraceAsync(story.Grant))!.HeldMinor > 0)
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }

        LedgerSilo.Refused(RefusalCode.InsufficientFunds, await story.RedeemAsync(1, 1));
        var expired = (await silo.Reader.TraceAsync(story.Grant))!.ExpiredMinor + (await silo.Reader.TraceAsync(story.SecondGrant))!.ExpiredMinor;
        Assert.Equal((30 * VoucherStory.LineMinor) - 1_001, expired);
        var report = await silo.VerifyAsync();
        Assert.True(report.Ok, report.Failure?.ToString());
    }
}
