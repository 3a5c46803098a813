using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Disbursements;

/// <summary>
/// A disbursement is given up before its release, or pauses and goes on after it: nothing of a paused one is paid, instructed or
/// delivered. What was paid stays; a wrong payment is reversed, never taken back silently.
/// </summary>
public static class StateChanges
{
    /// <param name="to">Cancelled, paused, or released to go on.</param>
    public static Outcome<Transaction> Decide(Id disbursement, DisbursementState to, DecisionScope scope, ILedgerView view)
    {
        var found = view.Disbursement(disbursement);
        return found.Record is not { } record
            ? new Refusal(RefusalCode.NotFound, "There is no such disbursement.", "disbursement")
            : Decision.Complete(
                scope.Draft(TransactionKind.DisbursementChange, namesPersons: false) with
                {
                    Program = record.Program,
                    Subject = record.Id,
                    Writes = [new RecordWrite(found.Version + 1, record with { State = to })],
                },
                scope,
                view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Disbursement(transaction.Subject).Record is not { } record || view.Program(record.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such disbursement.", "disbursement");
        }

        if (transaction.Writes is not [{ Record: DisbursementRecord next }] || transaction.Program != program.Id || !next.IsAs(record with { State = next.State }))
        {
            return Checks.Broken("A change of state changes nothing else.");
        }

        return WhoMay(record.State, next.State) is not { } roles ? new Refusal(RefusalCode.WrongState, Words(next.State), "disbursement")
            : Principals.Require(transaction, view, program.Organisation, roles)
                ?? (next.State == DisbursementState.Released ? CheckGoesOn(transaction, record, program, view) : null);
    }

    // To let money go again is what a release was.
    private static Refusal? CheckGoesOn(Transaction transaction, DisbursementRecord record, ProgramRecord program, ILedgerView view) =>
        Separation.IsOn(program, transaction.DecidedAt, view) && (record.IsApprovedBy(transaction.Principal) || record.CreatedBy == transaction.Principal)
            ? Separation.Refusal
            : ActingRoles.NeverBoth(transaction, view, [record.CreatedBy, record.ApprovedBy, .. record.CoApprovers]);

    /// <summary>Who gives one up or pauses it: whoever sees that something is wrong.</summary>
    public const Roles Stoppers = Roles.Registrar | Roles.Approver | Roles.Releaser | Roles.Administrator | Roles.ProgramManager;

    /// <summary>Who lets one go on: whoever may let money go, or runs the program.</summary>
    public const Roles Resumers = Roles.Releaser | Roles.Administrator | Roles.ProgramManager;

    private static Roles? WhoMay(DisbursementState from, DisbursementState to) => (from, to) switch
    {
        (DisbursementState.PartlyApproved or DisbursementState.Approved, DisbursementState.Cancelled) or (DisbursementState.Released, DisbursementState.Paused) =>
            Stoppers,
        (DisbursementState.Paused, DisbursementState.Released) => Resumers,
        _ => null,
    };

    private static string Words(DisbursementState to) => to switch
    {
        DisbursementState.Cancelled => "Only what is not released yet can be cancelled; pause or complete this one.",
        DisbursementState.Paused => "Only a released disbursement can be paused.",
        _ => "Only a paused disbursement can be resumed.",
    };
}
