using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.LocalCurrency;

/// <summary>
/// The ledger charges one account's demurrage up to a day: what melted goes to the commons fund, and the day charged up to is itself a
/// balance, in a shadow unit. An account that was never charged begins on that day.
/// </summary>
public static class Charges
{
    /// <summary>Charges an account up to the day of the decision. WRONG_STATE when nothing is due.</summary>
    public static Outcome<Transaction> Decide(Id account, DecisionScope scope, ILedgerView view)
    {
        if (view.Account(account) is not { } holder || !Demurrage.Melts(holder) || view.Program(holder.Program) is not { } program
            || Demurrage.Of(program) is not { } rule || view.Book(account) is not { } book)
        {
            return NothingDue();
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.Demurrage, holder.NamesPerson) with
            {
                Principal = Id.None,
                Program = program.Id,
                TermsVersion = program.TermsVersion,
                Postings = PostingsOf(holder, program, rule, book, Limits.DayOf(scope.Now)),
            },
            scope,
            view);
    }

    /// <summary>True when an account has to be charged before its balance is touched at that moment.</summary>
    public static bool IsDue(Id account, long now, ILedgerView view) =>
        view.Peek<AccountRecord>(RecordKind.Account, account).Record is { } holder && Demurrage.Melts(holder)
        && view.Peek<ProgramRecord>(RecordKind.Program, holder.Program).Record is { } program && Demurrage.Of(program) is not null
        && view.Book(account) is { } book && ChargedTo(book, program.Unit) < Limits.DayOf(now);

    /// <summary>The day, counted from 1970, up to which an account is charged; 0 for one that never was.</summary>
    public static long ChargedTo(AccountBook book, string unit) => book.Available(UnitRecord.ChargedOf(unit));

    /// <summary>What an account would have after being charged up to a day, in minor units.</summary>
    public static long Melted(Demurrage rule, AccountBook book, string unit, long day) =>
        ChargedTo(book, unit) is var charged && charged == 0
            ? book.AvailableOf(unit, Id.None)
            : rule.Between(charged, day).Of(book.AvailableOf(unit, Id.None));

    /// <summary>The refusal of a movement on a melting balance that is not charged up to the day of its decision, or null.</summary>
    internal static Refusal? Due(Transaction transaction, AccountRecord account, ArraySegment<BalanceChange> changes, ILedgerView view) =>
        transaction.Kind != TransactionKind.Demurrage && IsDue(account.Id, transaction.DecidedAt, view)
        && view.Peek<ProgramRecord>(RecordKind.Program, account.Program).Record is { } program
        && changes.Any(change => change.Unit == program.Unit && change.Lot.IsNone)
            ? new Refusal(RefusalCode.DemurrageDue, "The account is charged its demurrage first; ask again.", "account")
            : null;

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { } program || transaction.TermsVersion != program.TermsVersion
            || Demurrage.Of(program) is not { } rule || CommonsFund.Of(program, view) is not { } fund || !transaction.Principal.IsNone)
        {
            return Checks.Broken("Only the ledger itself charges demurrage, where a program's terms say so.");
        }

        var holder = transaction.Postings.FirstOrDefault(posting => posting.AmountMinor > 0 && posting.Unit == UnitRecord.ChargedOf(program.Unit));
        if (holder.Unit is null)
        {
            return NothingDue();
        }

        if (!transaction.HasClosedPart && holder.Account.IsNone)
        {
            return transaction.Postings.Count == 2
                || (transaction.Postings.Count == 4 && PairedMove.Of([.. transaction.Postings.Take(2)]) is { } seen && seen.Unit == program.Unit && seen.To == Side.Available(fund.Id))
                ? null
                : Broken();
        }

        return view.Account(holder.Account) is not { } account || !Demurrage.Melts(account) || account.Program != program.Id ? Broken()
            : view.Book(account.Id) is not { } book
                || transaction.Postings.SequenceEqual(PostingsOf(account, program, rule, book, Limits.DayOf(transaction.DecidedAt)))
                ? null
            : Broken();
    }

    private static Posting[] PostingsOf(AccountRecord holder, ProgramRecord program, Demurrage rule, AccountBook book, long day)
    {
        var days = day - ChargedTo(book, program.Unit);
        if (days <= 0)
        {
            return [];
        }

        var (own, charged) = (Side.Available(holder.Id, holder.NamesPerson), UnitRecord.ChargedOf(program.Unit));
        var loss = book.AvailableOf(program.Unit, Id.None) - Melted(rule, book, program.Unit, day);
        return
        [
            .. loss > 0 ? new PairedMove(own, Side.Available(CommonsFund.IdOf(program.Id)), program.Unit, [new LotPart(Id.None, loss)]).Postings() : [],
            .. new PairedMove(Side.Available(WorldAccount.IdOf(charged)), own, charged, [new LotPart(Id.None, days)]).Postings(),
        ];
    }

    private static Refusal NothingDue() => new(RefusalCode.WrongState, "The account owes no demurrage.", "account");

    private static Refusal Broken() => Checks.Broken("A charge takes what melted since the last one, and nothing else.");
}
