using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Lots;

/// <summary>
/// The sweep of an expired lot: what its holders did not redeem goes to the return queue, as the receipts' lots it came from, taken
/// from the end of the lot's sequence (<see cref="Attribution"/>).
/// </summary>
public static class LotExpiries
{
    /// <summary>Most holders of one transaction.</summary>
    public const int MaximumHolders = 1_000;

    /// <param name="holders">Beneficiaries' accounts that hold units of the lot; those with nothing available are passed over.</param>
    public static Outcome<Transaction> Decide(Id lotId, IReadOnlyList<Id> holders, DecisionScope scope, ILedgerView view)
    {
        if (view.Lot(lotId) is not { IsReceipt: false } lot || view.Program(lot.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such lot of a disbursement.", "lot");
        }

        var debits = holders
            .Select(holder => new Posting(holder, true, lot.Unit, lotId, -(view.Book(holder)?.AvailableOf(lot.Unit, lotId) ?? 0)))
            .Where(posting => posting.AmountMinor < 0)
            .ToArray();
        if (debits.Length == 0)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "Nothing of the lot is left with these holders.", "lot");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.LotExpiry, namesPersons: true) with
            {
                Program = program.Id,
                Subject = lotId,
                Postings = [.. debits, .. Returns(lot, program, -debits.Sum(posting => posting.AmountMinor), view)],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Lot(transaction.Subject) is not { IsReceipt: false } lot || view.Program(lot.Program) is not { } program
            || transaction.Program != program.Id || transaction.Writes.Count > 0 || !transaction.Principal.IsNone)
        {
            return Checks.Broken("A sweep returns one expired lot of a disbursement.");
        }

        if (transaction.DecidedAt < lot.ExpiresAt)
        {
            return new Refusal(RefusalCode.WrongState, "The lot has not expired.", "lot");
        }

        // Until then more may be credited of the lot, and what expires is counted from the end of all that was.
        if (view.Disbursement(lot.Origin).Record is not { State: DisbursementState.Completed })
        {
            return new Refusal(RefusalCode.WrongState, "The lot's disbursement is not completed.", "lot");
        }

        var debits = transaction.Postings.TakeWhile(posting => posting.OfPerson).ToArray();
        if (debits.Length is 0 or > MaximumHolders
            || debits.Any(debit => debit.AmountMinor >= 0 || debit.Lot != lot.Id || debit.Unit != lot.Unit || debit.Bucket != Bucket.Available)
            || (transaction.HasClosedPart && debits.Select(debit => debit.Account).Distinct().Count() != debits.Length)
            || !transaction.Postings.Skip(debits.Length).SequenceEqual(Returns(lot, program, -debits.Sum(debit => debit.AmountMinor), view)))
        {
            return Checks.Broken("A sweep debits holders of the lot and credits the return queue with its parts.");
        }

        return transaction.HasClosedPart && debits.Any(debit => view.Book(debit.Account) is { } book && book.AvailableOf(lot.Unit, lot.Id) != -debit.AmountMinor)
            ? Checks.Broken("A sweep takes all that its holders have of the lot.")
            : null;
    }

    private static IEnumerable<Posting> Returns(LotRecord lot, ProgramRecord program, long amountMinor, ILedgerView view)
    {
        var disbursed = view.Flow(lot.Id, LotFlow.Disbursed);
        var end = disbursed - view.Flow(lot.Id, LotFlow.Expired);
        return end < amountMinor
            ? []
            : Attribution.Between(lot.Parts, end - amountMinor, end).Select(part => new Posting(program.ReturnQueue, false, lot.Unit, part.Lot, part.AmountMinor));
    }
}
