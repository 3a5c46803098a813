using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Merkle;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Sequencing;

/// <summary>What a sequencer reads before it orders: the end of the log, and what the projections do not hold yet.</summary>
internal static class SequencerStart
{
    /// <summary>Fills the log's tree and the state; answers the newest block.</summary>
    /// <exception cref="LedgerFault">There is no genesis, or the key is not the ledger's sealer.</exception>
    public static async Task<(BlockHeader Last, Hash32 Hash)> LoadAsync(
        LedgerIdentity identity, SequencerServices services, SequencerState state, LogTree log, CancellationToken cancellationToken)
    {
        var stored = await services.Blocks.HeadAsync(cancellationToken) is { } head
            ? await services.Blocks.FindAsync(head.Height, cancellationToken)
            : null;
        if (stored is null)
        {
            throw new LedgerFault(RefusalCode.LedgerStopped, "The ledger has no genesis block.");
        }

        await foreach (var hash in services.Blocks.HashesAsync(0, cancellationToken))
        {
            log.Append(hash);
        }

        // The height comes before what is read from the projections: they move on meanwhile, and no block may fall between.
        var projected = await services.Projections.HeightAsync(cancellationToken);
        state.StartAt(projected is { } reached ? reached + 1 : 0);
        await foreach (var block in services.Blocks.ReadAsync(projected is { } height ? height + 1 : 0, cancellationToken))
        {
            await ReplayAsync(state, FollowedBlock.Of(new StoredBlockBytes(block.Bytes, block.Hash)), cancellationToken);
        }

        var ledger = await LedgerRecordAsync(identity, services, cancellationToken);
        return ledger.Sealer == services.Sealer.Address
            ? (BlockCodec.Decode(stored.Bytes.Span).Header, stored.Hash)
            : throw new LedgerFault("STARTUP_SEALER_KEY", "The sealer key in the key folder is not the one this ledger names; put the right key back.");
    }

    private static async Task ReplayAsync(SequencerState state, FollowedBlock block, CancellationToken cancellationToken)
    {
        for (var position = 0; position < block.Transactions.Count; position++)
        {
            var ordered = block.Block.Transactions[position];
            await state.LoadAsync([Submission.Of(block.Transactions[position], ordered.Transaction, [], null, false)], [], cancellationToken);
            state.Replay(block.Transactions[position], ordered.Entries, block.Height, position);
        }
    }

    private static async Task<LedgerRecord> LedgerRecordAsync(LedgerIdentity identity, SequencerServices services, CancellationToken cancellationToken)
    {
        LedgerRecord? newest = null;
        var projected = await services.Projections.HeightAsync(cancellationToken);
        var rows = (await services.Projections.RecordsAsync([((int)RecordKind.Ledger, identity.Ledger)], cancellationToken)).Value;
        if (rows.Count > 0)
        {
            newest = (LedgerRecord)Chain.Canonical.RecordCodec.Decode(rows[0].Content.Span);
        }

        await foreach (var block in services.Blocks.ReadAsync(projected is { } height ? height + 1 : 0, cancellationToken))
        {
            newest = FollowedBlock.Of(new StoredBlockBytes(block.Bytes, block.Hash)).Transactions
                .SelectMany(transaction => transaction.Writes).Select(write => write.Record).OfType<LedgerRecord>().LastOrDefault() ?? newest;
        }

        return newest ?? throw new LedgerFault(RefusalCode.LedgerStopped, "The ledger's own record is missing; rebuild the projections.");
    }
}
