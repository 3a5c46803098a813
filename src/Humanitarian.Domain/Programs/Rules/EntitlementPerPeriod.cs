using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>What one beneficiary may receive for one calendar period, once.</summary>
/// <param name="MaximumMinor">Minor units.</param>
public sealed record EntitlementPerPeriod(long MaximumMinor) : Rule
{
    public override Refusal? Validate() =>
        MaximumMinor > 0 ? null : new Refusal(RefusalCode.InvalidInput, "maximumMinor must be positive.", "terms");

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Kind == MovementKind.Credit && movement.AmountMinor > MaximumMinor
            ? new Refusal(RefusalCode.EntitlementExceeded, $"A beneficiary may receive at most {MaximumMinor} minor units for one period.", "amountMinor")
            : null;

    public override IEnumerable<Claim> Claims(Movement movement, ClaimKey key) =>
        movement is { Kind: MovementKind.Credit, Payee: { } payee }
            ? [key.Entitlement(payee.Id, movement.Program.Id, movement.Period, movement.Instalment)]
            : [];
}
