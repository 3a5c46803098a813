using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Overlaps;

/// <summary>An organisation says what it thinks of a suspicion, or appeals against what both said. Signed by an approver.</summary>
public static class OverlapDecisions
{
    /// <param name="reason">A code; empty where none is needed.</param>
    /// <param name="namesItself">True when the other side may be told which organisation this is.</param>
    public static Outcome<Transaction> Decide(
        Id overlap, OverlapOpinion opinion, string reason, bool namesItself, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        Change(overlap, (before, side) => before.Decided(side, opinion, reason, scope.Principal, namesItself), signatures, scope, view);

    /// <param name="decideUntil">Unix milliseconds until which both decide again.</param>
    public static Outcome<Transaction> Appeal(
        Id overlap, string reason, long decideUntil, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        Change(overlap, (before, side) => before.Appealed(side.Organisation, reason, decideUntil), signatures, scope, view);

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (!transaction.HasClosedPart)
        {
            return transaction.Writes.Count == 0 ? null : Checks.Broken("A suspicion's records are in its closed part.");
        }

        if (transaction.Writes is not [{ Record: OverlapRecord next }, ..] || transaction.Subject != next.Id
            || view.Find<OverlapRecord>(RecordKind.Overlap, next.Id).Record is not { } before
            || view.Member(transaction.Principal).Record is not { } member || before.SideOf(member.Organisation) is not { } side)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such suspicion of your organisation's.", "overlap");
        }

        return (next.AppealedBy == before.AppealedBy ? CheckOpinion(transaction, before, side, next) : CheckAppeal(transaction, before, side, next))
            ?? (transaction.Writes.SequenceEqual(Writes(before, next, view)) ? null : Checks.Broken("A decision writes the suspicion and the raiser's tally."))
            ?? Principals.Require(transaction, view, member.Organisation, Roles.Approver)
            ?? Principals.RequireOwnSignature(transaction, view);
    }

    private static Refusal? CheckOpinion(Transaction transaction, OverlapRecord before, OverlapSide side, OverlapRecord next)
    {
        var said = next.SideOf(side.Organisation)!;
        return next != before.Decided(side, said.Opinion, said.Reason, transaction.Principal, said.NamesItself)
                || said.Opinion is not (OverlapOpinion.Same or OverlapOpinion.Different or OverlapOpinion.Unsure)
                ? Checks.Broken("An organisation decides its own side.")
            : before.StateAt(transaction.DecidedAt) is OverlapState.Same or OverlapState.Different ? new Refusal(RefusalCode.WrongState, "Both have decided; appeal if that was wrong.", "overlap")
            : said.Reason.Length == 0 && !before.NeedsReason(side, said.Opinion) ? null
            : Reason(said.Reason);
    }

    private static Refusal? CheckAppeal(Transaction transaction, OverlapRecord before, OverlapSide side, OverlapRecord next) =>
        next != before.Appealed(side.Organisation, next.AppealReason, next.DecideUntil) ? Checks.Broken("An appeal lets both sides decide again.")
        : before.StateAt(transaction.DecidedAt) is not (OverlapState.Same or OverlapState.Different)
            ? new Refusal(RefusalCode.WrongState, "Only what both have decided can be appealed against.", "overlap")
        : !before.AppealedBy.IsNone ? new Refusal(RefusalCode.WrongState, "There is one appeal, and it was made.", "overlap")
        : next.DecideUntil <= transaction.DecidedAt || next.DecideUntil - transaction.DecidedAt > OverlapRecord.MaximumMilliseconds ? OverlapSuspicions.OutOfTime()
        : Reason(next.AppealReason);

    private static Refusal? Reason(string reason) => OverlapRecord.IsReason(reason)
        ? null
        : new Refusal(RefusalCode.InvalidInput, "Say why in a code of capital letters, digits and underscores.", "reason");

    private static Outcome<Transaction> Change(
        Id overlap, Func<OverlapRecord, OverlapSide, OverlapRecord> change, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view)
    {
        if (view.Find<OverlapRecord>(RecordKind.Overlap, overlap).Record is not { } before
            || view.Member(scope.Principal).Record is not { } member || before.SideOf(member.Organisation) is not { } side)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such suspicion of your organisation's.", "overlap");
        }

        return Decision.Complete(
            scope.Draft(TransactionKind.OverlapDecision, namesPersons: true) with
            {
                Subject = overlap, Writes = Writes(before, change(before, side), view), Authorisations = signatures,
            },
            scope,
            view);
    }

    private static RecordWrite[] Writes(OverlapRecord before, OverlapRecord next, ILedgerView view)
    {
        var tally = view.Find<MatchingTallyRecord>(RecordKind.MatchingTally, before.Raiser.Organisation);
        var known = tally.Record ?? new MatchingTallyRecord(before.Raiser.Organisation, 0, 0);
        var counted = known.After(before, next);
        var write = new RecordWrite(view.Find<OverlapRecord>(RecordKind.Overlap, before.Id).Version + 1, next);
        return counted == known ? [write] : [write, new RecordWrite(tally.Version + 1, counted)];
    }
}
