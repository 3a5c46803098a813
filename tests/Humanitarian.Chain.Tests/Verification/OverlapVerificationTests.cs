using Humanitarian.Domain.Overlaps;

namespace Humanitarian.Chain.Tests.Verification;

/// <summary>Suspicions on a chain, for whoever verifies it.</summary>
public sealed class OverlapVerificationTests
{
    private readonly Story story = new();

    public OverlapVerificationTests()
    {
        story.Found();
        story.Fund();
        story.Enrol();
        story.Suspect(Story.Program);
    }

    [Fact]
    public async Task A_chain_with_a_decided_suspicion_verifies() => Assert.Null((await story.Chain.Verify()).Failure);

    [Fact]
    public async Task A_decision_that_somebody_else_signed_does_not()
    {
        var forged = new Story();
        forged.Found();
        forged.Fund();
        forged.Enrol();
        forged.Suspect(Story.Program);
        var appeal = OverlapDecisions.Appeal(
            Story.Suspected, "NEW", forged.Chain.Now + 1_000, [forged.Chain.Authorise(Story.Approver, "decideOverlap", default, 0)], forged.Chain.Scope(Story.Approver),
            forged.Chain.State);
        forged.Chain.Force(appeal.Value!);
        forged.Chain.Cut();
        Assert.Equal(11, (await forged.Chain.Verify()).Failure?.Invariant);
    }
}
