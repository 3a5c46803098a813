using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Overlaps;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// A household gets one assistance of a kind for one calendar period, whoever gives it on this ledger: also across organisations, once
/// both say that their records are one household. What is paid on top to the same person for the same period is part of that assistance.
/// </summary>
public sealed record OneAssistancePerHousehold : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view) =>
        IsFirst(movement) && movement.Overlaps.Any(overlap => overlap.HoldsAt(movement.At))
            ? new Refusal(RefusalCode.OverlapSuspected, "Another organisation may assist this household; both decide, and until their time is over it is not paid.", "account")
            : null;

    public override Refusal? CheckInherited(Movement movement, ILedgerView view, ClaimKey key) =>
        !IsFirst(movement) ? null
        : Lineage.HasInherited(movement.Household, movement.AssistanceKind, movement.Period, view, key)
            ? new Refusal(RefusalCode.AlreadyAssisted, "The household that this one came from has had this assistance for the period.", "account")
        : HouseholdOverlaps.WasAssisted(movement.Household, movement.Overlaps, movement.At, movement.AssistanceKind, movement.Period, view, key)
            ? new Refusal(RefusalCode.AlreadyAssisted, "The household has had this assistance for the period from another organisation.", "account")
        : null;

    public override IEnumerable<Claim> Claims(Movement movement, ClaimKey key) => IsFirst(movement)
        ? [
            key.HouseholdAssistance(movement.Household, movement.AssistanceKind, movement.Period),
            .. HouseholdOverlaps.Claims(movement.Overlaps, movement.At, movement.AssistanceKind, movement.Period, key),
        ]
        : [];

    private static bool IsFirst(Movement movement) => movement is { Kind: MovementKind.Credit, Instalment: 0 };
}
