using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Overlaps;

/// <summary>A suspicion to raise.</summary>
/// <param name="Program">The raiser's program, in which its household is enrolled.</param>
/// <param name="DecideUntil">Unix milliseconds.</param>
public sealed record SuspectCommand(Id Program, Id Household, Id Other, bool IsStrong, long DecideUntil);

/// <summary>
/// Raises a suspicion. Only who has enrolled a household may, and of a pair once. Both households get a new version, so that a payment
/// decided before is decided again.
/// </summary>
public static class OverlapSuspicions
{
    public static Outcome<Transaction> Decide(SuspectCommand command, DecisionScope scope, ILedgerView view)
    {
        if (view.Household(command.Household).Record is not { } own || view.Household(command.Other).Record is not { } other)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such household.", "household");
        }

        var record = new OverlapRecord(
            OverlapRecord.IdOf(own.Id, other.Id), Side(own), Side(other), command.IsStrong, scope.Now, command.DecideUntil, Id.None, "");
        return Decision.Complete(
            scope.Draft(TransactionKind.OverlapSuspicion, namesPersons: true) with
            {
                Program = command.Program, Subject = record.Id, Writes = Writes(record, own, other, view),
            },
            scope,
            view);
    }

    internal static Refusal? Check(Transaction transaction, ILedgerView view)
    {
        if (view.Program(transaction.Program) is not { Active: true } program)
        {
            return new Refusal(RefusalCode.NotFound, "There is no such active program.", "program");
        }

        return (transaction.HasClosedPart ? CheckRecords(transaction, program.Organisation, view)
                : transaction.Writes.Count == 0 ? null
                : Checks.Broken("A suspicion's records are in its closed part."))
            ?? Principals.Require(transaction, view, program.Organisation, Roles.Registrar);
    }

    private static Refusal? CheckRecords(Transaction transaction, Id organisation, ILedgerView view)
    {
        if (transaction.Writes is not [{ Record: OverlapRecord record }, ..] || transaction.Subject != record.Id
            || view.Household(record.Raiser.Household).Record is not { } own || view.Household(record.Other.Household).Record is not { } other
            || record != new OverlapRecord(
                OverlapRecord.IdOf(own.Id, other.Id), Side(own), Side(other), record.IsStrong, transaction.DecidedAt, record.DecideUntil, Id.None, ""))
        {
            return Checks.Broken("A suspicion is about two households.");
        }

        if (view.Find<MatchingTallyRecord>(RecordKind.MatchingTally, organisation).Record is { HasEnded: true })
        {
            return new Refusal(RefusalCode.MatchingEnded, "Most of what your organisation suspected was refuted; it no longer matches.");
        }

        if (view.Find<OverlapRecord>(RecordKind.Overlap, record.Id).Record is not null)
        {
            return new Refusal(RefusalCode.AlreadyExists, "These households are suspected already.", "household");
        }

        if (own.Organisation != organisation || other.Organisation == organisation || !own.MergedInto.IsNone || !other.MergedInto.IsNone
            || !own.Accounts.Any(account => view.Enrolment(transaction.Program, account) is { Active: true }))
        {
            return new Refusal(RefusalCode.NotEnrolled, "Only a household that your organisation has enrolled is compared, and with another organisation's.", "household");
        }

        if (record.DecideUntil <= record.RaisedAt || record.DecideUntil - record.RaisedAt > OverlapRecord.MaximumMilliseconds)
        {
            return OutOfTime();
        }

        return AreSame(transaction.Writes, Writes(record, own, other, view)) ? null
            : transaction.Writes.Select(write => write.Record).OfType<OverlapMarkRecord>().Any(mark => mark.Overlaps.Count > OverlapMarkRecord.MaximumOverlaps)
                ? TooMany()
            : Checks.Broken("A suspicion marks its two households and changes nothing of them.");
    }

    public static Refusal OutOfTime() => new(RefusalCode.InvalidInput, "Both sides get at least some time to decide, and at most 14 days.", "decideUntil");

    private static Refusal TooMany() => new(
        RefusalCode.WrongState, $"A household has at most {OverlapMarkRecord.MaximumOverlaps} suspicions.", "household");

    private static OverlapSide Side(HouseholdRecord household) => new(household.Organisation, household.Id, OverlapOpinion.None, "", Id.None, false);

    private static RecordWrite[] Writes(OverlapRecord record, HouseholdRecord own, HouseholdRecord other, ILedgerView view) =>
    [
        new RecordWrite(1, record),
        Marked(own, record.Id, view),
        Marked(other, record.Id, view),
        new RecordWrite(view.Household(own.Id).Version + 1, own),
        new RecordWrite(view.Household(other.Id).Version + 1, other),
    ];

    private static RecordWrite Marked(HouseholdRecord household, Id overlap, ILedgerView view)
    {
        var mark = view.Find<OverlapMarkRecord>(RecordKind.OverlapMark, household.Id);
        return new RecordWrite(mark.Version + 1, new OverlapMarkRecord(household.Id, household.Organisation, [.. mark.Record?.Overlaps ?? [], overlap]));
    }

    private static bool AreSame(IReadOnlyList<RecordWrite> writes, RecordWrite[] expected) =>
        writes.Count == expected.Length && writes.Zip(expected).All(pair => pair.First.Version == pair.Second.Version && (pair.First.Record, pair.Second.Record) switch
        {
            (OverlapMarkRecord left, OverlapMarkRecord right) => left with { Overlaps = right.Overlaps } == right && left.Overlaps.SequenceEqual(right.Overlaps)
                && left.Overlaps.Count <= OverlapMarkRecord.MaximumOverlaps,
            (HouseholdRecord left, HouseholdRecord right) => HouseholdMerges.AreSame(left, right),
            var (left, right) => left == right,
        });
}
