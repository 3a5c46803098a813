using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Verification;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests.Verification;

public sealed class VerifierTests
{
    [Fact]
    public async Task A_sound_chain_verifies_with_the_state_it_was_built_on()
    {
        var story = Story.Whole();
        var report = await story.Chain.Verify();
        Assert.Null(report.Failure);
        Assert.Equal((ulong)story.Chain.Blocks.Count - 1, report.Height);
        Assert.Equal(story.Chain.Blocks.Sum(block => block.Transactions.Count), report.Transactions);
        Assert.Equal(story.Chain.Blocks[^1].Header.Hash(story.Chain.Domain), report.HeadHash);
        Assert.Equal(new UnitTotals(5_518_687, 1_558_572), report.Units[Story.Unit]);
        Assert.Equal(story.Chain.State.Records.Count(), report.State.Records.Count());
        Assert.Equal(story.Chain.State.Flows.OrderBy(flow => flow.Key).ToArray(), report.State.Flows.OrderBy(flow => flow.Key).ToArray());
    }

    [Fact]
    public void The_stories_have_every_kind_of_transaction()
    {
        var story = Story.Whole();
        story.Redact(3);
        var cash = new Story();
        cash.Found();
        cash.BeginCash();
        cash.RunCash();
        cash.Suspect(Story.Cash);
        var tills = new Story();
        tills.Found();
        tills.Fund();
        tills.Enrol();
        tills.DisburseInBulk();
        tills.Confirm();
        tills.PayOut();
        tills.TakeBack();
        var kinds = story.Chain.Blocks.Concat(cash.Chain.Blocks).Concat(tills.Chain.Blocks).SelectMany(block => block.Transactions)
            .Select(ordered => TransactionCodec.Decode(ordered.Transaction).Kind).ToHashSet();
        Assert.Equal(Enum.GetValues<TransactionKind>().ToHashSet(), kinds);
    }
}
