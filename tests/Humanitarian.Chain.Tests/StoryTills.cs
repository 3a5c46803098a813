using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Tests;

public sealed partial class Story
{
    /// <summary>A beneficiary has a PIN and a card, and pays with each.</summary>
    public void Confirm()
    {
        Chain.Order(Credentials.SetPin(Account(1), ChainBuilder.IdOf("pin"), Chain.Scope(Registrar, "pin"), Chain.State));
        Chain.Order(Credentials.IssueCard(Account(1), Chain.AddressOf("card"), Chain.Scope(Registrar, "card"), Chain.State));
        Chain.Cut();
        Chain.Order(Confirmed("by pin", 100, Confirmation.ByPin));
        Chain.Order(Confirmed("by card", 101, Answered(101)));
        Chain.Cut();
    }

    public Outcome<Transaction> Confirmed(string command, long amountMinor, Confirmation confirmation) => VoucherRedemptions.Decide(
        new RedeemCommand(Program, Account(1), Shop, amountMinor, ["food"], ChainBuilder.EvidenceOf(command), confirmation), Chain.Scope(Cashier, command), Chain.State);

    /// <summary>The card's answer for so much.</summary>
    public Confirmation Answered(long amountMinor, string card = "card")
    {
        var toSign = new CardRedemptionToSign(Program, Account(1), Shop, Unit, amountMinor, ChainBuilder.IdOf($"challenge {amountMinor}"), Chain.Now + 60_000);
        return new Confirmation(
            ConfirmationMethod.Card, toSign.Challenge, toSign.Until, Chain.Sign(Chain.AddressOf(card), SignedObjects.Digest(Chain.Domain, toSign)));
    }
}
