using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.LocalCurrency;

/// <summary>
/// An account that may converts units back: they retire, and as much money leaves the reserve, to its holder and for running costs. What
/// the fee gives to the commons fund stays in circulation, and its reserve stays.
/// </summary>
public static class ConversionsOut
{
    public static Outcome<Transaction> Decide(Id account, long amountMinor, Hash32 evidence, DecisionScope scope, ILedgerView view)
    {
        if (amountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        if (view.Account(account) is not { IsOfProgram: true } payer || view.Program(payer.Program) is not { } program)
        {
            return new Refusal(RefusalCode.AccountNotOfProgram, "A program's own accounts convert its units.", "account");
        }

        if (TermsJson.Of(program).Find<BackedByDeposits>() is not { } rule)
        {
            return Deposits.NotBacked();
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.ConversionOut, payer.NamesPerson) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Evidence = evidence.IsZero ? [] : [evidence],
                Postings = PostingsOf(Side.Available(payer.Id, payer.NamesPerson), program, rule, amountMinor),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { } program || transaction.TermsVersion != program.TermsVersion)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "program");
        }

        if (TermsJson.Of(program).Find<BackedByDeposits>() is not { } rule)
        {
            return Deposits.NotBacked();
        }

        if (transaction.Postings is not [{ AmountMinor: < 0 and > long.MinValue, Bucket: Bucket.Available } paid, ..]
            || !transaction.Postings.SequenceEqual(PostingsOf(new Side(paid.Account, paid.OfPerson, paid.Bucket), program, rule, -paid.AmountMinor)))
        {
            return Checks.Broken("A conversion takes as much money from the reserve as it retires units, by the terms' fee.");
        }

        return (transaction.HasClosedPart || !paid.Account.IsNone ? CheckPayer(transaction, paid, program, view) : null)
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Finance);
    }

    private static Refusal? CheckPayer(Transaction transaction, Posting paid, ProgramRecord program, ILedgerView view) =>
        view.Account(paid.Account) is not { } payer
            ? new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account")
            : CommonsFund.Of(program, view) is null ? CommonsFund.Missing()
            : TermsJson.Of(program).Check(
                new Movement
                {
                    Kind = MovementKind.ConvertOut, Program = program, AmountMinor = -paid.AmountMinor, At = transaction.DecidedAt, Payer = payer,
                    Lots = [new LotPart(Id.None, -paid.AmountMinor)],
                },
                view);

    // The payer's whole amount stands first; the two parts of the money leave as two postings, so that the record tells them apart.
    private static Posting[] PostingsOf(Side payer, ProgramRecord program, BackedByDeposits rule, long amountMinor)
    {
        var (payout, donation, running) = rule.Split(amountMinor);
        var money = Side.Available(WorldAccount.IdOf(rule.Money)).Account;
        Posting[] all =
        [
            new(payer.Account, payer.OfPerson, program.Unit, Id.None, -amountMinor),
            new(WorldAccount.IdOf(program.Unit), false, program.Unit, Id.None, payout + running),
            new(CommonsFund.IdOf(program.Id), false, program.Unit, Id.None, donation),
            new(program.Pool, false, rule.Money, Id.None, -(payout + running)),
            new(money, false, rule.Money, Id.None, payout),
            new(money, false, rule.Money, Id.None, running),
        ];
        return Array.FindAll(all, posting => posting.AmountMinor != 0);
    }
}
