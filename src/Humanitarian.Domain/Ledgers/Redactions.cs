using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Ledgers;

/// <summary>An ordered decision, signed m of n by the recovery group, to delete closed parts whose retention has ended.</summary>
public static class Redactions
{
    public static Outcome<Transaction> Decide(
        RedactionRecord redaction, IReadOnlyList<Authorisation> signatures, DecisionScope scope, ILedgerView view) =>
        Decision.Complete(
            scope.Draft(TransactionKind.Redaction, namesPersons: false) with
            {
                Writes = [new RecordWrite(1, redaction)],
                Authorisations = signatures,
            },
            scope,
            view);

    internal static Refusal? Check(Transaction transaction) =>
        transaction is { Postings: [], Writes: [{ Version: 1, Record: RedactionRecord }] } ? null : Checks.Broken("A redaction writes one record.");
}
