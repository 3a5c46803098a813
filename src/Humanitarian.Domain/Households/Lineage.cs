using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Households;

/// <summary>Which household a person's assistance counts for, after splits and merges.</summary>
public static class Lineage
{
    /// <summary>The household that lives on: the one it was merged into, and so on.</summary>
    public static Id Current(Id household, ILedgerView view)
    {
        // Merging opens a new household each time, so the way never leads back.
        while (view.Household(household).Record is { MergedInto: { IsNone: false } next })
        {
            household = next;
        }

        return household;
    }

    /// <summary>
    /// The household that a line counts for. A list keeps the household that was written when it was frozen; the person may have left it
    /// in a split since.
    /// </summary>
    public static Id OfLine(Id account, Id named, Id program, ILedgerView view)
    {
        var enrolled = view.Enrolment(program, account)?.Household ?? named;
        return Current(
            enrolled != named && view.Household(enrolled).Record is { } own && own.Inherits.Any(inheritance => inheritance.Household == named) ? enrolled : named, view);
    }

    /// <summary>True when a household that this one came from had the assistance before they parted.</summary>
    public static bool HasInherited(Id household, string kind, string period, ILedgerView view, ClaimKey key) =>
        view.Household(household).Record is { } record
        && record.Inherits.Any(inheritance =>
            view.TakenAt(key.HouseholdAssistance(inheritance.Household, kind, period)) is { } taken
            && view.TakenAt(key.HouseholdOpened(inheritance.Until)) is { } opened && taken < opened);
}
