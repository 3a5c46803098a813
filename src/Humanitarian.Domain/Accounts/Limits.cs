using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Accounts;

/// <summary>Invariant 2: no account ends a transaction outside its limits or against its status, holds included.</summary>
public static class Limits
{
    private const long MillisecondsPerDay = 86_400_000;

    /// <summary>The first account that the transaction would leave outside its limits, as a refusal. Accounts without a book in the view are not judged.</summary>
    public static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        foreach (var account in Effects.Balances(transaction).GroupBy(change => change.Account))
        {
            if (account.Key.IsNone && !transaction.HasClosedPart)
            {
                continue;
            }

            if (CheckAccount(transaction, view, account.Key, [.. account]) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The UTC day of a moment, counted from 1970.</summary>
    public static long DayOf(long unixMilliseconds) => unixMilliseconds / MillisecondsPerDay;

    private static Refusal? CheckAccount(Transaction transaction, ILedgerView view, Id id, BalanceChange[] changes)
    {
        if (Array.TrueForAll(changes, change => WorldAccount.Is(id, change.Unit)))
        {
            return null;
        }

        if (changes[0].Unit[0] == UnitRecord.AllowancePrefix)
        {
            return CheckAllowance(transaction, view, id, changes);
        }

        changes = Array.FindAll(changes, change => !UnitRecord.IsShadow(change.Unit));
        var debited = Array.Exists(changes, change => change.AvailableMinor < 0 || change.HeldMinor < 0);
        var known = view.Peek<AccountRecord>(RecordKind.Account, id).Record;

        // A limit that was judged must still be the account's when the transaction is ordered, so it is read with its version.
        var record = debited || known is { MustBeAsked: true }
            ? view.Account(id)
            : known;
        return record switch
        {
            null => new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account"),
            { IsOfProgram: true } when record.Program != transaction.Program && Array.Exists(changes, change => change.Lot.IsNone) =>
                new Refusal(RefusalCode.AccountNotOfProgram, "The account belongs to another program; its units move under that one's terms.", "program"),
            { Status: AccountStatus.Closed } => new Refusal(RefusalCode.AccountClosed, "The account is closed.", "account"),
            { Status: AccountStatus.Frozen } when debited && SpendsFreely(transaction.Kind) =>
                new Refusal(RefusalCode.AccountFrozen, "The account is frozen; it receives but does not pay.", "account"),
            _ => Charges.Due(transaction, record, changes, view) ?? CheckBook(view.Book(id), record, changes),
        };
    }

    private static Refusal? CheckBook(AccountBook? book, AccountRecord record, BalanceChange[] changes)
    {
        if (book is null)
        {
            return null;
        }

        foreach (var change in changes)
        {
            // Provenance forbids a lot to go below zero; only units without lots know credit.
            var lotFloor = change.Lot.IsNone ? record.FloorMinor : 0;
            if ((change.AvailableMinor < 0 && checked(book.AvailableOf(change.Unit, change.Lot) + change.AvailableMinor) < lotFloor)
                || (change.HeldMinor < 0 && checked(book.HeldOf(change.Unit, change.Lot) + change.HeldMinor) < 0))
            {
                return Insufficient(record);
            }
        }

        foreach (var unit in changes.GroupBy(change => change.Unit))
        {
            var available = unit.Sum(change => change.AvailableMinor);
            var whole = unit.Sum(change => checked(change.AvailableMinor + change.HeldMinor));
            if (available < 0 && checked(book.Available(unit.Key) + available) < record.FloorMinor)
            {
                return Insufficient(record);
            }

            if (whole > 0 && checked(book.Highest(unit.Key) + whole) > record.CeilingMinor)
            {
                return new Refusal(RefusalCode.AmountOverflow, "The account would exceed its holding limit.", "amountMinor");
            }
        }

        return null;
    }

    private static Refusal? CheckAllowance(Transaction transaction, ILedgerView view, Id id, BalanceChange[] changes)
    {
        if (transaction.Device is not { } statement || view.Device(statement.Device).Record is not { } device
            || id != device.AllowanceOn(DayOf(transaction.DecidedAt)) || changes is not [{ AvailableMinor: < 0, HeldMinor: 0 } change]
            || view.Peek<AccountRecord>(RecordKind.Account, id).Record is not null)
        {
            return Checks.Broken("An allowance is not the device's own of that day.");
        }

        return view.Book(id) is { } book && checked(book.Available(change.Unit) + change.AvailableMinor) < -device.PerDayMinor
            ? new Refusal(RefusalCode.AgentLimitExceeded, "The device's limit for this day is used up.", "amountMinor")
            : null;
    }

    private static bool SpendsFreely(TransactionKind kind) =>
        kind is not (TransactionKind.Demurrage or TransactionKind.LotExpiry or TransactionKind.HoldExpiry or TransactionKind.HoldRelease or TransactionKind.DisbursementCompletion
            or TransactionKind.Succession or TransactionKind.CashReconciliation or TransactionKind.CashRecall);

    private static Refusal Insufficient(AccountRecord record) => record.FloorMinor < 0
        ? new(RefusalCode.CreditLimitReached, "The payment would take the account past its credit limit; it can still receive.", "amountMinor")
        : new(RefusalCode.InsufficientFunds, "The account does not have enough.", "amountMinor");
}
