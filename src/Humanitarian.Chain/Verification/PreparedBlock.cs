using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Verification;

/// <summary>A block with all that can be found out about it without the blocks before: this part of a replay runs on many cores.</summary>
internal sealed class PreparedBlock
{
    private readonly (Transaction? Whole, Exception? Fault)[] transactions;

    private PreparedBlock(Block? block, string? fault)
    {
        (Block, Fault) = (block, fault);
        var count = block?.Transactions.Count ?? 0;
        (transactions, Leaves) = (new (Transaction?, Exception?)[count], BlockTree.Leaves(block?.Transactions ?? []));
        for (var position = 0; position < count; position++)
        {
            transactions[position] = Decoded(block!.Transactions[position].Transaction);
        }

        Root = BlockTree.Root(Leaves);
    }

    /// <summary>Null when the bytes are no block, and <see cref="Fault"/> says why.</summary>
    public Block? Block { get; }

    public string? Fault { get; }

    public Hash32[] Leaves { get; }

    /// <summary>The root over <see cref="Leaves"/>.</summary>
    public Hash32 Root { get; }

    public static PreparedBlock Of(ReadOnlySpan<byte> encoded)
    {
        try
        {
            return new PreparedBlock(BlockCodec.Decode(encoded), null);
        }
        catch (EncodingException fault)
        {
            return new PreparedBlock(null, fault.Message);
        }
    }

    /// <summary>A transaction as far as its parts are there.</summary>
    /// <exception cref="EncodingException">It is no canonical encoding.</exception>
    /// <exception cref="Exception">Whatever else a forger's bytes lead to.</exception>
    public Transaction TransactionAt(int position) => transactions[position].Whole ?? throw transactions[position].Fault!;

    /// <summary>Lets go of a transaction that is replayed, so that the collector does not copy it with those that still wait.</summary>
    public void Forget(int position) => transactions[position] = default;

    private static (Transaction?, Exception?) Decoded(EncodedTransaction encoded)
    {
        try
        {
            var whole = TransactionCodec.Decode(encoded);
            return encoded.Closed is null || TransactionCodec.IsCanonical(encoded, whole) ? (whole, null)
                : (null, new EncodingException("The transaction is not in canonical form."));
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            return (null, fault);
        }
    }
}
