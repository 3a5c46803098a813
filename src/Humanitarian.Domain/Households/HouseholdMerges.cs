using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Households;

/// <summary>
/// Households become one. The new one inherits what each had claimed until then; those it was made of live on as it, on lists and in
/// enrolments that name them too.
/// </summary>
public static class HouseholdMerges
{
    /// <summary>Most households of one merge.</summary>
    public const int MaximumHouseholds = 8;

    /// <param name="collector">Who collects for the new household; the first household's collector when none.</param>
    /// <param name="opened">Id of the new household.</param>
    public static Outcome<Transaction> Decide(IReadOnlyList<Id> households, Id collector, Id opened, DecisionScope scope, ILedgerView view)
    {
        var found = households.Select(view.Household).ToArray();
        if (Array.Exists(found, household => household.Record is not { MergedInto.IsNone: true }))
        {
            return new Refusal(RefusalCode.NotFound, "There is no such household.", "households");
        }

        HouseholdRecord[] merged = [.. found.Select(household => household.Record!)];
        if (merged.Length is < 2 or > MaximumHouseholds || households.Distinct().Count() != households.Count)
        {
            return new Refusal(RefusalCode.InvalidInput, $"Two to {MaximumHouseholds} different households become one.", "households");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.HouseholdMerge, namesPersons: true) with
            {
                Writes =
                [
                    new RecordWrite(1, Union(opened, collector.IsNone ? merged[0].Collector : collector, merged)),
                    .. found.Select(household => new RecordWrite(household.Version + 1, Ended(household.Record!, opened))),
                ],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (!transaction.HasClosedPart)
        {
            return null;
        }

        RecordWrite[] others = [.. transaction.Writes.Skip(1)];
        var before = others.Select(write => view.Household(write.Record.Id).Record).ToArray();
        if (transaction.Writes is not [{ Version: 1, Record: HouseholdRecord formed }, ..] || others.Length is < 2 or > MaximumHouseholds
            || Array.Exists(before, household => household is not { MergedInto.IsNone: true } || household.Organisation != before[0]?.Organisation))
        {
            return Checks.Broken("A merge opens one household of several of one organisation.");
        }

        HouseholdRecord[] merged = [.. before.Select(household => household!)];
        if (!AreSame(formed, Union(formed.Id, formed.Collector, merged)) || !formed.Accounts.Contains(formed.Collector)
            || formed.Accounts.Count > HouseholdRecord.MaximumAccounts || formed.Inherits.Count > HouseholdRecord.MaximumInheritances
            || !others.Zip(merged).All(pair => pair.First.Record is HouseholdRecord ended && AreSame(ended, Ended(pair.Second, formed.Id))))
        {
            return new Refusal(RefusalCode.InvalidInput, "A merge takes everybody of its households, few enough, and one of them collects.", "collector");
        }

        return Principals.Require(transaction, view, formed.Organisation, Roles.Registrar);
    }

    internal static IEnumerable<Claim> Claims(Transaction transaction, ClaimKey key) => [key.HouseholdOpened(transaction.Writes[0].Record.Id)];

    private static HouseholdRecord Union(Id opened, Id collector, HouseholdRecord[] merged) => new(
        opened, merged[0].Organisation, merged.Sum(household => household.Size), [.. merged.SelectMany(household => household.Accounts).Distinct()], collector,
        [.. merged.SelectMany(household => household.Alternates).Where(account => account != collector).Distinct()])
    {
        Inherits = HouseholdSplits.Inherited(opened, merged),
    };

    private static HouseholdRecord Ended(HouseholdRecord household, Id opened) =>
        household with { Accounts = [], Collector = Id.None, Alternates = [], MergedInto = opened };

    internal static bool AreSame(HouseholdRecord left, HouseholdRecord right) =>
        (left.Id, left.Organisation, left.Size, left.Collector, left.MergedInto) == (right.Id, right.Organisation, right.Size, right.Collector, right.MergedInto)
        && (left.CollectorsSetBy, left.CollectorsSetAt) == (right.CollectorsSetBy, right.CollectorsSetAt)
        && left.Accounts.SequenceEqual(right.Accounts) && left.Alternates.SequenceEqual(right.Alternates) && left.Inherits.SequenceEqual(right.Inherits);
}
