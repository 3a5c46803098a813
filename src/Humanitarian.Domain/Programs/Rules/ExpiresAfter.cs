using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>What a disbursement credits expires some time after its release, or earlier if it says so; it goes back to its grants.</summary>
/// <param name="Seconds">Seconds from release to expiry.</param>
public sealed record ExpiresAfter(long Seconds) : Rule
{
    public override Refusal? Validate() =>
        Seconds is > 0 and <= 100L * 366 * 86_400 ? null : new Refusal(RefusalCode.InvalidInput, "seconds must be positive and at most a century.", "terms");

    public override Movement Decide(Movement movement, ILedgerView view) =>
        movement.Kind == MovementKind.Issue ? movement with { ExpiresAt = Math.Min(movement.ExpiresAt, Latest(movement)) } : movement;

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Kind == MovementKind.Issue && (movement.ExpiresAt <= movement.At || movement.ExpiresAt > Latest(movement))
            ? new Refusal(RefusalCode.InvalidInput, "The expiry must lie after the release and within the program's terms.", "expiresAt")
            : null;

    private long Latest(Movement movement) => checked(movement.At + (Seconds * 1000));
}
