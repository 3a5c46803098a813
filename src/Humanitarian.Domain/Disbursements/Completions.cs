using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// The end of a disbursement: what was not delivered goes back to the lots it came from, taken from the end of the lot's
/// sequence (<see cref="Attribution"/>). By the program's people, or by the
/// ledger itself: when it has paid a bulk list, or once the lot has expired.
/// </summary>
public static class Completions
{
    public static Outcome<Transaction> Decide(Id disbursementId, DecisionScope scope, ILedgerView view)
    {
        var found = view.Disbursement(disbursementId);
        if (found.Record is not { State: DisbursementState.Released or DisbursementState.Paused } record || view.Program(record.Program) is not { } program
            || view.Hold(record.Hold) is not { Record: { } hold } budget || view.Lot(record.Lot) is not { } lot)
        {
            return new Refusal(RefusalCode.WrongState, "Only a released disbursement can be completed, once.", "disbursement");
        }

        var left = view.Book(program.Pool)?.HeldOf(program.Unit, record.Lot) ?? 0;
        return Decision.Complete(
            scope.Draft(TransactionKind.DisbursementCompletion, namesPersons: false) with
            {
                Program = program.Id,
                Subject = record.Id,
                Writes =
                [
                    new RecordWrite(found.Version + 1, record with { State = DisbursementState.Completed }),
                    new RecordWrite(budget.Version + 1, Ended(hold, left)),
                ],
                Postings = Postings(program, lot, left),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Disbursement(transaction.Subject).Record is not { State: DisbursementState.Released or DisbursementState.Paused } record
            || view.Program(record.Program) is not { } program || view.Hold(record.Hold).Record is not { } hold || view.Lot(record.Lot) is not { } lot)
        {
            return new Refusal(RefusalCode.WrongState, "Only a released disbursement can be completed, once.", "disbursement");
        }

        var left = transaction.Postings.Count == 0 ? 0 : -transaction.Postings[0].AmountMinor;
        if (left < 0 || left > lot.SizeMinor || (view.Book(program.Pool) is { } pool && pool.HeldOf(program.Unit, lot.Id) != left)
            || !transaction.Postings.SequenceEqual(Postings(program, lot, left))
            || transaction.Writes is not [{ Record: DisbursementRecord next }, { Record: HoldRecord ended }]
            || !next.IsAs(record with { State = DisbursementState.Completed })
            || ended with { Parts = hold.Parts } != Ended(hold, left) with { Parts = hold.Parts } || ended.Parts.Count > 0
            || transaction.Program != program.Id)
        {
            return Checks.Broken("A completion gives back exactly what is left of the budget.");
        }

        if (record.Mode == DeliveryMode.Cash && WithProvider(lot.Id, view) != 0)
        {
            return new Refusal(RefusalCode.WrongState, "Lines are still with the provider; they end by its report or by their recall.", "disbursement");
        }

        return transaction.Principal.IsNone
            ? record is { Mode: DeliveryMode.Bulk, State: DisbursementState.Released } || transaction.DecidedAt >= record.ExpiresAt ? null : Principals.Forbidden()
            : Principals.Require(transaction, view, program.Organisation, Roles.Registrar | Roles.Releaser | Roles.Administrator);
    }

    /// <summary>What is instructed and not ended, in minor units.</summary>
    public static long WithProvider(Id lot, ILedgerView view) => checked(
        view.Flow(lot, LotFlow.Instructed) - view.Flow(lot, LotFlow.Delivered) - view.Flow(lot, LotFlow.Failed) - view.Flow(lot, LotFlow.Recalled));

    private static HoldRecord Ended(HoldRecord hold, long left) =>
        hold with { Parts = [], State = left == 0 ? HoldState.Captured : HoldState.Released };

    private static IReadOnlyList<Posting> Postings(ProgramRecord program, LotRecord lot, long left) => left == 0
        ? []
        :
        [
            new Posting(program.Pool, false, program.Unit, lot.Id, -left, Bucket.Held),
            .. Attribution.Between(lot.Parts, lot.SizeMinor - left, lot.SizeMinor)
                .Select(part => new Posting(program.Pool, false, program.Unit, part.Lot, part.AmountMinor)),
        ];
}
