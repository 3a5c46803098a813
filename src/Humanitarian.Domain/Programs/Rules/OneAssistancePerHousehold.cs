using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// A household gets one assistance of a kind for one calendar period, whoever gives it on this ledger. What is paid on top to the same
/// person for the same period is part of that assistance.
/// </summary>
public sealed record OneAssistancePerHousehold : Rule
{
    public override Refusal? CheckInherited(Movement movement, ILedgerView view, ClaimKey key) =>
        movement is { Kind: MovementKind.Credit, Instalment: 0 }
        && Lineage.HasInherited(movement.Household, movement.AssistanceKind, movement.Period, view, key)
            ? new Refusal(RefusalCode.AlreadyAssisted, "The household that this one came from has had this assistance for the period.", "account")
            : null;

    public override IEnumerable<Claim> Claims(Movement movement, ClaimKey key) =>
        movement is { Kind: MovementKind.Credit, Instalment: 0 } ? [key.HouseholdAssistance(movement.Household, movement.AssistanceKind, movement.Period)] : [];
}
