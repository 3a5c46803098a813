using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Suspicions between two organisations in random lives.</summary>
internal static class OverlapSteps
{
    private const int Others = 2;

    public static Outcome<Transaction>? Decide(Step step, World world) => step.Act == Act.Suspect ? Suspect(step, world) : Opine(step, world);

    private static Outcome<Transaction>? Suspect(Step step, World world)
    {
        var other = step.A % Others;
        return world.Get<HouseholdRecord>(RecordKind.Household, OtherNgo.Household(other)) is null ? OtherNgo.TryRegister(world, other)
            : world.Get<HouseholdRecord>(RecordKind.Household, World.Household(step.C % World.People)) is null ? default(Outcome<Transaction>?)
            : OtherNgo.TrySuspect(world, step.C % World.People, other, step.B > 1, step.B == 7 ? 0 : 1);
    }

    private static Outcome<Transaction>? Opine(Step step, World world)
    {
        OverlapRecord[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<OverlapRecord>()];
        if (all.Length == 0)
        {
            return null;
        }

        var (overlap, approver) = (all[step.A % all.Length].Id, step.B % 2 == 0 ? World.Approver : World.Stranger);
        return step.C == 7
            ? OverlapDecisions.Appeal(overlap, "NEW", world.Now + World.Minute, [world.Sign(approver)], world.Scope(approver), world.State)
            : OtherNgo.TryDecide(world, approver, overlap, step.C < 4 ? OverlapOpinion.Same : step.C < 6 ? OverlapOpinion.Different : OverlapOpinion.Unsure, step.B == 6 ? "" : "SEEN");
    }
}

internal sealed partial class Model
{
    // Until both have decided or their time is over, a household under strong suspicion gets nothing.
    private void MustNotBeHeld(Id household, DisbursementRecord disbursement, long at) => Must(
        disbursement.Program != World.Voucher || !All<OverlapRecord>().Any(overlap =>
            overlap.IsStrong && at < overlap.DecideUntil && Living(overlap.Raiser.Household) == household
            && !(overlap.Raiser.Opinion == overlap.Other.Opinion && overlap.Raiser.Opinion is OverlapOpinion.Same or OverlapOpinion.Different)),
        "a suspected household was paid");

    private Id Living(Id household)
    {
        while (Find<HouseholdRecord>(RecordKind.Household, household) is { MergedInto: { IsNone: false } next })
        {
            household = next;
        }

        return household;
    }
}
