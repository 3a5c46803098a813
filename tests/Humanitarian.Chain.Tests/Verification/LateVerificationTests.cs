using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Exports;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain;
using Humanitarian.Domain.Devices;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Verification;

/// <summary>Late deliveries and samples on a chain, for whoever verifies it.</summary>
public sealed class LateVerificationTests
{
    private readonly Story story = new();
    private readonly Line[] lines = [.. Enumerable.Range(0, 3).Select(i => Story.LineOf("hands", i, 7_000 + i))];

    public LateVerificationTests()
    {
        story.Found();
        story.Fund();
        story.Enrol();
        story.DeliverInPerson();
        story.Chain.Order(Completions.Decide(ChainBuilder.IdOf("hands"), story.Chain.Scope(Story.Registrar), story.Chain.State));
        story.Chain.Cut();
    }

    [Fact]
    public async Task A_chain_with_late_deliveries_and_a_sample_verifies()
    {
        story.QueueLate();
        story.Sample();
        Assert.Null((await story.Chain.Verify()).Failure);
    }

    [Fact]
    public async Task Without_closed_parts_and_in_public_it_verifies_too()
    {
        story.QueueLate();
        story.Sample();
        var last = (ulong)story.Chain.Blocks.Count - 1;
        story.Redact(last);
        var blocks = story.Chain.Blocks.Select(block => BlockCodec.Encode(block.Header.Height > last ? block : block with
        {
            Transactions = [.. block.Transactions.Select(ordered => ordered.Transaction.Closed is { IsEmpty: true } ? ordered
                : ordered with { Transaction = ordered.Transaction with { Closed = null } })],
        }));
        Assert.Null((await Verifier.VerifyAsync(Verifying.Stream(blocks), new VerificationOptions())).Failure);
        var stream = new MemoryStream();
        await PublicExport.WriteAsync(stream, Verifying.Stream(story.Chain.Encoded));
        stream.Position = 0;
        Assert.Null((await PublicVerifier.VerifyAsync(stream, new VerificationOptions())).Failure);
    }

    [Fact]
    public async Task A_late_delivery_that_the_device_did_not_sign_does_not()
    {
        var queued = story.Late("hands", lines, 1, 3).Value!;
        await BrokenAsync(queued with { Authorisations = [queued.Authorisations[0] with { Signature = story.Chain.Sign(story.Chain.AddressOf("sealer"), default) }] });
    }

    [Fact]
    public async Task A_decision_that_the_approver_did_not_sign_does_not()
    {
        story.Chain.Order(story.Late("hands", lines, 1, 3));
        story.Chain.Cut();
        story.OpenSites();
        var decided = story.DecideLate(3, Story.Grant, Story.Approver).Value!;
        await BrokenAsync(decided with { Authorisations = [story.Chain.Authorise(Story.Approver, SignedAction.DecideDeliveryException, default, 7_001)] });
    }

    [Fact]
    public async Task A_decision_that_pays_a_line_that_was_delivered_does_not()
    {
        story.Chain.Order(story.Late("hands", lines, 0, 3));
        story.Chain.Cut();
        story.Chain.Force(story.DecideLate(3, Story.Grant, Story.Approver).Value!);
        story.Chain.Cut();
        Assert.Equal(Invariants.Disbursements, (await story.Chain.Verify()).Failure?.Invariant);
    }

    [Fact]
    public async Task A_decision_that_counts_for_no_day_of_the_device_does_not()
    {
        var accepted = Accepted();
        story.Chain.Force(accepted with { Postings = [.. accepted.Postings.SkipLast(2)] });
        story.Chain.Cut();
        Assert.Equal(Invariants.Disbursements, (await story.Chain.Verify()).Failure?.Invariant);
    }

    [Fact]
    public async Task A_decision_beyond_the_devices_limit_for_the_day_does_not()
    {
        // 14,002 came in time on this day.
        var accepted = Accepted();
        story.Chain.Register(Story.Administrator, story.Chain.State.Peek<DeviceRecord>(RecordKind.Device, Story.Device).Record! with { PerDayMinor = 21_002 });
        story.Chain.Cut();
        story.Chain.Force(accepted with { Reads = [.. accepted.Reads.Select(read => read.Key.Kind == RecordKind.Device ? read with { Version = read.Version + 1 } : read)] });
        story.Chain.Cut();
        Assert.Equal(Invariants.Limits, (await story.Chain.Verify()).Failure?.Invariant);
    }

    private Transaction Accepted()
    {
        story.Chain.Order(story.Late("hands", lines, 1, 3));
        story.Chain.Cut();
        story.OpenSites();
        return story.DecideLate(3, Story.Grant, Story.Approver).Value!;
    }

    private async Task BrokenAsync(Transaction forged)
    {
        story.Chain.Force(forged);
        story.Chain.Cut();
        Assert.Equal(Invariants.Separation, (await story.Chain.Verify()).Failure?.Invariant);
    }
}
