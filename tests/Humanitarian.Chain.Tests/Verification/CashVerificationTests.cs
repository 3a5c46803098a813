using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Exports;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Verification;

public sealed class CashVerificationTests
{
    private readonly Story story = new();

    public CashVerificationTests()
    {
        story.Found();
        story.BeginCash();
    }

    private ChainBuilder Chain => story.Chain;

    [Fact]
    public async Task A_chain_with_cash_verifies_to_the_state_it_was_built_on()
    {
        story.RunCash();
        var report = await Chain.Verify();
        Assert.Null(report.Failure);
        Assert.Equal(Chain.State.Flows.OrderBy(flow => flow.Key), report.State.Flows.OrderBy(flow => flow.Key));
        Assert.Equal(Chain.State.Claims.Order(), report.State.Claims.Order());
        Assert.Equal(300, report.State.Flow(ChainBuilder.IdOf("cash receipt"), LotFlow.Fee));
    }

    [Fact]
    public async Task A_second_round_that_leaves_out_a_contradicted_line_verifies()
    {
        Chain.Order(story.Reconcile("report", Story.ReportOf("cash", 0, 0, "FAILED"), Story.ReportOf("cash", 1, 0, "FAILED")));
        Chain.Order(story.Reconcile("late", Story.ReportOf("cash", 0, 10_000)));
        Chain.Cut();
        story.Instruct(
            "again", ChainBuilder.IdOf("cash"), [new UnpaidLine(0, RefusalCode.Contradicted)], Story.LineOf("again", 0, 10_000), Story.LineOf("again", 1, 10_001));
        Chain.Order(story.Decide("cash", 0, "late", accept: true));
        Chain.Cut();
        Assert.Null((await Chain.Verify()).Failure);
        Assert.Equal(10_000, Chain.State.Peek<CashLineRecord>(RecordKind.CashLine, Story.CashLineOf("cash", 0)).Record!.DeliveredMinor);
    }

    [Fact]
    public async Task Without_closed_parts_and_in_public_it_verifies_too()
    {
        story.RunCash();
        var last = (ulong)Chain.Blocks.Count - 1;
        story.Redact(last);
        var blocks = Chain.Blocks.Select(block => Blocks.BlockCodec.Encode(block.Header.Height > last ? block : block with
        {
            Transactions = [.. block.Transactions.Select(ordered => ordered.Transaction.Closed is { IsEmpty: true } ? ordered
                : ordered with { Transaction = ordered.Transaction with { Closed = null } })],
        }));
        var open = await Verifier.VerifyAsync(Verifying.Stream(blocks), new VerificationOptions());
        Assert.Null(open.Failure);
        var stream = new MemoryStream();
        await PublicExport.WriteAsync(stream, Verifying.Stream(Chain.Encoded));
        stream.Position = 0;
        Assert.Null((await PublicVerifier.VerifyAsync(stream, new VerificationOptions())).Failure);
    }

    [Fact]
    public async Task A_report_with_another_total_than_signed_is_refused()
    {
        var report = story.Reconcile("report", Story.ReportOf("cash", 0, 10_000)).Value!;
        var record = (ReconciliationRecord)report.Writes[0].Record;
        await Forged(
            report with { Writes = [report.Writes[0] with { Record = record with { DeliveredMinor = 20_000 } }, .. report.Writes.Skip(1)] },
            Invariants.Separation, RefusalCode.SignatureInvalid);
    }

    [Fact]
    public async Task A_report_nobody_signed_is_refused()
    {
        await Forged(story.Reconcile("report", Story.ReportOf("cash", 0, 10_000)).Value! with { Authorisations = [] }, Invariants.Separation, RefusalCode.SignatureRequired);
    }

    [Fact]
    public async Task A_claim_not_opened_again_is_named()
    {
        await Forged(story.Reconcile("report", Story.ReportOf("cash", 2, 0, "FAILED")).Value! with { Reopens = [] }, Invariants.Limits, RefusalCode.Tampered);
    }

    [Fact]
    public async Task A_claim_opened_though_it_was_used_is_named()
    {
        var delivered = story.Reconcile("report", Story.ReportOf("cash", 2, 10_002)).Value!;
        var line = (CashLineRecord)delivered.Writes[1].Record;
        await Forged(delivered with { Reopens = [.. line.Claims] }, Invariants.Limits, RefusalCode.Tampered);
    }

    [Fact]
    public async Task A_line_that_ends_again_is_named()
    {
        var first = story.Reconcile("report", Story.ReportOf("cash", 0, 10_000)).Value!;
        Chain.Order(first);
        Chain.Cut();
        var again = story.Reconcile("late", Story.ReportOf("cash", 0, 0, "FAILED")).Value!;
        var line = Chain.State.Peek<CashLineRecord>(RecordKind.CashLine, Story.CashLineOf("cash", 0));
        await Forged(
            again with { Writes = [again.Writes[0], new RecordWrite(line.Version + 1, line.Record!.Ended(0, "FAILED", ChainBuilder.EvidenceOf("late")))] },
            Invariants.Limits, RefusalCode.Tampered);
    }

    [Fact]
    public async Task More_than_was_instructed_is_never_delivered()
    {
        var report = story.Reconcile("report", Story.ReportOf("cash", 0, 10_000)).Value!;
        var line = (CashLineRecord)report.Writes[1].Record;
        Posting[] postings = [report.Postings[0] with { AmountMinor = -10_001 }, report.Postings[1] with { AmountMinor = 10_001 }];
        var record = (ReconciliationRecord)report.Writes[0].Record with { DeliveredMinor = 10_001, RecordedDeliveredMinor = 10_001 };
        await Forged(
            report with
            {
                Writes = [report.Writes[0] with { Record = record }, report.Writes[1] with { Record = line with { DeliveredMinor = 10_001, AmountMinor = 10_001 } }],
                Postings = postings,
                Authorisations = [Chain.Authorise(Story.Finance, SignedAction.ReconcileCash, SignedObjects.ObjectOf(record), 10_001)],
            },
            Invariants.Limits, RefusalCode.Tampered);
    }

    [Fact]
    public void Nothing_of_a_line_stands_in_an_open_part()
    {
        story.RunCash();
        foreach (var ordered in Chain.Blocks.SelectMany(block => block.Transactions))
        {
            var open = Convert.ToHexStringLower(ordered.Transaction.Open.Span);
            for (var beneficiary = 0; beneficiary < Story.Beneficiaries; beneficiary++)
            {
                Assert.DoesNotContain(Story.Account(beneficiary).ToString(), open, StringComparison.Ordinal);
                Assert.DoesNotContain(Story.CashLineOf("cash", beneficiary).ToString(), open, StringComparison.Ordinal);
                Assert.DoesNotContain(Story.CashLineOf("again", beneficiary).ToString(), open, StringComparison.Ordinal);
            }
        }
    }

    private async Task Forged(Transaction transaction, int invariant, string code)
    {
        Chain.Force(TransactionCodec.Decode(TransactionCodec.Encode(transaction)));
        Chain.Cut();
        var report = await Chain.Verify();
        Assert.Equal(invariant, report.Failure?.Invariant);
        Assert.StartsWith(code, report.Failure!.Message, StringComparison.Ordinal);
    }
}
