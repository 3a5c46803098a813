using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Orleans;

namespace Humanitarian.Domain.Cash;

/// <summary>One line of a provider's report.</summary>
/// <param name="Line">The line's reference.</param>
/// <param name="DeliveredMinor">What was delivered in all, in minor units; 0 for a failed one.</param>
/// <param name="Reason">Code of why not all of it was; empty otherwise.</param>
[GenerateSerializer, Immutable, Alias("Report")]
public readonly record struct Report(
    [property: Orleans.Id(0)] Id Line, [property: Orleans.Id(1)] long DeliveredMinor, [property: Orleans.Id(2)] string Reason);

/// <summary>
/// Finance signs what a provider reports. What was delivered leaves the ledger and the rest goes back to the budget; each line ends
/// once, with the report as its evidence. A report that says what is recorded already changes nothing; one that says otherwise opens
/// a contradiction, which a person decides. Where a person has corrected what a report ended, the same report says nothing new when it
/// comes again.
/// </summary>
public static class Reconciliations
{
    /// <summary>Most lines of one transaction.</summary>
    public const int MaximumLines = 500;

    /// <param name="announced">What the whole file says, with nothing recorded.</param>
    /// <param name="reports">Some of the file's lines, each reference once.</param>
    public static Outcome<Transaction> Decide(
        ReconciliationRecord announced, IReadOnlyList<Report> reports, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        if (view.Disbursement(announced.Disbursement).Record is not { Cash: not null } disbursement || view.Program(disbursement.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such cash disbursement.", "disbursement");
        }

        var known = view.Reconciliation(announced.Id);
        var lines = new List<RecordWrite>();
        var contradictions = new List<RecordWrite>();
        foreach (var report in reports)
        {
            var found = view.CashLine(report.Line);
            if (found.Record is not { } line || line.Disbursement != disbursement.Id || report.DeliveredMinor < 0 || report.DeliveredMinor > line.AmountMinor)
            {
                return new Refusal(RefusalCode.NotFound, "A report names a line of this disbursement and at most its amount.", "file");
            }

            if (line.State == CashLineState.Instructed)
            {
                lines.Add(new RecordWrite(found.Version + 1, line.Ended(report.DeliveredMinor, report.Reason, announced.File)));
            }
            else if (report.DeliveredMinor != line.DeliveredMinor && !HasEnded(announced.File, line, view)
                && Against(line, report, announced, view) is { } contradiction)
            {
                contradictions.Add(new RecordWrite(1, contradiction));
            }
        }

        if (lines.Count + contradictions.Count == 0)
        {
            return new Refusal(RefusalCode.AlreadyReconciled, "The ledger knows everything that this report says.", "file");
        }

        if (known.Record is { } begun && begun.Announced != announced)
        {
            return new Refusal(RefusalCode.WrongState, "Another member has begun to import this file; let them finish it.", "file");
        }

        var ended = lines.Select(write => (CashLineRecord)write.Record).ToArray();
        var (delivered, rest) = (ended.Sum(line => line.DeliveredMinor), ended.Sum(line => line.RestMinor));
        return Decision.Complete(
            scope.Draft(TransactionKind.CashReconciliation, namesPersons: true) with
            {
                Program = program.Id,
                Subject = disbursement.Id,
                Evidence = [announced.File],
                Writes =
                [
                    new RecordWrite(known.Version + 1, Recorded(known.Record ?? announced, lines.Count + contradictions.Count, delivered, rest)),
                    .. lines,
                    .. contradictions,
                ],
                Postings = LineEnds.Postings(disbursement, program, delivered, rest),
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

        if (transaction.Writes is not [{ Record: ReconciliationRecord next }, ..] || transaction.Evidence is not [var file] || file.IsZero
            || transaction.Program != program.Id || !IsNext(next, view.Reconciliation(next.Id).Record, disbursement, file, transaction))
        {
            return Checks.Broken("A reconciliation records lines of one report, within what it says in sum.");
        }

        return (transaction.HasClosedPart ? CheckLines(transaction, next, disbursement, program, view) : CheckSums(transaction, next, disbursement, program, view))
            ?? Authority(transaction, disbursement, program, view);
    }

    /// <summary>Finance of the program's organisation, by their own signature, and not who released.</summary>
    internal static Refusal? Authority(Transaction transaction, DisbursementRecord disbursement, ProgramRecord program, ILedgerView view) =>
        Principals.Require(transaction, view, program.Organisation, Roles.Finance)
        ?? (Separation.IsOn(program, transaction.DecidedAt, view) && transaction.Principal == disbursement.ReleasedBy
            ? new Refusal(RefusalCode.RolesIncompatible, "Who instructs the provider does not reconcile its reports; another member must do this.")
            : null)
        ?? Principals.RequireOwnSignature(transaction, view);

    private static bool IsNext(
        ReconciliationRecord next, ReconciliationRecord? before, DisbursementRecord disbursement, Hash32 file, Transaction transaction) =>
        next.Id == ReconciliationRecord.IdOf(disbursement.Id, file) && next.Disbursement == disbursement.Id && next.File == file
        && next.ImportedBy == transaction.Principal && (before is null || before.Announced == next.Announced)
        && next is { Lines: > 0, DeliveredMinor: >= 0, FailedMinor: >= 0, Format.Length: > 0 and <= Approvals.MaximumText }
        && next.RecordedLines > (before?.RecordedLines ?? 0) && next.RecordedLines <= next.Lines
        && next.RecordedDeliveredMinor >= (before?.RecordedDeliveredMinor ?? 0) && next.RecordedDeliveredMinor <= next.DeliveredMinor
        && next.RecordedFailedMinor >= (before?.RecordedFailedMinor ?? 0) && next.RecordedFailedMinor <= next.FailedMinor;

    private static Refusal? CheckSums(Transaction transaction, ReconciliationRecord next, DisbursementRecord disbursement, ProgramRecord program, ILedgerView view)
    {
        var before = view.Reconciliation(next.Id).Record;
        return transaction.Writes.Count == 1
            && transaction.Postings.SequenceEqual(LineEnds.Postings(
                disbursement, program, next.RecordedDeliveredMinor - (before?.RecordedDeliveredMinor ?? 0), next.RecordedFailedMinor - (before?.RecordedFailedMinor ?? 0)))
                ? null
                : Checks.Broken("A reconciliation moves what it records.");
    }

    private static Refusal? CheckLines(Transaction transaction, ReconciliationRecord next, DisbursementRecord disbursement, ProgramRecord program, ILedgerView view)
    {
        var lines = transaction.Writes.Skip(1).TakeWhile(write => write.Record is CashLineRecord).Select(write => (CashLineRecord)write.Record).ToArray();
        var contradictions = transaction.Writes.Skip(1 + lines.Length).Select(write => (write.Version, Record: write.Record as ContradictionRecord)).ToArray();
        var before = view.Reconciliation(next.Id).Record ?? next.Announced;
        var (delivered, rest) = (lines.Sum(line => line.DeliveredMinor), lines.Sum(line => line.RestMinor));
        return lines.Length + contradictions.Length <= MaximumLines
            && Array.TrueForAll(lines, line => IsEnded(line, next.File, disbursement, view))
            && Array.TrueForAll(contradictions, entry => entry is { Version: 1, Record: { } record } && IsAgainst(record, next.File, disbursement, view))
            && next == Recorded(before, lines.Length + contradictions.Length, delivered, rest)
            && transaction.Postings.SequenceEqual(LineEnds.Postings(disbursement, program, delivered, rest))
                ? null
                : Checks.Broken("A reconciliation ends lines that are under way and notes what contradicts the others.");
    }

    private static bool IsEnded(CashLineRecord line, Hash32 file, DisbursementRecord disbursement, ILedgerView view) =>
        line.Disbursement == disbursement.Id && view.CashLine(line.Id).Record is { State: CashLineState.Instructed } before
        && line.DeliveredMinor >= 0 && line.DeliveredMinor <= before.AmountMinor
        && (line.DeliveredMinor == before.AmountMinor || CashLineRecord.IsReason(line.Reason))
        && line.Is(before.Ended(line.DeliveredMinor, line.Reason, file));

    private static bool IsAgainst(ContradictionRecord record, Hash32 file, DisbursementRecord disbursement, ILedgerView view) =>
        view.CashLine(record.Line).Record is { State: not CashLineState.Instructed } line && line.Disbursement == disbursement.Id
        && record == new ContradictionRecord(
            ContradictionRecord.IdOf(record.Line, file), disbursement.Id, record.Line, file, record.DeliveredMinor, record.Reason, ContradictionState.Open, Id.None, "")
        {
            // Records of the first form do not say.
            Against = record.Against.IsZero ? record.Against : line.Evidence,
        }
        && record.DeliveredMinor >= 0 && record.DeliveredMinor <= line.AmountMinor && record.DeliveredMinor != line.DeliveredMinor
        && (record.DeliveredMinor == line.AmountMinor ? record.Reason.Length == 0 : CashLineRecord.IsReason(record.Reason));

    // Every later report has a contradiction of its own, and each of those names what came before it.
    private static bool HasEnded(Hash32 file, CashLineRecord line, ILedgerView view)
    {
        var first = line.Evidence;
        while (view.Contradiction(ContradictionRecord.IdOf(line.Id, first)).Record is { Against.IsZero: false } correction)
        {
            first = correction.Against;
        }

        return first == file;
    }

    private static ContradictionRecord? Against(CashLineRecord line, Report report, ReconciliationRecord announced, ILedgerView view)
    {
        var id = ContradictionRecord.IdOf(line.Id, announced.File);
        return view.Contradiction(id).Record is not null
            ? null
            : new ContradictionRecord(
                id, line.Disbursement, line.Id, announced.File, report.DeliveredMinor, report.DeliveredMinor == line.AmountMinor ? "" : report.Reason,
                ContradictionState.Open, Id.None, "")
            {
                Against = line.Evidence,
            };
    }

    private static ReconciliationRecord Recorded(ReconciliationRecord before, int lines, long deliveredMinor, long failedMinor) => before with
    {
        RecordedLines = before.RecordedLines + lines,
        RecordedDeliveredMinor = checked(before.RecordedDeliveredMinor + deliveredMinor),
        RecordedFailedMinor = checked(before.RecordedFailedMinor + failedMinor),
    };
}
