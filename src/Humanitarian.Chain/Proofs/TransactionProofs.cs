using System.Globalization;
using Humanitarian.Chain.Authority;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Proofs;

/// <summary>Makes and checks proofs of single transactions.</summary>
public static class TransactionProofs
{
    /// <summary>Proves the transaction at a position of a block.</summary>
    public static TransactionProof Make(Id ledger, Block block, int position)
    {
        var domain = new LedgerDomain(ledger);
        var leaves = BlockTree.Leaves(block.Transactions);
        var ordered = block.Transactions[position];
        var hash = ordered.Transaction.Hash().ToString();
        return new TransactionProof(
            TransactionProof.FormatName, TransactionProof.CurrentVersion, ledger.ToString(), TypedDataJson.Of(domain, block.Header),
            block.Signature.ToString(), block.Header.Hash(domain).ToString(),
            new LeafJson(LeafJson.LeafTypes, [hash, position.ToString(CultureInfo.InvariantCulture), ordered.EntriesHash().ToString()]),
            Texts(OzTree.Proof(leaves, position)), hash);
    }

    /// <summary>Adds that a later head's log holds the block.</summary>
    /// <param name="hashes">Hashes of all blocks before the later one, from genesis on.</param>
    public static TransactionProof WithLater(this TransactionProof proof, IReadOnlyList<Hash32> hashes, SignedHead later)
    {
        var header = proof.TypedData.Message.ToHeader();
        return proof with
        {
            Later = new LaterJson(
                TypedDataJson.Of(new LedgerDomain(later.Ledger), later.Header), later.Signature.ToString(),
                Texts(LogTree.InclusionProof(hashes, header.Height, later.Header.LogSize)),
                Texts(LogTree.ConsistencyProof(hashes, header.LogSize, later.Header.LogSize))),
        };
    }

    /// <summary>Adds one line of the transaction's chunk.</summary>
    /// <param name="lines">The whole chunk's lines as frozen.</param>
    public static TransactionProof WithLine(this TransactionProof proof, EncodedTransaction transaction, IReadOnlyList<Line> lines, int index)
    {
        var leaves = lines.Select(AuthorityChecks.LeafOf).ToArray();
        var line = lines[index];
        return proof with
        {
            Line = new LineJson(
                "0x" + Convert.ToHexStringLower(transaction.Open.Span), transaction.ClosedHash.ToString(), OzTree.Root(leaves).ToString(),
                new LeafJson(
                    LeafJson.LeafTypes,
                    [$"0x{line.Account}{line.Household}", line.AmountMinor.ToString(CultureInfo.InvariantCulture), $"0x{line.Salt}{Id.None}"]),
                Texts(OzTree.Proof(leaves, index))),
        };
    }

    /// <summary>Whether the proof holds.</summary>
    /// <param name="sealer">The address expected to have sealed the block; without it the proof is only as good as the address it names.</param>
    public static bool Verify(TransactionProof proof, Address? sealer = null) => FaultOf(proof, sealer) is null;

    /// <summary>The first thing that does not hold, or null.</summary>
    public static string? FaultOf(TransactionProof proof, Address? sealer = null)
    {
        try
        {
            return Find(proof, sealer);
        }
        catch (Exception fault) when (fault is FormatException or OverflowException or EncodingException)
        {
            return $"The proof is damaged: {fault.Message}";
        }
    }

    private static string? Find(TransactionProof proof, Address? sealer)
    {
        if (proof is not { Format: TransactionProof.FormatName, Version: TransactionProof.CurrentVersion } || !Id.TryParse(proof.Ledger, out var ledger))
        {
            return "This is no transaction proof of version 1.";
        }

        var domain = new LedgerDomain(ledger);
        var header = proof.TypedData.Message.ToHeader();
        var hash = header.Hash(domain);
        if (!IsTypedData(proof.TypedData, domain, header) || proof.BlockHash != hash.ToString())
        {
            return "The typed data is not that of the ledger's block.";
        }

        if (sealer is { } expected && header.Sealer != expected)
        {
            return "The block names another sealer than the one expected.";
        }

        if (!IsSealed(header, hash, proof.Signature))
        {
            return "The signature is not the sealer's.";
        }

        if (proof.Leaf.Values is not [var transaction, var position, var entries] || !proof.Leaf.Types.SequenceEqual(LeafJson.LeafTypes)
            || transaction != proof.Transaction
            || !OzTree.Verify(header.Root, BlockTree.Leaf(Hash32.Parse(transaction), Number(position), Hash32.Parse(entries)), Hashes(proof.Proof)))
        {
            return "The transaction is not in the block.";
        }

        return (proof.Later is { } later ? FaultOfLater(later, domain, header, hash) : null)
            ?? (proof.Line is { } line ? FaultOfLine(line, proof) : null);
    }

    private static string? FaultOfLater(LaterJson later, LedgerDomain domain, BlockHeader header, Hash32 hash)
    {
        var head = later.TypedData.Message.ToHeader();
        return !IsTypedData(later.TypedData, domain, head) || !IsSealed(head, head.Hash(domain), later.Signature) ? "The later head is not sealed."
            : !LogTree.VerifyInclusion(head.LogRoot, head.LogSize, header.Height, hash, Hashes(later.Inclusion))
                ? "The later head's log does not hold the block."
            : !LogTree.VerifyConsistency(header.LogSize, header.LogRoot, head.LogSize, head.LogRoot, Hashes(later.Consistency))
                ? "The later head's log does not continue the block's."
            : null;
    }

    private static string? FaultOfLine(LineJson line, TransactionProof proof)
    {
        var open = line.Open.StartsWith("0x", StringComparison.Ordinal) ? Convert.FromHexString(line.Open.AsSpan(2)) : throw new FormatException("Bytes begin with 0x.");
        var encoded = new EncodedTransaction(open, null, Hash32.Parse(line.ClosedHash));
        if (encoded.Hash().ToString() != proof.Transaction || TransactionCodec.Decode(encoded).Chunk is not { } chunk || chunk.Root.ToString() != line.Root)
        {
            return "The line's chunk is not this transaction's.";
        }

        return line.Leaf.Values is [var who, var amount, var salt] && line.Leaf.Types.SequenceEqual(LeafJson.LeafTypes)
            && OzTree.Verify(chunk.Root, LineLeaf(Hash32.Parse(who), long.Parse(amount, NumberStyles.None, CultureInfo.InvariantCulture), Hash32.Parse(salt)), Hashes(line.Proof))
                ? null
                : "The line is not in the chunk.";
    }

    private static Hash32 LineLeaf(Hash32 who, long amountMinor, Hash32 salt)
    {
        Span<byte> encoded = stackalloc byte[96];
        encoded.Clear();
        who.CopyTo(encoded);
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(encoded[56..], amountMinor);
        salt.CopyTo(encoded[64..]);
        return OzTree.LeafHash(encoded);
    }

    // What a wallet would be shown must be what was hashed here.
    private static bool IsTypedData(TypedDataJson given, LedgerDomain domain, BlockHeader header)
    {
        var own = TypedDataJson.Of(domain, header);
        return given.Domain == own.Domain && given.PrimaryType == own.PrimaryType && given.Message == own.Message
            && given.Types.Count == own.Types.Count
            && own.Types.All(type => given.Types.TryGetValue(type.Key, out var members) && members.SequenceEqual(type.Value));
    }

    private static bool IsSealed(BlockHeader header, Hash32 hash, string signature) =>
        Signature.TryParse(signature, out var parsed) && Secp256k1.Verify(hash, parsed, header.Sealer);

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static string[] Texts(IEnumerable<Hash32> hashes) => [.. hashes.Select(hash => hash.ToString())];

    private static Hash32[] Hashes(IEnumerable<string> texts) => [.. texts.Select(Hash32.Parse)];
}
