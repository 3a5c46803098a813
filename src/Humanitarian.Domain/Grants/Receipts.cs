using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Grants;

/// <summary>Money enters from outside under a grant; each receipt opens a lot in the program's pool.</summary>
public static class Receipts
{
    /// <param name="lot">Id of the lot to open.</param>
    /// <param name="amountMinor">Minor units received.</param>
    /// <param name="evidence">Hash of the bank's advice or other evidence.</param>
    public static Outcome<Transaction> Decide(Id grantId, Id lot, long amountMinor, Hash32 evidence, DecisionScope scope, ILedgerView view)
    {
        if (amountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        var grant = view.Grant(grantId);
        if (grant.Record is not { } record || view.Program(record.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such grant.", "grant");
        }

        if (Programs.ProgramClosures.Refuse(program) is { } closed)
        {
            return closed;
        }

        if (amountMinor > record.CommitmentMinor - record.ReceivedMinor)
        {
            return new Refusal(RefusalCode.BudgetExceeded, "Receipts would exceed the donor's commitment; raise it first.", "amountMinor");
        }

        var move = new PairedMove(
            Side.Available(WorldAccount.IdOf(record.Unit)), Side.Available(program.Pool), record.Unit, [new LotPart(lot, amountMinor)]);
        return Decision.Complete(
            scope.Draft(TransactionKind.Receipt, namesPersons: false) with
            {
                Program = program.Id,
                Subject = grantId,
                Evidence = evidence.IsZero ? [] : [evidence],
                Postings = move.Postings(),
                Writes =
                [
                    new RecordWrite(grant.Version + 1, record with { ReceivedMinor = record.ReceivedMinor + amountMinor }),
                    new RecordWrite(1, new LotRecord(lot, program.Id, grantId, record.Unit, amountMinor, [], long.MaxValue, scope.Now)),
                ],
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Grant(transaction.Subject).Record is not { Active: true } grant || view.Program(grant.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active grant.", "grant");
        }

        if (PairedMove.Of(transaction.Postings) is not { Parts: [var part] } move
            || move.From != Side.Available(WorldAccount.IdOf(grant.Unit)) || move.To != Side.Available(program.Pool)
            || move.Unit != grant.Unit || transaction.Program != program.Id
            || transaction.Writes is not [{ Record: GrantRecord next }, { Version: 1, Record: LotRecord lot }]
            || next != grant with { ReceivedMinor = checked(grant.ReceivedMinor + part.AmountMinor), BudgetLines = next.BudgetLines }
            || !next.BudgetLines.SequenceEqual(grant.BudgetLines)
            || next.ReceivedMinor > grant.CommitmentMinor
            || (lot.Id, lot.Program, lot.Origin, lot.Unit, lot.SizeMinor, lot.Parts.Count, lot.ExpiresAt, lot.OpenedAt)
                != (part.Lot, program.Id, grant.Id, grant.Unit, part.AmountMinor, 0, long.MaxValue, transaction.DecidedAt))
        {
            return Checks.Broken("A receipt opens one lot of its grant in the program's pool, within the commitment.");
        }

        return Principals.Require(transaction, view, program.Organisation, Roles.Finance);
    }
}
