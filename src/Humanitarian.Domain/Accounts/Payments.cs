using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Accounts;

/// <summary>Refusals that payments between accounts share.</summary>
internal static class Payments
{
    /// <summary>Both accounts exist and take part, the payer as a payer.</summary>
    public static Refusal? Accounts(Id payer, Id payee, ILedgerView view) => view.Account(payer) switch
    {
        null => new Refusal(RefusalCode.AccountUnknown, "There is no such paying account.", "account"),
        { Status: AccountStatus.Frozen } => new Refusal(RefusalCode.AccountFrozen, "The account is frozen; it receives but does not pay.", "account"),
        { Status: AccountStatus.Closed } => new Refusal(RefusalCode.AccountClosed, "The account is closed.", "account"),
        _ => view.Account(payee) switch
        {
            null => new Refusal(RefusalCode.AccountUnknown, "There is no such account to pay.", "payee"),
            { Status: AccountStatus.Closed } => new Refusal(RefusalCode.AccountClosed, "The account to pay is closed.", "payee"),
            _ => null,
        },
    };

    /// <summary>Tells a lack of units from units that have expired.</summary>
    public static Refusal WhyNotEnough(AccountBook? book, ProgramRecord program, long amountMinor, ILedgerView view) =>
        book is not null && LotChoice.Take(LotChoice.Received(book, program, view), amountMinor) is not null
            ? new Refusal(RefusalCode.VoucherExpired, "The voucher has expired.", "amountMinor")
            : new Refusal(RefusalCode.InsufficientFunds, "The account does not have enough.", "amountMinor");

    /// <summary>Only the program's own lots are spent, and an expired one is unspendable at once, before its return is ordered.</summary>
    public static Refusal? Spendable(IReadOnlyList<LotPart> parts, Id program, long at, ILedgerView view)
    {
        foreach (var part in parts)
        {
            if (part.Lot.IsNone)
            {
                continue;
            }

            if (OfProgram(part.Lot, program, view) is not { } lot)
            {
                return ForeignLot();
            }

            if (lot.ExpiresAt <= at)
            {
                return new Refusal(RefusalCode.VoucherExpired, "The voucher has expired.", "amountMinor");
            }
        }

        return null;
    }

    /// <summary>A disbursement's lot of the program, or null.</summary>
    public static LotRecord? OfProgram(Id lot, Id program, ILedgerView view) =>
        view.Lot(lot) is { IsReceipt: false } found && found.Program == program ? found : null;

    public static Refusal ForeignLot() => Checks.Broken("A program's terms move its own disbursements' lots only.");
}
