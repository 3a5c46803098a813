using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Storage.Projections;

/// <summary>A transaction's hash and kind.</summary>
/// <param name="HasClosedPart">False when what touches persons was deleted.</param>
public readonly record struct TransactionMark(Hash32 Hash, TransactionKind Kind, bool HasClosedPart);

/// <summary>What a transaction changes on one account, and the number of the account's entry.</summary>
/// <param name="Position">The transaction's in the block.</param>
/// <param name="Changes">At least one, all of this account.</param>
public readonly record struct EntryChange(int Position, ulong Number, ArraySegment<BalanceChange> Changes)
{
    public Id Account => Changes[0].Account;
}

/// <summary>A claim taken by the transaction at a position, or reopened by it.</summary>
public readonly record struct ClaimChange(Claim Claim, int Position, bool Taken);

/// <summary>
/// What a block changes, in a few arrays. A silo holds thousands of blocks until they are projected, and a transaction is two dozen
/// objects: held as they are, most of the collector's pauses would go to copying them.
/// </summary>
public sealed class BlockChanges
{
    private BlockChanges(FollowedBlock followed)
    {
        (Height, Time) = (followed.Height, followed.Block.Header.Time);
        var count = followed.Transactions.Count;
        Transactions = new TransactionMark[count];
        var (entries, claims) = (0, 0);
        for (var position = 0; position < count; position++)
        {
            var transaction = followed.Transactions[position];
            Transactions[position] = new TransactionMark(followed.Block.Transactions[position].Transaction.Hash(), transaction.Kind, transaction.HasClosedPart);
            entries += Effects.TouchedAccounts(transaction).Count;
            claims += transaction.Reopens.Count + transaction.Claims.Count + (transaction.Command is null ? 0 : 1);
        }

        Entries = new EntryChange[entries];
        Claims = new ClaimChange[claims];
        FillEntries(followed);
        FillClaims(followed);
        Writes = [.. followed.Transactions.SelectMany(transaction => transaction.Writes)];
        Flows = [.. followed.Transactions.SelectMany(Effects.Flows)];
    }

    public ulong Height { get; }

    /// <summary>The block's, in Unix milliseconds.</summary>
    public long Time { get; }

    /// <summary>By position.</summary>
    public TransactionMark[] Transactions { get; }

    /// <summary>In order.</summary>
    public EntryChange[] Entries { get; }

    /// <summary>In order; a transaction reopens before it takes.</summary>
    public ClaimChange[] Claims { get; }

    /// <summary>In order, so that the last of a record counts.</summary>
    public RecordWrite[] Writes { get; }

    /// <summary>In order.</summary>
    public FlowChange[] Flows { get; }

    public static BlockChanges Of(FollowedBlock followed) => new(followed);

    private void FillEntries(FollowedBlock followed)
    {
        var next = 0;
        for (var position = 0; position < Transactions.Length; position++)
        {
            var numbers = followed.Block.Transactions[position].Entries;
            var touched = Effects.TouchedAccounts(followed.Transactions[position]).Count;
            for (var index = 0; index < touched; index++)
            {
                Entries[next++] = new EntryChange(position, numbers[index], Effects.ChangesAt(followed.Transactions[position], index));
            }
        }
    }

    private void FillClaims(FollowedBlock followed)
    {
        var next = 0;
        for (var position = 0; position < Transactions.Length; position++)
        {
            var transaction = followed.Transactions[position];
            for (var index = 0; index < transaction.Reopens.Count; index++)
            {
                Claims[next++] = new ClaimChange(transaction.Reopens[index], position, false);
            }

            foreach (var claim in LedgerState.AllClaims(transaction))
            {
                Claims[next++] = new ClaimChange(claim, position, true);
            }
        }
    }
}
