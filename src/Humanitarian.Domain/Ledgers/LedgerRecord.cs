namespace Humanitarian.Domain.Ledgers;

/// <summary>
/// The ledger's own record, written by genesis and by key changes: who seals blocks, who may replace the sealer, and the
/// commitment to the key that claims are computed with.
/// </summary>
/// <param name="Sealer">Address whose signature a block needs, from the block after the one that names it.</param>
/// <param name="Recovery">Addresses of which <paramref name="RecoveryThreshold"/> must sign a key change; kept offline.</param>
/// <param name="ClaimKeyCommitment">Keccak-256 of the claim key, which auditors receive apart.</param>
public sealed record LedgerRecord(
    Id Id, string Name, Address Sealer, IReadOnlyList<Address> Recovery, int RecoveryThreshold, Hash32 ClaimKeyCommitment, long CreatedAt)
    : Record(Id)
{
    public override RecordKind Kind => RecordKind.Ledger;
}
