using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Households;

/// <summary>
/// What a deceased member's account holds passes, with its lots, to the successor: by the signature of an approver who did not record
/// the death. It may be approved again when more has arrived.
/// </summary>
public static class Successions
{
    public static Outcome<Transaction> Decide(Id successionId, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Find<SuccessionRecord>(RecordKind.Succession, successionId);
        if (found.Record is not { } succession || view.Book(succession.From) is not { } book)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such succession.", "succession");
        }

        var postings = Postings(succession, book);
        if (postings.Count == 0)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "There is nothing to pass on.", "succession");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.Succession, namesPersons: true) with
            {
                Postings = postings,
                Writes = [new RecordWrite(found.Version + 1, succession with { ApprovedBy = scope.Principal })],
                Authorisations = signatures,
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (transaction.Postings.Count == 0 || transaction.Postings.Any(posting => !posting.OfPerson || posting.Bucket != Bucket.Available))
        {
            return Checks.Broken("A succession moves what one person's account holds to another's.");
        }

        if (!transaction.HasClosedPart)
        {
            return null;
        }

        if (transaction.Writes is not [{ Record: SuccessionRecord next }]
            || view.Find<SuccessionRecord>(RecordKind.Succession, next.Id).Record is not { } succession
            || next != succession with { ApprovedBy = transaction.Principal }
            || view.Account(succession.From) is not { } from || view.Account(succession.To) is not { } to || to.Organisation != from.Organisation
            || !IsMove(transaction.Postings, succession)
            || (view.Book(succession.From) is { } book && !transaction.Postings.SequenceEqual(Postings(succession, book))))
        {
            return Checks.Broken("A succession moves all that a deceased member's account holds to the successor's.");
        }

        return Principals.Require(transaction, view, from.Organisation, Roles.Approver)
            ?? (succession.OpenedBy == transaction.Principal
                ? new Refusal(RefusalCode.RolesIncompatible, "Who recorded the death does not approve the succession; another member must do this.")
                : null)
            ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static bool IsMove(IReadOnlyList<Posting> postings, SuccessionRecord succession) =>
        postings.Count % 2 == 0 && postings.Chunk(2).All(pair => pair[0].Account == succession.From && pair[1].Account == succession.To
            && pair[1].AmountMinor > 0 && pair[0] with { Account = pair[1].Account, AmountMinor = pair[1].AmountMinor } == pair[1] && pair[0].AmountMinor == -pair[1].AmountMinor);

    private static List<Posting> Postings(SuccessionRecord succession, AccountBook book) =>
    [
        .. from unit in book.Units.Order(StringComparer.Ordinal)
           from part in book.Lots(unit).OrderBy(part => part.Lot)
           from posting in new PairedMove(Side.Available(succession.From, true), Side.Available(succession.To, true), unit, [new LotPart(part.Lot, part.AmountMinor)]).Postings()
           select posting,
    ];
}
