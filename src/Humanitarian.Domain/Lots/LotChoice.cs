using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Lots;

/// <summary>Which lots a movement spends.</summary>
public static class LotChoice
{
    /// <summary>Spendable lots of a person, earliest expiry first; balances without a lot come last.</summary>
    public static IReadOnlyList<LotPart> Spendable(AccountBook book, string unit, long now, ILedgerView view) =>
    [
        .. book.Lots(unit)
            .Select(part => (part, expires: part.Lot.IsNone ? long.MaxValue : view.Lot(part.Lot)?.ExpiresAt ?? 0))
            .Where(lot => lot.expires > now)
            .OrderBy(lot => lot.expires)
            .ThenBy(lot => lot.part.Lot.IsNone)
            .ThenBy(lot => lot.part.Lot)
            .Select(lot => lot.part),
    ];

    /// <summary>All lots, expired ones too, as a vendor is settled: the oldest first.</summary>
    public static IReadOnlyList<LotPart> Received(AccountBook book, string unit, ILedgerView view) =>
    [
        .. book.Lots(unit)
            .OrderBy(part => part.Lot.IsNone ? long.MaxValue : view.Lot(part.Lot)?.OpenedAt ?? 0)
            .ThenBy(part => part.Lot),
    ];

    /// <summary>Receipts' lots of one grant, first in first.</summary>
    public static IReadOnlyList<LotPart> OfGrant(AccountBook book, Id grant, string unit, ILedgerView view) =>
    [
        .. book.Lots(unit)
            .Select(part => (part, lot: view.Lot(part.Lot)))
            .Where(entry => entry.lot is { IsReceipt: true } lot && lot.Origin == grant)
            .OrderBy(entry => entry.lot!.OpenedAt)
            .ThenBy(entry => entry.part.Lot)
            .Select(entry => entry.part),
    ];

    /// <summary>The first lots that make up the amount, the last one in part; null when they do not suffice.</summary>
    public static IReadOnlyList<LotPart>? Take(IReadOnlyList<LotPart> lots, long amountMinor)
    {
        var taken = new List<LotPart>();
        foreach (var lot in lots)
        {
            if (amountMinor == 0)
            {
                break;
            }

            var part = Math.Min(lot.AmountMinor, amountMinor);
            taken.Add(lot with { AmountMinor = part });
            amountMinor -= part;
        }

        return amountMinor == 0 ? taken : null;
    }
}
