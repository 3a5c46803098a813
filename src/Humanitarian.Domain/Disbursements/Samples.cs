using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// An auditor commits to a secret while a list is drafted; whoever freezes the list names the commitment; then the secret is revealed, and
/// the auditor signs what the drawn lines showed. A failed sample takes an approved disbursement back to where a further approver must sign.
/// </summary>
public static class Samples
{
    /// <param name="commitment">SHA-256 of the secret.</param>
    public static Outcome<Transaction> Commit(
        Id disbursement, Id program, Hash32 commitment, int lines, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Find<SampleRecord>(RecordKind.Sample, SampleRecord.IdOf(disbursement)).Record is not null
            ? new Refusal(RefusalCode.AlreadyExists, "An auditor has committed to a sample of this disbursement.", "disbursementId")
            : Registry.Decide(
                [new SampleRecord(SampleRecord.IdOf(disbursement), program, disbursement, scope.Principal, commitment, lines, Hash32.Zero, SampleState.Committed, "")],
                signatures, scope, view);

    public static Outcome<Transaction> Reveal(Id disbursement, Hash32 secret, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        view.Find<SampleRecord>(RecordKind.Sample, SampleRecord.IdOf(disbursement)).Record is not { } sample ? NotCommitted()
        : sample.State != SampleState.Committed ? new Refusal(RefusalCode.WrongState, "The secret is revealed already.", "disbursementId")
        : Registry.Decide([sample with { Secret = secret, State = SampleState.Revealed }], signatures, scope, view);

    /// <param name="reason">A code that says why; may be empty for a passed one.</param>
    public static Outcome<Transaction> Record(
        Id disbursement, bool passed, string reason, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        if (view.Find<SampleRecord>(RecordKind.Sample, SampleRecord.IdOf(disbursement)).Record is not { } sample || view.Disbursement(disbursement).Record is not { } record)
        {
            return NotCommitted();
        }

        if (sample.State != SampleState.Revealed)
        {
            return new Refusal(RefusalCode.WrongState, "A result is recorded once, after the secret is revealed.", "disbursementId");
        }

        var next = sample with { State = passed ? SampleState.Passed : SampleState.Failed, Reason = reason };
        return Registry.Decide(GoesBack(next, record) ? [next, record with { State = DisbursementState.PartlyApproved }] : [next], signatures, scope, view);
    }

    /// <summary>The commitment that an approval names: of the sample there is when the list is frozen.</summary>
    internal static Hash32 CommitmentOf(Id disbursement, ILedgerView view) =>
        view.Find<SampleRecord>(RecordKind.Sample, SampleRecord.IdOf(disbursement)).Record is { State: SampleState.Committed } sample ? sample.Commitment : Hash32.Zero;

    /// <summary>What the seed has beside the list's root and the secret: nobody knew it before the list was frozen, and everybody finds it in the approval.</summary>
    internal static Id NonceOf(Hash32 commitment, CommandKey? command) => commitment.IsZero || command is null ? Id.None : ClaimKey.IdFrom(command.Value.Key);

    /// <summary>Refuses an approval that names another commitment than the auditor's, or none where the terms ask for a sample.</summary>
    internal static Refusal? CheckApproval(DisbursementRecord record, ProgramRecord program, ILedgerView view)
    {
        if (record.Sample.IsZero)
        {
            // Freezing the list while no commitment was there is no fault where none is needed, even if one was ordered first.
            return AuditedSample.Of(program, record.TotalMinor) is null ? null : SampleDue("An auditor commits to a sample of it before it is approved.");
        }

        return view.Find<SampleRecord>(RecordKind.Sample, SampleRecord.IdOf(record.Id)).Record is not { } sample || sample.Commitment != record.Sample
                || sample.Program != program.Id ? Checks.Broken("An approval names the auditor's commitment.")
            : sample.Auditor == record.CreatedBy || sample.Auditor == record.ApprovedBy
                ? new Refusal(RefusalCode.RolesIncompatible, "Who audits a list neither makes nor approves it.", "disbursement")
            : AuditedSample.Of(program, record.TotalMinor) is { } rule && sample.Lines < Math.Min(rule.Lines, record.Lines)
                ? SampleDue("The auditor has committed to fewer lines than the terms ask for.")
            : null;
    }

    /// <summary>Refuses a release before the result that the terms ask for. A failed sample's further approval has been given by then.</summary>
    internal static Refusal? CheckRelease(DisbursementRecord approved, ProgramRecord program, ILedgerView view) =>
        AuditedSample.Of(program, approved.TotalMinor) is null
        || view.Find<SampleRecord>(RecordKind.Sample, SampleRecord.IdOf(approved.Id)).Record is { State: SampleState.Passed or SampleState.Failed } sample
            && sample.Commitment == approved.Sample
            ? null
            : SampleDue("The result of the auditor's sample is recorded before it is released.");

    /// <summary>The records of a step of a sample; null for other changes.</summary>
    internal static (SampleRecord Sample, DisbursementRecord? Disbursement)? Of(IReadOnlyList<RecordWrite> writes) => writes switch
    {
        [{ Record: SampleRecord sample }] => (sample, null),
        [{ Record: SampleRecord sample }, { Record: DisbursementRecord disbursement }] => (sample, disbursement),
        _ => null,
    };

    internal static Refusal? Check(Transaction transaction, SampleRecord next, DisbursementRecord? sentBack, ILedgerView view)
    {
        var before = view.Find<SampleRecord>(RecordKind.Sample, next.Id).Record;
        if (next.Id != SampleRecord.IdOf(next.Disbursement) || next.Auditor != transaction.Principal || view.Program(next.Program) is not { } program)
        {
            return Checks.Broken("An auditor acts on their own sample.");
        }

        return (next.State == SampleState.Committed ? CheckCommitted(before, next, sentBack) : CheckFrozen(before, next, sentBack, view))
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Auditor, program.Id);
    }

    private static Refusal? CheckCommitted(SampleRecord? before, SampleRecord next, DisbursementRecord? sentBack) =>
        before is not null || sentBack is not null || !next.Secret.IsZero || next.Reason.Length > 0 ? Checks.Broken("A commitment is made once, without its secret.")
        : next.Commitment.IsZero || next.Lines is <= 0 or > SampleRecord.MaximumLines
            ? new Refusal(RefusalCode.InvalidInput, $"Commit to the SHA-256 of a secret and to 1 to {SampleRecord.MaximumLines} lines.", "commitment")
        : null;

    private static Refusal? CheckFrozen(SampleRecord? before, SampleRecord next, DisbursementRecord? sentBack, ILedgerView view)
    {
        if (before is null || view.Disbursement(next.Disbursement).Record is not { } disbursement || disbursement.Sample != before.Commitment)
        {
            return new Refusal(RefusalCode.WrongState, "The list is not frozen, or was frozen before the commitment.", "disbursementId");
        }

        return (before.State, next.State) switch
        {
            (SampleState.Committed, SampleState.Revealed) =>
                next != before with { State = next.State, Secret = next.Secret } || sentBack is not null ? Checks.Broken("A secret is revealed, and nothing else.")
                : SampleRecord.CommitmentTo(next.Secret) != before.Commitment
                    ? new Refusal(RefusalCode.InvalidInput, "This is not the secret that was committed to.", "secret")
                : null,
            (SampleState.Revealed, SampleState.Passed or SampleState.Failed) =>
                next != before with { State = next.State, Reason = next.Reason } || GoesBack(next, disbursement) != sentBack is not null
                    || sentBack?.IsAs(disbursement with { State = DisbursementState.PartlyApproved }) == false ? Checks.Broken("A result changes nothing else.")
                : next.Reason.Length > 0 || next.State == SampleState.Failed ? CheckReason(next.Reason)
                : null,
            _ => Checks.Broken("A sample goes forward step by step."),
        };
    }

    private static Refusal? CheckReason(string reason) => CashLineRecord.IsReason(reason)
        ? null
        : new Refusal(RefusalCode.InvalidInput, "Give a reason as a code of capital letters, digits and underscores.", "reason");

    private static bool GoesBack(SampleRecord next, DisbursementRecord disbursement) =>
        next.State == SampleState.Failed && disbursement.State == DisbursementState.Approved;

    private static Refusal NotCommitted() => new(RefusalCode.NotFound, "No auditor has committed to a sample of this disbursement.", "disbursementId");

    private static Refusal SampleDue(string message) => new(RefusalCode.SampleDue, message, "disbursement");
}
