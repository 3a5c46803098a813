using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// Payments may wait for the payee's word, and larger ones must: what is set aside becomes the payee's when they accept, and goes
/// back to the payer when either side declines or the time is over.
/// </summary>
/// <param name="AboveMinor">Payments of more than this, in minor units, are not made without the payee's word.</param>
/// <param name="Seconds">Longest that a payment waits.</param>
public sealed record Acceptance(long AboveMinor, long Seconds) : Rule
{
    public override Refusal? Validate() =>
        AboveMinor >= 0 && Seconds is > 0 and <= 366L * 86_400
            ? null
            : new Refusal(RefusalCode.InvalidInput, "aboveMinor must not be negative; seconds must be positive and at most a year.", "terms");

    public override Refusal? Check(Movement movement, ILedgerView view) => movement.Kind switch
    {
        MovementKind.Transfer when movement.AmountMinor > AboveMinor =>
            new Refusal(RefusalCode.AcceptanceRequired, $"Payments of more than {AboveMinor} minor units wait for the payee to accept.", "amountMinor"),
        MovementKind.Promise when movement.Until <= movement.At || movement.Until > movement.At + (Seconds * 1000) =>
            new Refusal(RefusalCode.InvalidInput, $"A payment waits for at most {Seconds} seconds.", "until"),
        _ => null,
    };
}
