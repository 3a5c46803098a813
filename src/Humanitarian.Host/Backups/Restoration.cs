using Humanitarian.Host.Configuration;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Side;

namespace Humanitarian.Host.Backups;

/// <summary>
/// Puts a backup into empty stores of either kind. A mark stands in them until everything is there, so that no server goes on from a
/// chain that was restored in part; repeating the restore takes up where it was interrupted.
/// </summary>
internal sealed class Restoration(BackupReader backup, ILedgerStores stores, string place, Action<string> progress)
{
    private const int Batch = 1_000;
    private const int BlocksBetweenNews = 10_000;
    private const string MarkKind = "restore";
    private const string MarkKey = "unfinished";

    /// <summary>The head of the backup whose restore into these stores is not finished, or null.</summary>
    public static async Task<string?> UnfinishedAsync(ILedgerStores stores, CancellationToken cancellationToken) =>
        (await stores.Side.FindAsync(MarkKind, MarkKey, cancellationToken))?.Json;

    /// <exception cref="StartupFault"><see cref="StartupCode.TargetNotEmpty"/>.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await MarkAsync(cancellationToken);
        progress("side state");
        await SideAsync(cancellationToken);
        progress("hashes of identifiers");
        await MatchingAsync(cancellationToken);
        progress("blocks");
        await BlocksAsync(cancellationToken);
        progress("projections");
        await ProjectionReplay.AdvanceAsync(stores.Blocks, stores.Projections, ulong.MaxValue, cancellationToken);
        await stores.Side.DeleteAsync(MarkKind, MarkKey, cancellationToken);
    }

    private async Task MarkAsync(CancellationToken cancellationToken)
    {
        var unfinished = await UnfinishedAsync(stores, cancellationToken);
        if (unfinished == backup.Manifest.Head)
        {
            return;
        }

        if (unfinished is not null || !await IsEmptyAsync(cancellationToken))
        {
            throw new StartupFault(
                StartupCode.TargetNotEmpty,
                $"{place} is not empty{(unfinished is null ? "" : ": the restore of another backup was interrupted there")}. Nothing is overwritten: name a new folder or a new, migrated database.");
        }

        await stores.Side.PutAsync(new SideDocument(MarkKind, MarkKey, "", 0, backup.Manifest.Head), cancellationToken);
    }

    private async Task<bool> IsEmptyAsync(CancellationToken cancellationToken) =>
        await stores.Blocks.HeadAsync(cancellationToken) is null
        && await stores.Projections.HeightAsync(cancellationToken) is null
        && !await stores.Side.AllAsync(cancellationToken).AnyAsync(cancellationToken)
        && !await stores.Matching.AllAsync(cancellationToken).AnyAsync(cancellationToken);

    private async Task SideAsync(CancellationToken cancellationToken)
    {
        await foreach (var entries in backup.SideAsync(cancellationToken).Chunk(Batch).WithCancellation(cancellationToken))
        {
            await stores.Side.RestoreAsync([.. entries.Select(entry => entry.Document).OfType<SideDocument>()], cancellationToken);
            foreach (var rows in entries.Where(entry => entry.Document is null).GroupBy(entry => entry.List, entry => entry.Row))
            {
                await stores.Side.AddRowsAsync(rows.Key, [.. rows], cancellationToken);
            }
        }
    }

    private async Task MatchingAsync(CancellationToken cancellationToken)
    {
        await foreach (var entries in backup.MatchingAsync(cancellationToken).Chunk(Batch).WithCancellation(cancellationToken))
        {
            foreach (var persons in entries.GroupBy(entry => entry.Organisation, entry => (entry.Identifier, entry.Person)))
            {
                await stores.Matching.AddAsync(persons.Key, [.. persons], cancellationToken);
            }
        }
    }

    private async Task BlocksAsync(CancellationToken cancellationToken)
    {
        await foreach (var block in backup.BlocksAsync(cancellationToken))
        {
            if (await stores.Blocks.AppendAsync(block, cancellationToken) != AppendResult.Durable)
            {
                throw new StartupFault(StartupCode.TargetNotEmpty, $"{place} holds another block at height {block.Height}: it is another ledger's, or this one's future. Name an empty place.");
            }

            if (block.Height % BlocksBetweenNews == BlocksBetweenNews - 1)
            {
                progress($"blocks: {block.Height + 1} of {backup.Manifest.Height + 1}");
            }
        }
    }
}
