using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// What one beneficiary may receive for one calendar period: at once, or with top-ups, instalments and retroactive payments, which are
/// bounded by the sum of all that was paid for the period.
/// </summary>
/// <param name="MaximumMinor">Minor units.</param>
public sealed record EntitlementPerPeriod(long MaximumMinor) : Rule
{
    public override Refusal? Validate() =>
        MaximumMinor > 0 ? null : new Refusal(RefusalCode.InvalidInput, "maximumMinor must be positive.", "terms");

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Kind != MovementKind.Credit ? null
        : movement.Purpose == DisbursementPurpose.Regular ? Within(movement.Paid?.SumMinor ?? 0, movement)
        : movement.Paid is not { } paid ? Checks.Broken("Nobody knows what was paid for the period.")
        : movement.Purpose == DisbursementPurpose.TopUp && paid.Count == 0
            ? new Refusal(RefusalCode.NotYetAssisted, "A top-up adds to what was paid for the period; nothing was.", "account")
        : paid.Count > 0 && paid.AssistanceKind != movement.AssistanceKind
            ? new Refusal(RefusalCode.AlreadyAssisted, "The beneficiary has had another kind of assistance for the period.", "account")
        : Within(paid.SumMinor, movement);

    public override IEnumerable<Claim> Claims(Movement movement, ClaimKey key) =>
        movement is { Kind: MovementKind.Credit, Payee: { } payee }
            ? [key.Entitlement(payee.Id, movement.Program.Id, movement.Period, movement.Instalment)]
            : [];

    private Refusal? Within(long paidMinor, Movement movement) => (Int128)paidMinor + movement.AmountMinor > MaximumMinor
        ? new Refusal(RefusalCode.EntitlementExceeded, $"A beneficiary may receive at most {MaximumMinor} minor units for one period.", "amountMinor")
        : null;
}
