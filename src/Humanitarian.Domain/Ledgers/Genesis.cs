using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Ledgers;

/// <summary>The ledger's first transaction: its record, the operator's organisation and the first administrator.</summary>
public static class Genesis
{
    /// <summary>Most members of a recovery group.</summary>
    public const int MaximumRecovery = 16;

    /// <summary>Makes the first transaction.</summary>
    public static Transaction Make(LedgerRecord ledger, OrganisationRecord operatorOrganisation, MemberRecord administrator) => new()
    {
        Ledger = ledger.Id,
        Kind = TransactionKind.Genesis,
        DecidedAt = ledger.CreatedAt,
        ValidUntil = ledger.CreatedAt,
        Writes = [new RecordWrite(1, ledger), new RecordWrite(1, operatorOrganisation), new RecordWrite(1, administrator)],
    };

    internal static Refusal? Check(Transaction transaction, ILedgerView view) =>
        transaction is { Postings: [], Writes: [{ Record: LedgerRecord ledger }, { Record: OrganisationRecord organisation }, { Record: MemberRecord member }] }
        && ledger.Id == transaction.Ledger && member.Organisation == organisation.Id && IsSound(ledger)
        && view.Find<LedgerRecord>(RecordKind.Ledger, ledger.Id).Record is null
            ? null
            : Checks.Broken("This is no genesis, or not the first.");

    internal static bool IsSound(LedgerRecord ledger) =>
        ledger.Recovery.Count is > 0 and <= MaximumRecovery && ledger.RecoveryThreshold > 0 && ledger.RecoveryThreshold <= ledger.Recovery.Count
        && ledger.Recovery.Distinct().Count() == ledger.Recovery.Count && !ledger.Sealer.IsZero && !ledger.Recovery.Contains(ledger.Sealer);
}
