using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    /// <summary>Households split and merge; somebody dies, and somebody else succeeds.</summary>
    public void ChangeHouseholds()
    {
        Chain.Order(HouseholdSplits.Decide(
            new SplitCommand(Household(1), [], [ChainBuilder.IdOf("leaver")], 1, Id.None, Id.None, [Program, Community]), ChainBuilder.IdOf("split"),
            Chain.Scope(Registrar, "split"), Chain.State));
        Chain.Order(HouseholdMerges.Decide([Household(2), Household(3)], Id.None, ChainBuilder.IdOf("union"), Chain.Scope(Registrar, "union"), Chain.State));
        Chain.Order(Deaths.Decide(
            new DeathCommand(Household(4), Account(4), ChainBuilder.IdOf("heir"), [Program, Community]), ChainBuilder.IdOf("succession"), Chain.Scope(Registrar, "death"),
            Chain.State));
        Chain.Cut();
        Chain.Order(Succession(Approver));
        Chain.Cut();
    }

    public Outcome<Transaction> Succession(Id approver)
    {
        var record = Chain.State.Peek<SuccessionRecord>(RecordKind.Succession, ChainBuilder.IdOf("succession")).Record!;
        return Successions.Decide(
            record.Id, [Chain.Authorise(approver, SignedAction.ApproveSuccession, SignedObjects.ObjectOf(record), 0)], Chain.Scope(approver), Chain.State);
    }
}
