using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Cash;

/// <summary>Records an instruction file's hash; only then does the file leave.</summary>
public static class InstructionFiles
{
    public static Outcome<Transaction> Decide(InstructionFileRecord file, DecisionScope scope, ILedgerView view) =>
        view.Disbursement(file.Disbursement).Record is not { } disbursement
            ? new Refusal(RefusalCode.NotFound, "There is no such cash disbursement.", "disbursement")
            : Decision.Complete(
                scope.Draft(TransactionKind.InstructionFile, namesPersons: false) with
                {
                    Program = disbursement.Program,
                    Subject = disbursement.Id,
                    Evidence = [file.File],
                    Writes = [new RecordWrite(1, file with { ExportedBy = scope.Principal })],
                },
                scope,
                view);

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Disbursement(transaction.Subject).Record is not { Cash: not null, State: DisbursementState.Released } disbursement
            || view.Program(disbursement.Program) is not { } program)
        {
            return new Refusal(RefusalCode.WrongState, "Only a released cash disbursement has instruction files.", "disbursement");
        }

        return transaction is { Writes: [{ Version: 1, Record: InstructionFileRecord file }], Evidence: [var hash] } && !hash.IsZero
            && transaction.Program == program.Id && file.Id == InstructionFileRecord.IdOf(disbursement.Id, hash) && file.File == hash
            && file.Disbursement == disbursement.Id && file.ExportedBy == transaction.Principal
            && file is { Lines: > 0, TotalMinor: > 0, Format.Length: > 0 and <= Approvals.MaximumText }
            && file.Lines <= disbursement.Lines && file.TotalMinor <= disbursement.TotalMinor
                ? Principals.Require(transaction, view, program.Organisation, Roles.Releaser)
                : Checks.Broken("An instruction file is recorded once, with its own hash.");
    }
}
