using Humanitarian.Chain.Blocks;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Reading;

/// <summary>A transaction where it stands.</summary>
public sealed record PlacedTransaction(BlockHeader Header, int Position, OrderedTransaction Ordered, Transaction Transaction);

/// <summary>What became of the money of a receipt, a grant or a part of it, in minor units.</summary>
/// <param name="Label">What this node is: a grant, a receipt, a disbursement.</param>
/// <param name="Children">Receipts of a grant; the disbursements that a receipt's money went to.</param>
public sealed record TraceNode(
    string Label, Id Id, string Unit, long DonatedMinor, long UnspentMinor, long DisbursedMinor, long RedeemedMinor, long SettledMinor, long ExpiredMinor,
    long HeldMinor, long CostsMinor, long ReturnedMinor, IReadOnlyList<TraceNode> Children);

/// <summary>
/// Reads of the ledger on this silo: projections and the tail of the log. A read confirms the durable head first, so that it is
/// current after any acknowledgement.
/// </summary>
public sealed partial class LedgerReader
{
    /// <summary>The newest durable block.</summary>
    public Task<BlockHeader?> HeadAsync(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<Versioned<T>> FindAsync<T>(RecordKind kind, Id id, CancellationToken cancellationToken = default)
        where T : Record => throw new NotImplementedException();

    /// <summary>Records of a kind under a parent (all parents when null), ordered by id, after an id; at most <paramref name="limit"/>.</summary>
    public Task<IReadOnlyList<T>> ListAsync<T>(RecordKind kind, Id? parent, Id? after, int limit, CancellationToken cancellationToken = default)
        where T : Record => throw new NotImplementedException();

    /// <summary>An account's book as of the durable head.</summary>
    public Task<AccountBook> BookAsync(Id account, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>Entries of an account, newest first, below <paramref name="before"/>; at most <paramref name="limit"/>.</summary>
    public Task<IReadOnlyList<EntryRow>> StatementAsync(Id account, ulong? before, int limit, CancellationToken cancellationToken = default) =>
        throw new NotImplementedException();

    public Task<Block?> BlockAsync(ulong height, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    public Task<PlacedTransaction?> TransactionAsync(Hash32 hash, CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>The trace of a grant: its receipts, and for each the disbursements its money went to. The numbers add up exactly.</summary>
    public Task<TraceNode?> TraceAsync(Id grant, CancellationToken cancellationToken = default) => throw new NotImplementedException();
}
