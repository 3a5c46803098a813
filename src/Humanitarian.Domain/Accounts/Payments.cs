using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;

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
    public static Refusal WhyNotEnough(AccountBook? book, string unit, long amountMinor) =>
        book is not null && book.Available(unit) >= amountMinor
            ? new Refusal(RefusalCode.VoucherExpired, "The voucher has expired.", "amountMinor")
            : new Refusal(RefusalCode.InsufficientFunds, "The account does not have enough.", "amountMinor");

    /// <summary>An expired lot is unspendable at once, before its return is ordered.</summary>
    public static Refusal? NotExpired(IReadOnlyList<LotPart> parts, long at, ILedgerView view)
    {
        foreach (var part in parts)
        {
            if (!part.Lot.IsNone && (view.Lot(part.Lot) is not { } lot || lot.ExpiresAt <= at))
            {
                return new Refusal(RefusalCode.VoucherExpired, "The voucher has expired.", "amountMinor");
            }
        }

        return null;
    }
}
