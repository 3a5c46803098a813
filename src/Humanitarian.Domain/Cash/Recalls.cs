using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Cash;

/// <summary>The ledger recalls lines that nobody claimed in time: they go back to the budget and can be followed up.</summary>
public static class Recalls
{
    /// <param name="lines">Lines of the disbursement; those that have ended or are not due are passed over.</param>
    public static Outcome<Transaction> Decide(Id disbursementId, IReadOnlyList<Id> lines, DecisionScope scope, ILedgerView view)
    {
        if (view.Disbursement(disbursementId).Record is not { Cash: not null } disbursement || view.Program(disbursement.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such cash disbursement.", "disbursement");
        }

        RecordWrite[] writes =
        [
            .. lines.Select(view.CashLine)
                .Where(line => line.Record is { State: CashLineState.Instructed } record && record.Disbursement == disbursementId && record.Until <= scope.Now)
                .Select(line => new RecordWrite(line.Version + 1, Recalled(line.Record!))),
        ];
        return writes.Length == 0
            ? new Refusal(RefusalCode.HoldEnded, "None of these lines is due.", "lines")
            : Decision.Complete(
                scope.Draft(TransactionKind.CashRecall, namesPersons: true) with
                {
                    Program = program.Id,
                    Subject = disbursement.Id,
                    Writes = writes,
                    Postings = LineEnds.Postings(disbursement, program, 0, writes.Sum(write => ((CashLineRecord)write.Record).AmountMinor)),
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

        var total = transaction.Postings.Count == 0 ? 0 : transaction.Postings[^1].AmountMinor;
        return !transaction.Principal.IsNone ? Principals.Forbidden()
            : total > 0 && transaction.Program == program.Id && transaction.Postings.SequenceEqual(LineEnds.Postings(disbursement, program, 0, total))
                && (transaction.HasClosedPart ? AreRecalled(transaction, disbursement, total, view) : transaction.Writes.Count == 0)
                ? null
                : Checks.Broken("A recall gives lines back whose time has passed.");
    }

    private static bool AreRecalled(Transaction transaction, DisbursementRecord disbursement, long totalMinor, ILedgerView view) =>
        transaction.Writes.Count is > 0 and <= Reconciliations.MaximumLines
        && transaction.Writes.All(write =>
            write.Record is CashLineRecord next && next.Disbursement == disbursement.Id && view.CashLine(next.Id).Record is { State: CashLineState.Instructed } before
            && before.Until <= transaction.DecidedAt && next.Is(Recalled(before)))
        && transaction.Writes.Sum(write => ((CashLineRecord)write.Record).AmountMinor) == totalMinor;

    private static CashLineRecord Recalled(CashLineRecord line) => line with { State = CashLineState.Recalled, Reason = "UNCLAIMED" };
}
