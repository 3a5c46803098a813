namespace Humanitarian.Domain.Programs.Rules;

/// <summary>A household gets one assistance of a kind for one calendar period, whoever gives it on this ledger.</summary>
public sealed record OneAssistancePerHousehold : Rule
{
    public override IEnumerable<Claim> Claims(Movement movement, ClaimKey key) =>
        movement.Kind == MovementKind.Credit ? [key.HouseholdAssistance(movement.Household, movement.AssistanceKind, movement.Period)] : [];
}
