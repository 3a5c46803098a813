using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs;

/// <summary>
/// A member leaves with a balance that is not zero, where the terms say what then becomes of it: the commons fund takes it over, and
/// the account closes in the same transaction. An account at zero is simply closed.
/// </summary>
public static class Departures
{
    public static Outcome<Transaction> Decide(Id account, DecisionScope scope, ILedgerView view)
    {
        var found = view.Find<AccountRecord>(RecordKind.Account, account);
        if (found.Record is not { IsOfProgram: true, AccountKind: not AccountKind.CommonsFund } member || view.Program(member.Program) is not { } program || view.Book(account) is not { } book)
        {
            return new Refusal(RefusalCode.AccountNotOfProgram, "Only a program's member leaves it.", "account");
        }

        if (CommonsFund.Of(program, view) is not { } fund)
        {
            return CommonsFund.Missing();
        }

        var balance = book.Available(program.Unit);
        if (balance == 0)
        {
            return new Refusal(RefusalCode.WrongState, "Nothing is left on the account; close it.", "account");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.Departure, member.NamesPerson) with
            {
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Writes = [new RecordWrite(found.Version + 1, member with { Status = AccountStatus.Closed })],
                Postings = MoveOf(member, fund, program, balance).Postings(),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { } program || transaction.TermsVersion != program.TermsVersion || CommonsFund.Of(program, view) is not { } fund)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program with a commons fund.", "program");
        }

        if (TermsJson.Of(program).Find<RemainderToFund>() is not { } rule)
        {
            return new Refusal(RefusalCode.AccountNotEmpty, "This program's terms say nothing about what is left: bring the balance to zero first.", "account");
        }

        if (!transaction.HasClosedPart && transaction.Writes.Count == 0)
        {
            return PairedMove.Of(transaction.Postings) is { } seen && seen.Unit == program.Unit && (seen.From.Account == fund.Id || seen.To.Account == fund.Id)
                ? null
                : NotWhole();
        }

        return CheckPerson(transaction, program, fund, rule, view) ?? Principals.Require(transaction, view, program.Organisation, Roles.Administrator | Roles.Registrar);
    }

    private static Refusal? CheckPerson(Transaction transaction, ProgramRecord program, AccountRecord fund, RemainderToFund rule, ILedgerView view)
    {
        if (PairedMove.Of(transaction.Postings) is not { } move || transaction.Writes is not [{ Record: AccountRecord next }]
            || view.Account(next.Id) is not { IsOfProgram: true } member || member.Program != program.Id || member.Id == fund.Id
            || next with { Tags = member.Tags } != member with { Status = AccountStatus.Closed } || !next.Tags.SequenceEqual(member.Tags))
        {
            return NotWhole();
        }

        var balance = move.From.Account == member.Id ? move.TotalMinor : -move.TotalMinor;
        if (!transaction.Postings.SequenceEqual(MoveOf(member, fund, program, balance).Postings())
            || (view.Book(member.Id) is { } book && book.Available(program.Unit) != balance))
        {
            return NotWhole();
        }

        return member.Status == AccountStatus.Closed ? new Refusal(RefusalCode.AccountClosed, "The account is closed already.", "account")
            : view.Book(member.Id) is { } own && own.Units.Any(unit => own.Held(unit) != 0 || (unit != program.Unit && !Units.UnitRecord.IsShadow(unit) && own.Available(unit) != 0))
                ? new Refusal(RefusalCode.AccountNotEmpty, "Something else is left or set aside on the account; end that first.", "account")
            : balance < -rule.DebtMinor
                ? new Refusal(RefusalCode.CreditLimitReached, $"The commons fund takes over at most {rule.DebtMinor} minor units of debt; work off the rest first.", "account")
            : TermsJson.Of(program).Check(MovementOf(program, member, fund, move, transaction.DecidedAt), view);
    }

    private static PairedMove MoveOf(AccountRecord member, AccountRecord fund, ProgramRecord program, long balance)
    {
        var (own, commons) = (Side.Available(member.Id, member.NamesPerson), Side.Available(fund.Id));
        return new PairedMove(balance < 0 ? commons : own, balance < 0 ? own : commons, program.Unit, [new LotPart(Id.None, Math.Abs(balance))]);
    }

    private static Movement MovementOf(ProgramRecord program, AccountRecord member, AccountRecord fund, PairedMove move, long at) => new()
    {
        Kind = MovementKind.Depart,
        Program = program,
        AmountMinor = move.TotalMinor,
        At = at,
        Payer = move.From.Account == member.Id ? member : fund,
        Payee = move.From.Account == member.Id ? fund : member,
        Lots = move.Parts,
    };

    private static Refusal NotWhole() => Checks.Broken("A departing member's whole balance passes to or from the commons fund, and the account closes.");
}
