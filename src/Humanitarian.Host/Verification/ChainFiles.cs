using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Proofs;
using Humanitarian.Domain;
using Humanitarian.Host.Commands;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Storage;

namespace Humanitarian.Host.Verification;

/// <summary>What can be shown of a chain without the whole of it.</summary>
internal static class ChainFiles
{
    public static async Task<SignedHead> HeadAsync(ILedgerStores stores, CancellationToken cancellationToken)
    {
        var head = await stores.Blocks.HeadAsync(cancellationToken)
            ?? throw new StartupFault(StartupCode.LedgerMissing, "The ledger has no blocks yet. Start the server once.");
        var block = await BlockAsync(stores, head.Height, cancellationToken);
        return new SignedHead(await LedgerAsync(stores, cancellationToken), block.Header, block.Signature);
    }

    /// <summary>The proof, up to the newest head, and of one account's line where asked for.</summary>
    public static async Task<TransactionProof> ProofAsync(ILedgerStores stores, Hash32 transaction, Id? account, CancellationToken cancellationToken)
    {
        var (block, position) = await FindAsync(stores, transaction, cancellationToken)
            ?? throw new CommandFault($"There is no transaction {transaction} on this ledger.");
        var later = await HeadAsync(stores, cancellationToken);
        var proof = TransactionProofs.Make(later.Ledger, block, position);
        if (later.Header.Height > block.Header.Height)
        {
            var hashes = new List<Hash32>();
            await foreach (var hash in stores.Blocks.HashesAsync(0, cancellationToken))
            {
                hashes.Add(hash);
            }

            proof = proof.WithLater(hashes[..(int)later.Header.LogSize], later);
        }

        return account is { } id ? WithLine(proof, block.Transactions[position].Transaction, id) : proof;
    }

    private static TransactionProof WithLine(TransactionProof proof, EncodedTransaction encoded, Id account)
    {
        var lines = TransactionCodec.Decode(encoded).Chunk?.Lines.ToList() ?? [];
        var index = lines.FindIndex(line => line.Account == account);
        return index >= 0
            ? proof.WithLine(encoded, lines, index)
            : throw new CommandFault("The transaction has no line of this account, or its closed part is deleted.");
    }

    /// <summary>By the projections where they have it, else by reading the blocks.</summary>
    private static async Task<(Block Block, int Position)?> FindAsync(ILedgerStores stores, Hash32 transaction, CancellationToken cancellationToken)
    {
        foreach (var place in (await stores.Projections.PlacesAsync(transaction, cancellationToken)).Value)
        {
            var block = await BlockAsync(stores, place.Height, cancellationToken);
            if (place.Position < block.Transactions.Count && block.Transactions[place.Position].Transaction.Hash() == transaction)
            {
                return (block, place.Position);
            }
        }

        await foreach (var stored in stores.Blocks.ReadAsync(0, cancellationToken))
        {
            var block = BlockCodec.Decode(stored.Bytes.Span);
            var position = block.Transactions.ToList().FindIndex(ordered => ordered.Transaction.Hash() == transaction);
            if (position >= 0)
            {
                return (block, position);
            }
        }

        return null;
    }

    private static async Task<Id> LedgerAsync(ILedgerStores stores, CancellationToken cancellationToken) =>
        LedgerSetup.LedgerOf((await stores.Blocks.FindAsync(0, cancellationToken))!).Id;

    private static async Task<Block> BlockAsync(ILedgerStores stores, ulong height, CancellationToken cancellationToken) =>
        BlockCodec.Decode((await stores.Blocks.FindAsync(height, cancellationToken))!.Bytes.Span);
}
