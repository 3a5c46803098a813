using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Grants;

/// <summary>
/// Money that leaves a grant without reaching a beneficiary and is no cost of the program's own (<see cref="Costs"/>): providers' fees within
/// its budget lines, in the grant's own currency, and returns to the donor, of converted money too.
/// </summary>
public static class GrantOutflows
{
    /// <summary>Charges what a provider took for a cash disbursement to a budget line of the grant: a flow of its own beside other costs.</summary>
    public static Outcome<Transaction> DecideFee(
        Id grantId, string budgetLine, Id disbursement, long amountMinor, Hash32 evidence, DecisionScope scope, ILedgerView view)
    {
        if (amountMinor <= 0)
        {
            return NotPositive();
        }

        var grant = view.Grant(grantId);
        if (grant.Record?.BudgetLines.Any(line => line.Code == budgetLine) != true)
        {
            return new Refusal(RefusalCode.NotFound, "The grant has no such budget line.", "budgetLine");
        }

        return amountMinor > grant.Record.LeftOf(budgetLine) || grant.Record.Charged(budgetLine, amountMinor, 0) is not { } next
            ? new Refusal(RefusalCode.BudgetExceeded, "The cost would exceed its budget line.", "amountMinor")
            : Decide(
                TransactionKind.ProviderFee, grant.Record, grant.Record.Unit, amountMinor, evidence, scope, view, [budgetLine, disbursement.ToString()],
                [new RecordWrite(grant.Version + 1, next)]);
    }

    /// <summary>Returns money to the donor, from the return queue first, then from the pool.</summary>
    /// <param name="unit">The grant's currency, or the program's for converted money; null for the grant's.</param>
    public static Outcome<Transaction> DecideReturn(
        Id grantId, long amountMinor, Hash32 evidence, DecisionScope scope, ILedgerView view, string? unit = null) =>
        view.Grant(grantId).Record is { } grant
            ? Decide(TransactionKind.GrantReturn, grant, unit ?? grant.Unit, amountMinor, evidence, scope, view, [], [])
            : new Refusal(RefusalCode.NotFound, "There is no such grant.", "grant");

    /// <summary>The account a return is paid from: the return queue while it has enough of the grant, else the pool.</summary>
    public static Id PayerOf(TransactionKind kind, GrantRecord grant, Programs.ProgramRecord program, string unit, long amountMinor, ILedgerView view) =>
        kind == TransactionKind.GrantReturn && view.Book(program.ReturnQueue) is { } queue
        && LotChoice.OfGrant(queue, grant.Id, unit, view).Sum(part => part.AmountMinor) >= amountMinor
            ? program.ReturnQueue
            : program.Pool;

    private static Outcome<Transaction> Decide(
        TransactionKind kind, GrantRecord grant, string unit, long amountMinor, Hash32 evidence, DecisionScope scope, ILedgerView view, string[] labels, RecordWrite[] writes)
    {
        if (amountMinor <= 0)
        {
            return NotPositive();
        }

        if (view.Program(grant.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such program.", "program");
        }

        var payer = PayerOf(kind, grant, program, unit, amountMinor, view);
        if (view.Book(payer) is not { } book || LotChoice.Take(LotChoice.OfGrant(book, grant.Id, unit, view), amountMinor) is not { } parts)
        {
            return new Refusal(RefusalCode.InsufficientFunds, "The grant does not have enough left.", "amountMinor");
        }

        var move = new PairedMove(Side.Available(payer), Side.Available(WorldAccount.IdOf(unit)), unit, parts);
        return Decision.Complete(
            scope.Draft(kind, namesPersons: false) with
            {
                Program = program.Id,
                Subject = grant.Id,
                Labels = labels,
                Evidence = evidence.IsZero ? [] : [evidence],
                Postings = move.Postings(),
                Writes = writes,
            },
            scope,
            view);
    }

    private static Refusal NotPositive() => new(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Grant(transaction.Subject).Record is not { } grant || view.Program(grant.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such grant.", "grant");
        }

        var isFee = transaction.Kind != TransactionKind.GrantReturn;
        if (isFee && !grant.Active)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active grant.", "grant");
        }

        if (PairedMove.Of(transaction.Postings) is not { } move || (move.Unit != grant.Unit && (isFee || move.Unit != program.Unit)) || transaction.Program != program.Id
            || (move.From != Side.Available(program.Pool) && (isFee || move.From != Side.Available(program.ReturnQueue)))
            || move.To != Side.Available(WorldAccount.IdOf(move.Unit))
            || move.Parts.Any(part => view.Lot(part.Lot) is not { IsReceipt: true } lot || lot.Origin != grant.Id || lot.Unit != move.Unit)
            || (isFee ? !IsCharged(transaction, grant, move.TotalMinor) : transaction.Writes.Count > 0))
        {
            return Checks.Broken("A grant's outflow takes its own receipts' lots, fees within their budget line.");
        }

        return transaction.Kind == TransactionKind.ProviderFee && !IsOfCash(transaction.Labels[1], program, view)
            ? new Refusal(RefusalCode.NotFound, "A fee is charged for a cash disbursement of the grant's program.", "disbursement")
            : Principals.Require(transaction, view, program.Organisation, Roles.Finance);
    }

    private static bool IsOfCash(string label, Programs.ProgramRecord program, ILedgerView view) =>
        Id.TryParse(label, out var id) && id.ToString() == label
        && view.Disbursement(id).Record is { Cash: not null } disbursement && disbursement.Program == program.Id;

    private static bool IsCharged(Transaction transaction, GrantRecord grant, long amountMinor) =>
        transaction is { Labels: [var code, _], Writes: [{ Record: GrantRecord next }] }
        && next.IsAs(grant.Charged(code, amountMinor, 0)) && Costs.IsWithin(next, grant, code);
}
