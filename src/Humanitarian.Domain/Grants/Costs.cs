using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Grants;

/// <summary>A cost to be charged to a grant.</summary>
/// <param name="AmountMinor">The direct cost, in minor units of the grant's currency.</param>
/// <param name="WithIndirect">True charges the indirect part that the grant's terms allow with it.</param>
/// <param name="Evidence">Hash of the invoice.</param>
public sealed record CostCommand(Id Grant, string BudgetLine, long AmountMinor, bool WithIndirect, Hash32 Evidence);

/// <summary>Costs within a grant's budget lines, in its own currency, each with its indirect part in the same transaction.</summary>
public static class Costs
{
    /// <param name="cost">Id of the cost's record.</param>
    public static Outcome<Transaction> Decide(CostCommand command, Id cost, DecisionScope scope, ILedgerView view)
    {
        if (command.AmountMinor <= 0)
        {
            return new Refusal(RefusalCode.AmountNotPositive, "The amount must be positive.", "amountMinor");
        }

        var grant = view.Grant(command.Grant);
        if (grant.Record is not { } record || view.Program(record.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such grant.", "grant");
        }

        var charged = ProgramClosures.Refuse(program) is { } closed ? closed : Charge(command, cost, record, program, scope.Now, view);
        if (charged.Refusal is { } refusal)
        {
            return refusal;
        }

        var (next, booked) = charged.Value;
        return Decision.Complete(
            scope.Draft(TransactionKind.Cost, namesPersons: false) with
            {
                Program = program.Id,
                Subject = record.Id,
                Labels = [command.BudgetLine],
                Evidence = command.Evidence.IsZero ? [] : [command.Evidence],
                Postings = Postings(booked, program),
                Writes = [new RecordWrite(grant.Version + 1, next), new RecordWrite(1, booked)],
            },
            scope,
            view);
    }

    /// <summary>The grant and the cost as charging leaves them; first in first out, the indirect part after the direct one.</summary>
    internal static Outcome<(GrantRecord Grant, CostRecord Cost)> Charge(
        CostCommand command, Id cost, GrantRecord grant, ProgramRecord program, long at, ILedgerView view)
    {
        if (command.WithIndirect && grant.IndirectRate == 0)
        {
            return new Refusal(RefusalCode.InvalidInput, "The grant's terms hold no indirect cost rate.", "withIndirect");
        }

        var indirect = command.WithIndirect ? grant.IndirectOf(command.AmountMinor) : 0;
        if (grant.BudgetLines.All(line => line.Code != command.BudgetLine))
        {
            return new Refusal(RefusalCode.NotFound, "The grant has no such budget line.", "budgetLine");
        }

        if (command.AmountMinor > grant.LeftOf(command.BudgetLine))
        {
            return new Refusal(RefusalCode.BudgetExceeded, "The cost would exceed its budget line.", "amountMinor");
        }

        var lots = view.Book(program.Pool) is { } pool ? LotChoice.OfGrant(pool, grant.Id, grant.Unit, view) : [];
        return LotChoice.Take(lots, command.AmountMinor) is { } direct && LotChoice.Take(LotChoice.Without(lots, direct), indirect) is { } rest
            && grant.Charged(command.BudgetLine, command.AmountMinor, indirect) is { } next
            ? (next, new CostRecord(cost, program.Id, grant.Id, command.BudgetLine, grant.Unit, at, direct, rest, Id.None, Id.None))
            : new Refusal(RefusalCode.InsufficientFunds, "The grant does not have enough left.", "amountMinor");
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Grant(transaction.Subject).Record is not { Active: true } grant || view.Program(grant.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active grant.", "grant");
        }

        return transaction is not { Labels: [var line], Writes: [{ Record: GrantRecord next }, { Version: 1, Record: CostRecord cost }] }
            || transaction.Program != program.Id || !IsBooked(cost, grant, line, transaction.DecidedAt, view) || !cost.RechargedFrom.IsNone
            || !next.IsAs(grant.Charged(line, cost.DirectMinor, cost.IndirectMinor)) || !IsWithin(next, grant, line)
            || !transaction.Postings.SequenceEqual(Postings(cost, program))
            ? Checks.Broken("A cost takes its grant's own receipts' lots, within its budget line, and its indirect part within the rate.")
            : Principals.Require(transaction, view, program.Organisation, Roles.Finance);
    }

    /// <summary>True for a new cost of the grant's own lots whose indirect part, if there is one, is that of the rate.</summary>
    internal static bool IsBooked(CostRecord cost, GrantRecord grant, string line, long at, ILedgerView view) =>
        cost == new CostRecord(cost.Id, grant.Program, grant.Id, line, grant.Unit, at, cost.Direct, cost.Indirect, cost.RechargedFrom, Id.None)
        && cost.Direct.Count > 0 && IsOf(cost.Direct, grant, view) && IsOf(cost.Indirect, grant, view)
        && (cost.Indirect.Count == 0 || cost.IndirectMinor == grant.IndirectOf(cost.DirectMinor));

    /// <summary>True when a charge leaves its line within the limit, or as far above it as it was.</summary>
    internal static bool IsWithin(GrantRecord next, GrantRecord before, string line) => next.LeftOf(line) >= Math.Min(0, before.LeftOf(line));

    /// <summary>A cost leaves the ledger; the indirect part follows the direct one.</summary>
    internal static IReadOnlyList<Posting> Postings(CostRecord cost, ProgramRecord program) =>
    [
        .. Move(program.Pool, WorldAccount.IdOf(cost.Unit), cost.Unit, cost.Direct), .. Move(program.Pool, WorldAccount.IdOf(cost.Unit), cost.Unit, cost.Indirect),
    ];

    internal static IReadOnlyList<Posting> Move(Id from, Id to, string unit, IReadOnlyList<LotPart> parts) =>
        new PairedMove(Side.Available(from), Side.Available(to), unit, parts).Postings();

    /// <summary>What follows for lots: a new cost is charged, with its indirect part; one that is taken back is recharged.</summary>
    internal static IEnumerable<FlowChange> Flows(Transaction transaction) => transaction.Writes.Select(write => write.Record).OfType<CostRecord>().SelectMany(cost =>
        cost.Counts
            ? Of(cost.Direct, LotFlow.Cost).Concat(Of(cost.Indirect, LotFlow.Indirect))
            : Of(cost.Direct, LotFlow.Recharged).Concat(Of(cost.Indirect, LotFlow.IndirectRecharged)));

    private static IEnumerable<FlowChange> Of(IReadOnlyList<LotPart> parts, LotFlow flow) => parts.Select(part => new FlowChange(part.Lot, flow, part.AmountMinor));

    private static bool IsOf(IReadOnlyList<LotPart> parts, GrantRecord grant, ILedgerView view) =>
        parts.Select(part => part.Lot).Distinct().Count() == parts.Count
        && parts.All(part => part.AmountMinor > 0 && view.Lot(part.Lot) is { IsReceipt: true } lot && lot.Origin == grant.Id && lot.Unit == grant.Unit);
}
