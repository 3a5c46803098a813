using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Cash;

/// <summary>
/// Finance decides a contradiction: the line stays as it is, or the later report holds and the line is corrected. Money that left
/// after all is taken from the disbursement's budget, money that came back returns to it, so a correction needs it open.
/// </summary>
public static class Corrections
{
    /// <param name="accept">True when the later report holds.</param>
    /// <param name="resolution">A code that says why.</param>
    public static Outcome<Transaction> Decide(
        Id contradiction, bool accept, string resolution, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Contradiction(contradiction);
        if (found.Record is not { } open || view.Disbursement(open.Disbursement).Record is not { } disbursement
            || view.Program(disbursement.Program) is not { } program || view.CashLine(open.Line) is not { Record: { } line } before)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such contradiction.", "contradiction");
        }

        if (open.State != ContradictionState.Open || !CashLineRecord.IsReason(resolution))
        {
            return open.State != ContradictionState.Open
                ? new Refusal(RefusalCode.WrongState, "The contradiction has been decided.", "contradiction")
                : new Refusal(RefusalCode.InvalidInput, "Say why in a code of capital letters, digits and underscores.", "resolution");
        }

        var decided = Decided(open, accept, resolution, scope.Principal);
        return Decision.Complete(
            scope.Draft(TransactionKind.CashCorrection, namesPersons: true) with
            {
                Program = program.Id,
                Subject = disbursement.Id,
                Writes = accept
                    ? [new RecordWrite(found.Version + 1, decided), new RecordWrite(before.Version + 1, line.Ended(open.DeliveredMinor, open.Reason, open.File))]
                    : [new RecordWrite(found.Version + 1, decided)],
                Postings = accept ? Postings(disbursement, program, checked(open.DeliveredMinor - line.DeliveredMinor)) : [],
                Authorisations = signatures,
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Disbursement(transaction.Subject).Record is not { Cash: not null } disbursement || view.Program(disbursement.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such cash disbursement.", "disbursement");
        }

        var more = transaction.Postings is [_, var credit] ? Side.Available(WorldAccount.IdOf(program.Unit)) == new Side(credit.Account, false, credit.Bucket) ? credit.AmountMinor : -credit.AmountMinor : 0;
        if (transaction.Program != program.Id || !transaction.Postings.SequenceEqual(Postings(disbursement, program, more)))
        {
            return Checks.Broken("A correction moves money between the budget and the outside.");
        }

        if (more != 0 && disbursement.State is not (DisbursementState.Released or DisbursementState.Paused))
        {
            return new Refusal(RefusalCode.WrongState, "The disbursement is completed and its budget returned; record the difference as a cost or a receipt.", "contradiction");
        }

        return (transaction.HasClosedPart ? CheckRecords(transaction, disbursement, more, view)
                : transaction.Writes.Count == 0 ? null
                : Checks.Broken("A correction writes a contradiction and its line."))
            ?? Reconciliations.Authority(transaction, disbursement, program, view);
    }

    private static Refusal? CheckRecords(Transaction transaction, DisbursementRecord disbursement, long more, ILedgerView view)
    {
        if (transaction.Writes is not [{ Record: ContradictionRecord decided }, ..] || decided.Disbursement != disbursement.Id
            || view.Contradiction(decided.Id).Record is not { State: ContradictionState.Open } open
            || !CashLineRecord.IsReason(decided.Resolution)
            || decided != Decided(open, transaction.Writes.Count == 2, decided.Resolution, transaction.Principal))
        {
            return Checks.Broken("A contradiction is decided once.");
        }

        if (transaction.Writes.Count == 1)
        {
            return more == 0 ? null : Checks.Broken("A dismissed report moves nothing.");
        }

        if (view.CashLine(open.Line).Record is not { } line || transaction.Writes is not [_, { Record: CashLineRecord next }]
            || !next.Is(line.Ended(open.DeliveredMinor, open.Reason, open.File)) || more != next.DeliveredMinor - line.DeliveredMinor)
        {
            return Checks.Broken("A correction ends the line as the accepted report says.");
        }

        return line.FollowedBy.IsNone
            ? null
            : new Refusal(RefusalCode.WrongState, "The line has been followed up; settle the difference with the provider and dismiss the report.", "contradiction");
    }

    private static ContradictionRecord Decided(ContradictionRecord open, bool accept, string resolution, Id by) =>
        open with { State = accept ? ContradictionState.Accepted : ContradictionState.Dismissed, Resolution = resolution, ResolvedBy = by };

    private static IReadOnlyList<Posting> Postings(DisbursementRecord disbursement, ProgramRecord program, long more)
    {
        var (budget, outside) = (Side.Held(program.Pool), Side.Available(WorldAccount.IdOf(program.Unit)));
        return more == 0 ? []
            : more > 0 ? new PairedMove(budget, outside, program.Unit, [new LotPart(disbursement.Lot, more)]).Postings()
            : new PairedMove(outside, budget, program.Unit, [new LotPart(disbursement.Lot, -more)]).Postings();
    }
}
