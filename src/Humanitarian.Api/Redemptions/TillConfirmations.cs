using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Redemptions;

namespace Humanitarian.Api.Redemptions;

/// <summary>The beneficiary's word as a till brings it: a PIN is compared here, a card's signature where the ledger decides.</summary>
public sealed class TillConfirmations(Access access, Pins pins, CardChallenges challenges)
{
    /// <summary>Null for a redemption without any; both a PIN and a card count as the card.</summary>
    public async Task<Outcome<Confirmation?>> ReadAsync(RedeemVoucherInput input, string unit)
    {
        if (input.Pin is { } pin)
        {
            var credential = await access.FindAsync<CredentialRecord>(RecordKind.Credential, input.BeneficiaryAccountId);
            if (await pins.RefuseAsync(input.BeneficiaryAccountId, credential?.Pin ?? Id.None, input.VendorAccountId, access.Caller.Organisation, pin) is { } refusal)
            {
                return refusal;
            }
        }

        if (input.Card is not { } card)
        {
            return input.Pin is null ? default(Confirmation) : Confirmation.ByPin;
        }

        var redemption = new CardRedemptionToSign(
            input.ProgramId, input.BeneficiaryAccountId, input.VendorAccountId, unit, input.Amount.AmountMinor, card.Challenge, card.Until);
        return challenges.IsOurs(redemption)
            ? new Confirmation(ConfirmationMethod.Card, card.Challenge, card.Until, card.Signature)
            : new Refusal(RefusalCode.InvalidInput, "This is no challenge for this redemption; ask for one with cardChallenge.", "card");
    }
}
