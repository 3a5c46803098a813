using Humanitarian.Domain.Deliveries;
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
        var touched = Effects.TouchedAccounts(transaction);
        for (var index = 0; index < touched.Count; index++)
        {
            if (touched[index].IsNone && !transaction.HasClosedPart)
            {
                continue;
            }

            if (CheckAccount(transaction, view, touched[index], Effects.ChangesAt(transaction, index)) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The UTC day of a moment, counted from 1970.</summary>
    public static long DayOf(long unixMilliseconds) => unixMilliseconds / MillisecondsPerDay;

    private static Refusal? CheckAccount(Transaction transaction, ILedgerView view, Id id, ArraySegment<BalanceChange> changes)
    {
        if (WorldAccount.IsAll(id, changes))
        {
            return null;
        }

        if (changes[0].Unit[0] == UnitRecord.AllowancePrefix)
        {
            return CheckAllowance(transaction, view, id, changes);
        }

        changes = WithoutShadows(changes);
        var debited = Debits(changes);
        var known = view.Peek<AccountRecord>(RecordKind.Account, id).Record;

        // A limit that was judged must still be the account's when the transaction is ordered, so it is read with its version.
        var record = debited || known is { MustBeAsked: true }
            ? view.Account(id)
            : known;
        return record switch
        {
            null => new Refusal(RefusalCode.AccountUnknown, "There is no such account.", "account"),
            { IsOfProgram: true } when record.Program != transaction.Program && HasUnitsWithoutLot(changes) =>
                new Refusal(RefusalCode.AccountNotOfProgram, "The account belongs to another program; its units move under that one's terms.", "program"),
            { Status: AccountStatus.Closed } => new Refusal(RefusalCode.AccountClosed, "The account is closed.", "account"),
            { Status: AccountStatus.Frozen } when debited && SpendsFreely(transaction.Kind) =>
                new Refusal(RefusalCode.AccountFrozen, "The account is frozen; it receives but does not pay.", "account"),
            _ => Charges.Due(transaction, record, changes, view) ?? CheckBook(view.Book(id), record, changes),
        };
    }

    private static ArraySegment<BalanceChange> WithoutShadows(ArraySegment<BalanceChange> changes)
    {
        foreach (var change in changes)
        {
            if (UnitRecord.IsShadow(change.Unit))
            {
                return changes.Where(one => !UnitRecord.IsShadow(one.Unit)).ToArray();
            }
        }

        return changes;
    }

    private static bool Debits(ArraySegment<BalanceChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.AvailableMinor < 0 || change.HeldMinor < 0)
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasUnitsWithoutLot(ArraySegment<BalanceChange> changes)
    {
        foreach (var change in changes)
        {
            if (change.Lot.IsNone)
            {
                return true;
            }
        }

        return false;
    }

    private static Refusal? CheckBook(AccountBook? book, AccountRecord record, ArraySegment<BalanceChange> changes)
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

        for (var index = 0; index < changes.Count; index++)
        {
            if (IsFirstOfUnit(changes, index) && CheckUnit(book, record, changes, changes[index].Unit) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static bool IsFirstOfUnit(ArraySegment<BalanceChange> changes, int index)
    {
        for (var earlier = 0; earlier < index; earlier++)
        {
            if (changes[earlier].Unit == changes[index].Unit)
            {
                return false;
            }
        }

        return true;
    }

    private static Refusal? CheckUnit(AccountBook book, AccountRecord record, ArraySegment<BalanceChange> changes, string unit)
    {
        long available = 0;
        long whole = 0;
        foreach (var change in changes)
        {
            if (change.Unit == unit)
            {
                available = checked(available + change.AvailableMinor);
                whole = checked(whole + checked(change.AvailableMinor + change.HeldMinor));
            }
        }

        return available < 0 && checked(book.Available(unit) + available) < record.FloorMinor ? Insufficient(record)
            : whole > 0 && checked(book.Highest(unit) + whole) > record.CeilingMinor
                ? new Refusal(RefusalCode.AmountOverflow, "The account would exceed its holding limit.", "amountMinor")
            : null;
    }

    private static Refusal? CheckAllowance(Transaction transaction, ILedgerView view, Id id, ArraySegment<BalanceChange> changes)
    {
        var isLate = transaction.Kind == TransactionKind.DeliveryExceptionDecision;
        if (view.Device(isLate ? LateDecisions.DeviceOf(transaction) : transaction.Device?.Device ?? Id.None).Record is not { } device
            || !(isLate ? LateDecisions.Spends(transaction, id, device) : id == device.AllowanceOn(DayOf(transaction.DecidedAt))) || changes.Count != 1 || changes[0] is not { AvailableMinor: < 0, HeldMinor: 0 } change
            || view.Peek<AccountRecord>(RecordKind.Account, id).Record is not null)
        {
            return Checks.Broken("An allowance is not the device's own of that day.");
        }

        return view.Book(id) is { } book && checked(book.Available(change.Unit) + change.AvailableMinor) < -device.PerDayMinor
            ? new Refusal(RefusalCode.AgentLimitExceeded, "The device's limit for this day is used up.", isLate ? "exceptionId" : "amountMinor")
            : null;
    }

    private static bool SpendsFreely(TransactionKind kind) =>
        kind is not (TransactionKind.Demurrage or TransactionKind.LotExpiry or TransactionKind.HoldExpiry or TransactionKind.HoldRelease or TransactionKind.DisbursementCompletion
            or TransactionKind.Succession or TransactionKind.Recovery or TransactionKind.CashReconciliation or TransactionKind.CashRecall);

    private static Refusal Insufficient(AccountRecord record) => record.FloorMinor < 0
        ? new(RefusalCode.CreditLimitReached, "The payment would take the account past its credit limit; it can still receive.", "amountMinor")
        : new(RefusalCode.InsufficientFunds, "The account does not have enough.", "amountMinor");
}
