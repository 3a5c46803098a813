using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Grants;

/// <summary>A cost to be moved to another grant.</summary>
/// <param name="Cost">The cost, as it counts now.</param>
/// <param name="Grant">The grant that bears it from now on.</param>
/// <param name="BudgetLine">A budget line of that grant.</param>
/// <param name="WithIndirect">True charges the indirect part that the other grant's terms allow.</param>
/// <param name="Evidence">Hash of what shows why.</param>
public sealed record RechargeCommand(Id Cost, Id Grant, string BudgetLine, bool WithIndirect, Hash32 Evidence);

/// <summary>
/// A cost that one grant bore is charged to another of the same program, whose donors both allow it: the first grant's money is back in
/// the lots it came from, the other's leaves in the same transaction. Finance signs.
/// </summary>
public static class Recharges
{
    /// <param name="cost">Id of the cost that stands for it.</param>
    public static Outcome<Transaction> Decide(
        RechargeCommand command, Id cost, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        var found = view.Cost(command.Cost);
        if (found.Record is not { } old)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such cost.", "cost");
        }

        var (from, to) = (view.Grant(old.Grant), view.Grant(command.Grant));
        if (from.Record is not { } before || to.Record is not { } after || view.Program(old.Program) is not { } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such grant.", "grant");
        }

        if (Allowed(old, before, after, scope.Now) is { } refusal)
        {
            return refusal;
        }

        var charged = Costs.Charge(new CostCommand(after.Id, command.BudgetLine, old.DirectMinor, command.WithIndirect, command.Evidence), cost, after, program, old.At, view);
        if (charged.Refusal is { } refused)
        {
            return refused;
        }

        var booked = charged.Value.Cost with { RechargedFrom = old.Id };
        return Decision.Complete(
            scope.Draft(TransactionKind.CostRecharge, namesPersons: false) with
            {
                Program = program.Id,
                Subject = old.Id,
                Labels = [command.BudgetLine],
                Evidence = command.Evidence.IsZero ? [] : [command.Evidence],
                Postings = Postings(old, booked, program),
                Writes =
                [
                    new RecordWrite(from.Version + 1, before.Charged(old.BudgetLine, -old.DirectMinor, -old.IndirectMinor)!),
                    new RecordWrite(to.Version + 1, charged.Value.Grant),
                    new RecordWrite(found.Version + 1, old with { RechargedTo = cost }),
                    new RecordWrite(1, booked),
                ],
                Authorisations = signatures,
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Cost(transaction.Subject).Record is not { } old || view.Grant(old.Grant).Record is not { } before
            || transaction is not { Labels: [var line], Writes: [{ Record: GrantRecord left }, { Record: GrantRecord charged }, { Record: CostRecord taken }, { Version: 1, Record: CostRecord booked }] }
            || view.Grant(charged.Id).Record is not { } after || view.Program(old.Program) is not { } program)
        {
            return Checks.Broken("A recharge takes a cost back from its grant and charges it to another.");
        }

        if (Allowed(old, before, after, transaction.DecidedAt) is { } refusal)
        {
            return refusal;
        }

        return transaction.Program != program.Id || booked.RechargedFrom != old.Id || booked.DirectMinor != old.DirectMinor
            || !taken.Equals(old with { RechargedTo = booked.Id, Direct = taken.Direct, Indirect = taken.Indirect })
            || !taken.Direct.SequenceEqual(old.Direct) || !taken.Indirect.SequenceEqual(old.Indirect)
            || !Costs.IsBooked(booked, after, line, old.At, view)
            || !left.IsAs(before.Charged(old.BudgetLine, -old.DirectMinor, -old.IndirectMinor))
            || !charged.IsAs(after.Charged(line, booked.DirectMinor, booked.IndirectMinor)) || !Costs.IsWithin(charged, after, line)
            || !transaction.Postings.SequenceEqual(Postings(old, booked, program))
            ? Checks.Broken("A recharge gives the first grant's lots back what the cost took, and takes it from the other's within its budget line and rate.")
            : Principals.Require(transaction, view, program.Organisation, Roles.Finance) ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static Refusal? Allowed(CostRecord cost, GrantRecord from, GrantRecord to, long now) =>
        from.Id == to.Id || from.Program != to.Program ? new Refusal(RefusalCode.InvalidInput, "A cost is recharged to another grant of the same program.", "grant")
        : !cost.Counts ? new Refusal(RefusalCode.WrongState, "The cost has been recharged already; recharge the one that stands for it.", "cost")
        : from.Unit != to.Unit ? new Refusal(RefusalCode.UnitMismatch, "The grants count in different currencies.", "grant")
        : !from.AllowsRecharges || !to.AllowsRecharges ? new Refusal(RefusalCode.RechargeForbidden, "A donor does not allow recharges.", "grant")
        : !IsEligible(from, now) || !IsEligible(to, now) ? Ineligible("A grant is closed or outside its eligibility dates.")
        : cost.At < to.EligibleFrom || cost.At >= to.EligibleUntil ? Ineligible("The cost was booked outside the other grant's eligibility dates.")
        : to.Earmark.Length > 0 && to.Earmark != from.Earmark ? Ineligible("The other grant is tied to something else than the cost's.")
        : null;

    private static bool IsEligible(GrantRecord grant, long at) => grant.Active && at >= grant.EligibleFrom && at < grant.EligibleUntil;

    private static Refusal Ineligible(string message) => new(RefusalCode.GrantIneligible, message, "grant");

    private static IReadOnlyList<Posting> Postings(CostRecord old, CostRecord booked, ProgramRecord program) =>
    [
        .. Costs.Move(WorldAccount.IdOf(old.Unit), program.Pool, old.Unit, old.Direct), .. Costs.Move(WorldAccount.IdOf(old.Unit), program.Pool, old.Unit, old.Indirect),
        .. Costs.Postings(booked, program),
    ];
}
