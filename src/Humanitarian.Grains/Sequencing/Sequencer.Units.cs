using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Grains.Sequencing;

/// <content>Units: submissions that are ordered one after the other in one block, or not at all.</content>
public sealed partial class Sequencer
{
    /// <summary>Most submissions of a unit.</summary>
    public const int MaximumUnit = 100;

    /// <summary>Answers once all are durable or refused. When one is refused, all are: the others with NOT_DONE.</summary>
    public Task<SubmitResult[]> SubmitUnitAsync(Submission[] submissions)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(submissions.Length, MaximumUnit);
        var batch = new PendingBatch(submissions.Length);
        var unit = new Pending[submissions.Length];
        for (var index = 0; index < unit.Length; index++)
        {
            unit[index] = new Pending(submissions[index], batch, index) { Unit = unit };
        }

        var refusal = stopped ? RetryRefusal()
            : services.IsBehind() || !waiting.TryAdd(unit[0]) ? new Refusal(RefusalCode.Busy, "The ledger is busy; ask again in a second.")
            : null;
        if (refusal is not null)
        {
            Array.ForEach(unit, pending => pending.Answer(SubmitResult.Refused(refusal)));
        }

        work.TrySetResult();
        return batch.All;
    }

    private void OrderUnit(Pending[] unit, long time, List<Pending> ordered, List<(Pending Pending, SubmitResult Result)> refused)
    {
        // None touches what another decides by, so each may be judged by what stands before all of them.
        var conflicts = Conflicts([.. unit.Select(pending => pending.Submission.Transaction)]);
        SubmitResult?[] results = [.. unit.Select((pending, index) => conflicts[index] ? Conflict() : state.Refuse(pending.Submission, Epoch, time))];
        if (Array.Exists(results, result => result is not null))
        {
            for (var index = 0; index < unit.Length; index++)
            {
                refused.Add((unit[index], results[index] ?? SubmitResult.Refused(new Refusal(RefusalCode.NotDone, "Another one was refused, so that nothing was done."))));
                services.Telemetry.NotOrdered((results[index]?.Refusal!.Code) ?? RefusalCode.NotDone);
            }

            return;
        }

        foreach (var pending in unit)
        {
            pending.Entries = state.Order(pending.Submission.Transaction, last.Height + 1, ordered.Count);
            ordered.Add(pending);
        }
    }

    /// <summary>Those that write a record that an earlier one writes, reads or posts to, or read or post to one that an earlier one writes, or claim what it claims.</summary>
    private static bool[] Conflicts(IReadOnlyList<Transaction> unit)
    {
        var (written, known, claims) = (new HashSet<RecordKey>(), new HashSet<RecordKey>(), new HashSet<Claim>());
        var conflicts = new bool[unit.Count];
        for (var index = 0; index < conflicts.Length; index++)
        {
            var transaction = unit[index];
            RecordKey[] writes = [.. transaction.Writes.Select(write => write.Record.Key)];
            RecordKey[] needs =
            [
                .. transaction.Reads.Select(read => read.Key),
                .. Effects.TouchedAccounts(transaction).Select(account => new RecordKey(RecordKind.Account, account)),
            ];
            var once = LedgerState.AllClaims(transaction).Concat(transaction.Reopens).Distinct().ToArray();
            conflicts[index] = Array.Exists(writes, key => written.Contains(key) || known.Contains(key)) || Array.Exists(needs, written.Contains) || Array.Exists(once, claims.Contains);

            written.UnionWith(writes);
            known.UnionWith(needs);
            claims.UnionWith(once);
        }

        return conflicts;
    }

    private static SubmitResult Conflict() =>
        SubmitResult.Refused(new Refusal(RefusalCode.UnitConflict, "Another one of the unit changes what this one rests on: send them apart, one after the other."));
}
