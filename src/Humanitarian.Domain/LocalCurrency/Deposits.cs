using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.LocalCurrency;

/// <summary>Money paid in opens as many units on an account: the depositor's own, or another's as a gift. The pool keeps the money.</summary>
public static class Deposits
{
    public static Outcome<Transaction> Decide(Id account, long amountMinor, Hash32 evidence, DecisionScope scope, ILedgerView view)
    {
        if (amountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        if (view.Account(account) is not { IsOfProgram: true } payee || view.Program(payee.Program) is not { } program)
        {
            return new Refusal(RefusalCode.AccountNotOfProgram, "Units are opened on a program's own accounts.", "account");
        }

        if (TermsJson.Of(program).Find<BackedByDeposits>() is not { } rule)
        {
            return NotBacked();
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.Deposit, payee.NamesPerson) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Evidence = evidence.IsZero ? [] : [evidence],
                Postings = PostingsOf(Side.Available(payee.Id, payee.NamesPerson), program, rule, amountMinor),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { Active: true } program || transaction.TermsVersion != program.TermsVersion)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program.", "program");
        }

        if (TermsJson.Of(program).Find<BackedByDeposits>() is not { } rule)
        {
            return NotBacked();
        }

        if (transaction.Postings is not [_, { AmountMinor: > 0 } opened, ..]
            || !transaction.Postings.SequenceEqual(PostingsOf(new Side(opened.Account, opened.OfPerson, opened.Bucket), program, rule, opened.AmountMinor))
            || opened.Bucket != Bucket.Available)
        {
            return Checks.Broken("A deposit puts as much money into the reserve as it opens units.");
        }

        return (transaction.HasClosedPart || !opened.Account.IsNone ? CheckPayee(transaction, opened, program, view) : null)
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Finance);
    }

    private static Refusal? CheckPayee(Transaction transaction, Posting opened, ProgramRecord program, ILedgerView view) =>
        view.Account(opened.Account) is not { } payee
            ? new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account")
            : TermsJson.Of(program).Check(
                new Movement
                {
                    Kind = MovementKind.Deposit, Program = program, AmountMinor = opened.AmountMinor, At = transaction.DecidedAt, Payee = payee,
                    Lots = [new LotPart(Id.None, opened.AmountMinor)],
                },
                view);

    private static Posting[] PostingsOf(Side payee, ProgramRecord program, BackedByDeposits rule, long amountMinor) =>
    [
        .. new PairedMove(Side.Available(WorldAccount.IdOf(program.Unit)), payee, program.Unit, [new LotPart(Id.None, amountMinor)]).Postings(),
        .. new PairedMove(Side.Available(WorldAccount.IdOf(rule.Money)), Side.Available(program.Pool), rule.Money, [new LotPart(Id.None, amountMinor)]).Postings(),
    ];

    internal static Refusal NotBacked() => new(RefusalCode.MovementForbidden, "This program's units are not opened by deposits of money.", "program");
}
