using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;

namespace Humanitarian.Api.Redemptions;

/// <summary>The beneficiary's word as a till brings it: a PIN is compared here, a card's signature where the ledger decides.</summary>
public sealed class TillConfirmations(Access access, Pins pins, CardChallenges challenges)
{
    /// <summary>What the till says it has, before any PIN is compared. Null for a redemption without any; both a PIN and a card count as the card.</summary>
    public Outcome<Confirmation?> Read(RedeemVoucherInput input, string unit)
    {
        var collector = input.Confirmer == input.BeneficiaryAccountId ? Id.None : input.Confirmer;
        if (input.Card is not { } card)
        {
            return input.Pin is not null ? Confirmation.ByPin with { Collector = collector }
                : collector.IsNone ? default(Confirmation)
                : new Refusal(RefusalCode.ConfirmationRequired, "Who collects for somebody else confirms by card or PIN.", "pin");
        }

        var redemption = new CardRedemptionToSign(
            input.ProgramId, input.BeneficiaryAccountId, input.VendorAccountId, unit, input.Amount.AmountMinor, card.Challenge, card.Until);
        return challenges.IsOurs(redemption)
            ? new Confirmation(ConfirmationMethod.Card, card.Challenge, card.Until, card.Signature) { Collector = collector }
            : new Refusal(RefusalCode.InvalidInput, "This is no challenge for this redemption; ask for one with cardChallenge.", "card");
    }

    /// <summary>Compares the PIN, where there is one; the attempt is counted before.</summary>
    /// <returns>Why it is not the beneficiary's word, or null.</returns>
    public async Task<Refusal?> CompareAsync(RedeemVoucherInput input)
    {
        if (input.Pin is not { } pin)
        {
            return null;
        }

        var credential = await access.FindAsync<CredentialRecord>(RecordKind.Credential, input.Confirmer);
        return await pins.RefuseAsync(input.Confirmer, credential?.Pin ?? Id.None, input.VendorAccountId, access.Caller.Organisation, pin);
    }

    /// <summary>True for a till that a beneficiary of the program is expected at, themselves. A wrong PIN of any other counts only where the ledger would take the right one.</summary>
    public async Task<bool> IsExpectedAsync(RedeemVoucherInput input, ProgramRecord program) =>
        input.Confirmer == input.BeneficiaryAccountId && program is { Active: true, Stops.Count: 0 }
        && await access.AccountAsync(input.VendorAccountId) is { AccountKind: AccountKind.Vendor, Status: AccountStatus.Open }
        && await access.FindAsync<AccreditationRecord>(RecordKind.Accreditation, AccreditationRecord.IdOf(program.Id, input.VendorAccountId)) is { Active: true } accreditation
        && (accreditation.Program, accreditation.VendorAccount) == (program.Id, input.VendorAccountId)
        && await access.FindAsync<AccountRecord>(RecordKind.Account, input.BeneficiaryAccountId) is { NamesPerson: true } beneficiary
        && beneficiary.Organisation == program.Organisation;
}
