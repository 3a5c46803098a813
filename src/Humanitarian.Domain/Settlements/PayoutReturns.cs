using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Settlements;

/// <summary>
/// The program's finance signs that a pay-out came back: the vendor has its units again, by the lots that were settled, and can ask anew.
/// </summary>
public static class PayoutReturns
{
    /// <param name="evidence">Hash of the bank's notice.</param>
    public static Outcome<Transaction> Decide(Id payoutId, Hash32 evidence, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Find<PayoutRecord>(RecordKind.Payout, payoutId);
        if (found.Record is not { } payout)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such pay-out.", "payout");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.PayoutReturn, namesPersons: false) with
            {
                Program = payout.Program,
                Subject = payoutId,
                Evidence = evidence.IsZero ? [] : [evidence],
                Writes = [new RecordWrite(found.Version + 1, payout with { ReturnedBy = scope.Principal })],
                Postings = MoveOf(payout).Postings(),
                Authorisations = signatures,
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Find<PayoutRecord>(RecordKind.Payout, transaction.Subject).Record is not { } payout || view.Program(payout.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such pay-out.", "payout");
        }

        if (!payout.ReturnedBy.IsNone)
        {
            return new Refusal(RefusalCode.WrongState, "The pay-out has come back before.", "payout");
        }

        return transaction.Program != program.Id || transaction.Writes is not [{ Record: PayoutRecord next }]
            || !next.Is(payout with { ReturnedBy = transaction.Principal }) || !transaction.Postings.SequenceEqual(MoveOf(payout).Postings())
            ? Checks.Broken("A returned pay-out gives the vendor back what was settled.")
            : Principals.Require(transaction, view, program.Organisation, Roles.Finance) ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static PairedMove MoveOf(PayoutRecord payout) =>
        new(Side.Available(WorldAccount.IdOf(payout.Unit)), Side.Available(payout.Account), payout.Unit, payout.Parts);
}
