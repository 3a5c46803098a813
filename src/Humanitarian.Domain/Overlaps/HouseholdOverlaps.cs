using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Overlaps;

/// <summary>What suspicions mean for a household's payments.</summary>
public static class HouseholdOverlaps
{
    /// <summary>The suspicions of a household and of those that were merged into it.</summary>
    public static IReadOnlyList<OverlapRecord> Of(Id household, ILedgerView view)
    {
        var found = view.Household(household);
        if (found.Record is not { } record || (found.Version == 1 && record.Inherits.Count == 0))
        {
            // A suspicion gives its households a new version: most have none, and nothing else is read for them.
            return [];
        }

        var overlaps = new List<OverlapRecord>(Marked(household, view));
        foreach (var before in record.Inherits.Select(inheritance => inheritance.Household).Distinct())
        {
            if (Lineage.Current(before, view) == household)
            {
                overlaps.AddRange(Marked(before, view));
            }
        }

        return overlaps;
    }

    /// <summary>True when the other household of a decided match had the assistance by itself.</summary>
    public static bool WasAssisted(Id household, IEnumerable<OverlapRecord> overlaps, long at, string kind, string period, ILedgerView view, ClaimKey key) =>
        overlaps.Where(overlap => overlap.StateAt(at) == OverlapState.Same).Any(overlap =>
            Others(household, overlap, view).Any(other => view.TakenAt(key.HouseholdAssistance(other, kind, period)) is not null));

    /// <summary>What a payment to a household of decided matches uses up, so that the other one is not paid the same.</summary>
    public static IEnumerable<Claim> Claims(IEnumerable<OverlapRecord> overlaps, long at, string kind, string period, ClaimKey key) =>
        overlaps.Where(overlap => overlap.StateAt(at) == OverlapState.Same).Select(overlap => key.HouseholdAssistance(overlap.Id, kind, period));

    private static IEnumerable<OverlapRecord> Marked(Id household, ILedgerView view)
    {
        foreach (var overlap in view.Find<OverlapMarkRecord>(RecordKind.OverlapMark, household).Record?.Overlaps ?? [])
        {
            if (view.Find<OverlapRecord>(RecordKind.Overlap, overlap).Record is { } record)
            {
                yield return record;
            }
        }
    }

    /// <summary>The other side's household as it was suspected, and as it lives on.</summary>
    private static IEnumerable<Id> Others(Id household, OverlapRecord overlap, ILedgerView view)
    {
        var own = overlap.Raiser.Household == household || Lineage.Current(overlap.Raiser.Household, view) == household
            ? overlap.Raiser.Household
            : overlap.Other.Household;
        var other = overlap.Opposite(own);
        return new[] { other, Lineage.Current(other, view) }.Distinct();
    }
}
