using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Domain.Lots;

/// <summary>Which lots a movement spends.</summary>
public static class LotChoice
{
    /// <summary>Spendable lots of a person in a program, earliest expiry first; balances without a lot come last.</summary>
    public static IReadOnlyList<LotPart> Spendable(AccountBook book, ProgramRecord program, long now, ILedgerView view) =>
    [
        .. OfProgram(book, program, view)
            .Select(entry => (entry.part, expires: entry.lot?.ExpiresAt ?? long.MaxValue))
            .Where(lot => lot.expires > now)
            .OrderBy(lot => lot.expires)
            .ThenBy(lot => lot.part.Lot.IsNone)
            .ThenBy(lot => lot.part.Lot)
            .Select(lot => lot.part),
    ];

    /// <summary>All lots of a program, expired ones too, as a vendor is settled: the oldest first.</summary>
    public static IReadOnlyList<LotPart> Received(AccountBook book, ProgramRecord program, ILedgerView view) =>
    [
        .. OfProgram(book, program, view)
            .OrderBy(entry => entry.lot?.OpenedAt ?? long.MaxValue)
            .ThenBy(entry => entry.part.Lot)
            .Select(entry => entry.part),
    ];

    /// <summary>Receipts' lots of one grant, or conversions' when the unit is not the grant's own; first in first.</summary>
    public static IReadOnlyList<LotPart> OfGrant(AccountBook book, Id grant, string unit, ILedgerView view) =>
    [
        .. book.Lots(unit)
            .Select(part => (part, lot: view.Lot(part.Lot)))
            .Where(entry => entry.lot is { IsReceipt: true } lot && lot.Origin == grant)
            .OrderBy(entry => entry.lot!.OpenedAt)
            .ThenBy(entry => entry.part.Lot)
            .Select(entry => entry.part),
    ];

    // Programs may share a unit; a program's terms say nothing about another's lots.
    private static IEnumerable<(LotPart part, LotRecord? lot)> OfProgram(AccountBook book, ProgramRecord program, ILedgerView view) =>
        book.Lots(program.Unit)
            .Select(part => (part, lot: part.Lot.IsNone ? null : view.Lot(part.Lot)))
            .Where(entry => entry.part.Lot.IsNone || entry.lot?.Program == program.Id);

    /// <summary>What is left of lots after some of them were taken.</summary>
    public static IReadOnlyList<LotPart> Without(IReadOnlyList<LotPart> lots, IReadOnlyList<LotPart> taken) =>
    [
        .. lots
            .Select(lot => lot with { AmountMinor = lot.AmountMinor - taken.Where(part => part.Lot == lot.Lot).Sum(part => part.AmountMinor) })
            .Where(lot => lot.AmountMinor > 0),
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
