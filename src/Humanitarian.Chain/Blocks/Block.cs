using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;

namespace Humanitarian.Chain.Blocks;

/// <summary>What the sealer signs of a block, as EIP-712 typed data.</summary>
/// <param name="Previous">Hash of the block before; zero for genesis.</param>
/// <param name="Root">OpenZeppelin-standard Merkle root over the transactions' leaves; zero for a block without any.</param>
/// <param name="Time">Unix milliseconds by the sequencer's clock; never goes back.</param>
/// <param name="Epoch">The sequencer's random epoch; a sequencer's first block names a new one.</param>
/// <param name="LogSize">Number of blocks before this one, the size of the RFC 9162 log over their hashes.</param>
/// <param name="LogRoot">Root of that log before this block.</param>
public sealed record BlockHeader(
    ulong Height, Hash32 Previous, Hash32 Root, ulong Count, long Time, Id Epoch, ulong LogSize, Hash32 LogRoot, Address Sealer)
{
    /// <summary>The typed data's struct: a wallet or a contract hashes it from this text.</summary>
    public static readonly TypedStruct Type = new(
        "Block",
        ("height", "uint64"), ("previous", "bytes32"), ("root", "bytes32"), ("count", "uint64"), ("time", "uint64"),
        ("epoch", "uint128"), ("logSize", "uint64"), ("logRoot", "bytes32"), ("sealer", "address"));

    /// <summary>The block's hash: the EIP-712 digest that its sealer signs.</summary>
    public Hash32 Hash(LedgerDomain domain)
    {
        var writer = new Eip712Writer(stackalloc byte[10 * Eip712Writer.WordBytes]);
        writer.Word(Type.TypeHash);
        writer.Word(Height);
        writer.Word(Previous);
        writer.Word(Root);
        writer.Word(Count);
        writer.Word((ulong)Time);
        writer.Word(new UInt128(Epoch.High, Epoch.Low));
        writer.Word(LogSize);
        writer.Word(LogRoot);
        writer.Word(Sealer);
        return domain.Digest(writer.Hash());
    }
}

/// <summary>The EIP-712 domain of one ledger: what is signed for one ledger means nothing on another.</summary>
public sealed class LedgerDomain
{
    public const string Name = "Humanitarian";
    public const string Version = "1";

    private readonly Hash32 separator;

    public LedgerDomain(Id ledger)
    {
        Salt = Keccak.Hash(ledger.ToBytes());
        separator = new Eip712Domain(Name, Version, null, null, Salt).Separator;
    }

    /// <summary>Keccak-256 of the ledger's id.</summary>
    public Hash32 Salt { get; }

    /// <summary>What is signed for a struct.</summary>
    public Hash32 Digest(Hash32 structHash) => Eip712.Digest(separator, structHash);
}

/// <summary>A transaction at its place: its bytes and the entry numbers it was given, one for each touched account.</summary>
/// <param name="EntrySalt">128 random bits, so that the hash of the numbers tells nobody which accounts they belong to.</param>
/// <param name="Entries">Entry numbers in the order of <see cref="Domain.Transactions.Effects.TouchedAccounts"/>.</param>
public sealed record OrderedTransaction(EncodedTransaction Transaction, Id EntrySalt, IReadOnlyList<ulong> Entries)
{
    /// <summary>Keccak-256 of the salt and the numbers.</summary>
    public Hash32 EntriesHash()
    {
        using var writer = new CanonicalWriter();
        WriteEntries(writer);
        return Keccak.Hash(writer.Written);
    }

    /// <summary>The transaction's Merkle leaf at a position: (bytes32 transaction, uint256 position, bytes32 entries).</summary>
    public Hash32 Leaf(int position) => BlockTree.Leaf(Transaction.Hash(), position, EntriesHash());

    internal void WriteEntries(CanonicalWriter writer)
    {
        writer.Id(EntrySalt);
        writer.List(Entries, static (w, number) => w.Number(number));
    }
}

/// <summary>The Merkle tree of a block.</summary>
public static class BlockTree
{
    private const int LeafBytes = 96;

    /// <summary>Binds a transaction to its position and its entry numbers, so that neither can be changed.</summary>
    public static Hash32 Leaf(Hash32 transaction, int position, Hash32 entries)
    {
        Span<byte> encoded = stackalloc byte[LeafBytes];
        encoded.Clear();
        WriteLeaf(encoded, transaction, position, entries);
        return OzTree.LeafHash(encoded);
    }

    /// <summary>The leaves of a block's transactions.</summary>
    public static Hash32[] Leaves(IReadOnlyList<OrderedTransaction> transactions)
    {
        var entries = EntriesHashes(transactions);
        return OzTree.LeafHashes(transactions.Count, LeafBytes, (encoded, position) => WriteLeaf(encoded, transactions[position].Transaction.Hash(), position, entries[position]));
    }

    /// <summary>The root over leaves; zero for none.</summary>
    public static Hash32 Root(IReadOnlyList<Hash32> leaves) => leaves.Count == 0 ? Hash32.Zero : OzTree.Root(leaves);

    private static void WriteLeaf(Span<byte> encoded, Hash32 transaction, int position, Hash32 entries)
    {
        transaction.CopyTo(encoded);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(encoded[60..], position);
        entries.CopyTo(encoded[64..]);
    }

    private static Hash32[] EntriesHashes(IReadOnlyList<OrderedTransaction> transactions)
    {
        using var writer = new CanonicalWriter();
        var ends = new int[transactions.Count];
        for (var position = 0; position < ends.Length; position++)
        {
            transactions[position].WriteEntries(writer);
            ends[position] = writer.Length;
        }

        var written = writer.ToArray();
        var messages = new ReadOnlyMemory<byte>[ends.Length];
        for (var position = 0; position < ends.Length; position++)
        {
            messages[position] = written.AsMemory((position == 0 ? 0 : ends[position - 1])..ends[position]);
        }

        return Keccak.HashAll(messages);
    }
}

/// <summary>A sealed block.</summary>
public sealed record Block(BlockHeader Header, Signature Signature, IReadOnlyList<OrderedTransaction> Transactions);
