using Humanitarian.Domain;

namespace Humanitarian.Storage.Projections;

/// <summary>A version of a record as bytes; only the newest is kept.</summary>
/// <param name="Content">Canonical encoding of the record.</param>
public sealed record RecordRow(int Kind, Id Id, Id Parent, uint Version, ReadOnlyMemory<byte> Content);

/// <summary>A balance, or a change of one, by unit and lot, in minor units.</summary>
public readonly record struct BalanceRow(Id Account, string Unit, Id Lot, long AvailableMinor, long HeldMinor);

/// <summary>One entry of an account: what a transaction changed on it in one unit.</summary>
/// <param name="Number">Running number of the account's entries from 1; entries in two units share it.</param>
/// <param name="Kind">The transaction's kind.</param>
/// <param name="Time">The block's time in Unix milliseconds.</param>
public readonly record struct EntryRow(
    Id Account, ulong Number, string Unit, long AvailableMinor, long HeldMinor, ulong Height, int Position, int Kind, long Time);

/// <summary>The running number of an account's last entry.</summary>
public readonly record struct LastEntry(Id Account, ulong Number);

/// <summary>Where a transaction stands.</summary>
public readonly record struct Place(ulong Height, int Position);

/// <summary>Finds a transaction by the beginning of its hash; the rest is in the block.</summary>
/// <param name="Prefix">The hash's first 8 bytes as a big-endian number.</param>
public readonly record struct TransactionRow(ulong Prefix, Place Place)
{
    public TransactionRow(Hash32 hash, Place place)
        : this(hash.A, place)
    {
    }
}

/// <summary>A taken claim and the transaction that took it.</summary>
public readonly record struct ClaimRow(Claim Claim, Place Place);

/// <summary>A cumulative flow of a lot, or an increase of one, in minor units.</summary>
public readonly record struct FlowRow(Id Lot, int Flow, long AmountMinor);

/// <summary>Something to be done at a time: a hold's or a lot's expiry.</summary>
/// <param name="Time">Unix milliseconds from which it is due.</param>
/// <param name="Kind">The record's kind.</param>
/// <param name="Done">True when it takes the due work away instead of adding it.</param>
public readonly record struct DueRow(long Time, int Kind, Id Id, bool Done);

/// <summary>
/// Everything that a run of blocks changes. Rows of one key come once: changes are already summed, records are the newest, a claim
/// is either taken in the end or reopened. How blocks are cut into batches leaves no trace: balances and flows that come to zero
/// are not kept. A builder brings records, balances, entries, transactions and claims sorted by their keys.
/// </summary>
/// <param name="FromHeight">First block; the projections must have reached exactly the one before.</param>
/// <param name="ToHeight">Last block.</param>
/// <param name="Entries">New entries; an account's number and unit stand once for ever.</param>
/// <param name="Claims">Claims taken in the end, whether open or taken before.</param>
/// <param name="ReopenedClaims">Claims open in the end, whether taken before or within the run.</param>
public sealed record ProjectionBatch(
    ulong FromHeight,
    ulong ToHeight,
    IReadOnlyList<RecordRow> Records,
    IReadOnlyList<BalanceRow> BalanceChanges,
    IReadOnlyList<EntryRow> Entries,
    IReadOnlyList<TransactionRow> Transactions,
    IReadOnlyList<ClaimRow> Claims,
    IReadOnlyList<Claim> ReopenedClaims,
    IReadOnlyList<FlowRow> FlowChanges,
    IReadOnlyList<DueRow> Due);

/// <summary>An account as the projections know it.</summary>
/// <param name="Entries">Number of its last entry; 0 when it has none.</param>
/// <param name="Balances">Its balances by unit and lot; zero rows may be missing.</param>
public sealed record AccountSnapshot(Id Account, ulong Entries, IReadOnlyList<BalanceRow> Balances);

/// <summary>An answer of the projections with the height it is true at; null height before the first block.</summary>
public readonly record struct At<T>(ulong? Height, T Value);
