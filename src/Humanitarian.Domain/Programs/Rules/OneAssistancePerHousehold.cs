namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// A household gets one assistance of a kind for one calendar period, whoever gives it on this ledger. What is paid on top to the same
/// person for the same period is part of that assistance.
/// </summary>
public sealed record OneAssistancePerHousehold : Rule
{
    public override IEnumerable<Claim> Claims(Movement movement, ClaimKey key) =>
        movement is { Kind: MovementKind.Credit, Instalment: 0 } ? [key.HouseholdAssistance(movement.Household, movement.AssistanceKind, movement.Period)] : [];
}
