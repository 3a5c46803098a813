using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Ledgers;

/// <summary>
/// A new sealer or recovery group. It needs the recovery group's signatures, m of n, and the old sealer's too unless the old key is
/// declared compromised; the room of the chain checks them.
/// </summary>
public static class KeyChanges
{
    /// <summary>Label of a change that does without the old sealer's signature.</summary>
    public const string Compromised = "compromised";

    public static Outcome<Transaction> Decide(
        LedgerRecord next, bool compromised, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        Decision.Complete(
            scope.Draft(TransactionKind.KeyChange, namesPersons: false) with
            {
                Labels = compromised ? [Compromised] : [],
                Writes = [new RecordWrite(view.Find<LedgerRecord>(RecordKind.Ledger, next.Id).Version + 1, next)],
                Authorisations = signatures,
            },
            scope,
            view);

    internal static Refusal? Check(Transaction transaction, ILedgerView view) =>
        transaction is { Postings: [], Writes: [{ Record: LedgerRecord next }], Labels: [] or [Compromised] }
        && view.Find<LedgerRecord>(RecordKind.Ledger, transaction.Ledger).Record is { } current
        && next == current with { Sealer = next.Sealer, Recovery = next.Recovery, RecoveryThreshold = next.RecoveryThreshold }
        && Genesis.IsSound(next)
            ? null
            : Checks.Broken("A key change changes only the sealer and the recovery group.");
}
