using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Cases;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
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

    /// <summary>Somebody else collects for the household, with a card of their own.</summary>
    public void Collect()
    {
        var household = Chain.State.Records.Select(entry => entry.Record).OfType<HouseholdRecord>().Single(record => record.Accounts.Contains(Account(1)));
        Chain.Register(Registrar, household with { Alternates = [Account(2)] });
        Chain.Order(Credentials.IssueCard(Account(2), Chain.AddressOf("collector's card"), Chain.Scope(Registrar, "collector's card"), Chain.State));
        Chain.Cut();
        Chain.Order(Confirmed("collected", 102, Answered(102, "collector's card") with { Collector = Account(2) }));
        Chain.Cut();
    }

    /// <summary>A beneficiary gets a login, disputes an entry with it and takes their consent back.</summary>
    public void ServeThemselves()
    {
        var (account, login) = (Account(1), ChainBuilder.IdOf("login"));
        Chain.Order(Credentials.GiveLogin(account, login, Chain.Scope(Registrar, "login"), Chain.State));
        Chain.Order(Registry.Decide(
            [new PrivacyNoticeRecord(account, Ngo, LawfulBasis.Consent, "1", (Chain.Now / 86_400_000) + 1, Registrar)], [], Chain.Scope(Registrar, "notice"), Chain.State));
        Chain.Cut();
        Chain.Order(Registry.Decide(
            [
                new CaseRecord(
                    ChainBuilder.IdOf("dispute"), Ngo, account, Id.None, CaseKind.Dispute, CaseStatus.Open, false, ChainBuilder.EvidenceOf("said"), login, login) { Entry = 1 },
            ],
            [], Chain.Scope(login, "dispute"), Chain.State));
        Chain.Order(PrivacyNoticeRecord.Withdraw(account, Chain.Scope(login, "withdrawn"), Chain.State));
        Chain.Cut();
    }

    /// <summary>A member of staff is screened, which names a person.</summary>
    public void ScreenStaff() => Chain.Order(Registry.Decide(
        [
            new ScreeningRecord(
                ScreeningRecord.IdOf(Ngo, Finance, "UN"), Ngo, Finance, "UN", Chain.Now / 86_400_000, ScreeningOutcome.Clear, (Chain.Now / 86_400_000) + 30, Administrator) { OfMember = true },
        ],
        [], Chain.Scope(Administrator, "screened"), Chain.State));

    public Outcome<Transaction> Confirmed(string command, long amountMinor, Confirmation confirmation) => VoucherRedemptions.Decide(
        new RedeemCommand(Program, Account(1), Shop, amountMinor, ["food"], ChainBuilder.EvidenceOf(command), confirmation), Chain.Scope(Cashier, command), Chain.State);

    /// <summary>The card's answer for so much.</summary>
    public Confirmation Answered(long amountMinor, string card = "card")
    {
        var toSign = new CardRedemptionToSign(Program, Account(1), Shop, Unit, amountMinor, ChainBuilder.IdOf($"challenge {amountMinor}"), Chain.Now + 60_000);
        return new Confirmation(
            ConfirmationMethod.Card, toSign.Challenge, toSign.Until, Chain.Sign(Chain.AddressOf(card), SignedObjects.Digest(Chain.Domain, toSign)));
    }

    /// <summary>A shop's pay-out details, a settlement, and a pay-out that comes back.</summary>
    public void PayOut()
    {
        Chain.Register(Operator, Member(ChainBuilder.IdOf("owner"), ChainBuilder.IdOf("shop"), "owner", Roles.Administrator));
        Chain.Order(PayoutDetails.Propose(Shop, ChainBuilder.EvidenceOf("details"), 0, Chain.Scope(Cashier), Chain.State));
        Chain.Cut();
        var waiting = Chain.State.Peek<PayoutDetailsRecord>(RecordKind.PayoutDetails, Shop);
        var confirmed = waiting.Record! with
        {
            Number = 1, Confirmed = waiting.Record.Proposed, ConfirmedBy = ChainBuilder.IdOf("owner"), Proposed = default, ProposedBy = Id.None, ConfirmableAt = 0,
        };
        var signature = Chain.Authorise(
            ChainBuilder.IdOf("owner"), SignedAction.ChangeRecords, SignedObjects.ObjectOf([new RecordWrite(waiting.Version + 1, confirmed)]), 0);
        Chain.Order(PayoutDetails.Confirm(Shop, [signature], Chain.Scope(ChainBuilder.IdOf("owner")), Chain.State));
        Request("paid out", 150, 1000_000);
        Chain.Cut();
        Approve("paid out", 70);
        Chain.Cut();
        Chain.Order(PaidBack(Finance));
        Chain.Cut();
    }

    public Outcome<Transaction> PaidBack(Id by)
    {
        var payout = Chain.State.Records.Select(entry => entry.Record).OfType<PayoutRecord>().First();
        return PayoutReturns.Decide(
            payout.Id, ChainBuilder.EvidenceOf("bank's notice"),
            [Chain.Authorise(by, SignedAction.ReturnPayout, SignedObjects.ObjectOf(payout), payout.AmountMinor)], Chain.Scope(by), Chain.State);
    }

    /// <summary>One member proposes terms, another approves them, and the ledger puts them in effect at their height.</summary>
    private void Amend(ProgramRecord program, string terms)
    {
        Chain.Register(Administrator, program with { Amendment = new TermsAmendment(terms, 0, (ulong)Chain.Blocks.Count + 2, Administrator, Id.None) });
        Chain.Cut();
        var proposed = Chain.State.Peek<ProgramRecord>(RecordKind.Program, Program).Record!;
        Chain.Register(Approver, proposed with { Amendment = proposed.Amendment! with { ApprovedBy = Approver } });
        Chain.Cut();
        Chain.Order(Amendments.PutInEffect(Program, Chain.Scope(Id.None), Chain.State));
        Chain.Cut();
    }

    /// <summary>Under terms that look back at redemptions, one is refunded and an overcharge recovered.</summary>
    public void TakeBack()
    {
        var program = Chain.State.Peek<ProgramRecord>(RecordKind.Program, Program).Record!;
        var terms = TermsJson.Write(TermsJson.Read(program.Terms.Replace("{\"rule\":\"noTransfers\"}", "{\"rule\":\"noTransfers\"},{\"rule\":\"refunds\",\"days\":2}", StringComparison.Ordinal)).Value!);
        Amend(program, terms);
        var kept = Chain.Order(Confirmed("kept", 500, Answered(500))).Writes.Select(write => write.Record).OfType<RedemptionRecord>().Single();
        Chain.Order(RedemptionRefunds.Decide(kept.Id, 100, default, false, [], Chain.Scope(Cashier, "refund"), Chain.State));
        Chain.Cut();
        var left = kept with { Parts = [kept.Parts[0] with { AmountMinor = 370 }] };
        Chain.Order(RedemptionRefunds.Decide(
            kept.Id, 30, default, true, [Chain.Authorise(Finance, SignedAction.RecoverOvercharge, SignedObjects.ObjectOf(left), 30)], Chain.Scope(Finance, "recovery"), Chain.State));
        Chain.Cut();
    }
}
