using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Audit;

/// <summary>
/// Anchors a trail of requests: its subject is the trail, its evidence the hash over all batches of it so far. The ledger's own work, so
/// that no member has a part in it; what the hash covers lies beside the ledger.
/// </summary>
public static class AuditAnchors
{
    /// <param name="trail">Id of the trail.</param>
    /// <param name="hash">Hash of its newest batch, which covers those before.</param>
    public static Outcome<Transaction> Decide(Id trail, Hash32 hash, DecisionScope scope, ILedgerView view) =>
        Decision.Complete(scope.Draft(TransactionKind.AuditAnchor, namesPersons: false) with { Subject = trail, Evidence = [hash] }, scope, view);

    internal static Refusal? Check(Transaction transaction) =>
        transaction is { Subject.IsNone: false, Principal.IsNone: true, Evidence: [{ IsZero: false }] } ? null : Checks.Broken("An anchor is the ledger's own, of one hash of one trail.");
}
