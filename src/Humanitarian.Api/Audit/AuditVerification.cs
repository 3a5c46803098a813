using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Audit;

/// <summary>What a check of the audit trail found.</summary>
/// <param name="Trails">One for each run of a process.</param>
/// <param name="Entries">Requests in all.</param>
/// <param name="NotAnchored">Requests that no anchor covers yet: of them only the order is shown.</param>
/// <param name="Anchors">Anchors on the ledger, each of which was matched.</param>
/// <param name="Broken">The first thing that is not as it was written; null when all is.</param>
public sealed record AuditReport(long Trails, long Entries, long NotAnchored, long Anchors, string? Broken);

/// <summary>Checks the audit trail against itself and against its anchors on the ledger, which nobody can change unseen.</summary>
public static class AuditVerification
{
    private const int Page = 500;

    /// <summary>Reads every block, every batch and every page. The blocks themselves are <c>verify</c>'s to check.</summary>
    public static async Task<AuditReport> RunAsync(ISideStore side, IBlockStore blocks, CancellationToken cancellationToken = default)
    {
        // First: what is anchored meanwhile is not missed.
        var anchors = await AnchorsAsync(blocks, cancellationToken);
        var all = anchors.Count;
        var (trails, entries, open, number, hash) = (0L, 0L, 0L, 0L, AuditBatch.NoHash);
        var (trail, notAnchored) = (Id.None, 0L);
        await foreach (var document in DocumentsAsync(side, AuditBatch.Kind, cancellationToken))
        {
            var batch = AuditBatch.Read(document);
            if (batch.Trail != trail)
            {
                (trail, trails, number, hash, notAnchored, open) = (batch.Trail, trails + 1, 0, AuditBatch.NoHash, notAnchored + open, 0);
            }

            if (batch.Number != ++number || batch.Hash != AuditBatch.HashOf(trail, number, hash, batch.Pages))
            {
                return Result($"Batch {batch.Number} of trail {trail} does not follow the one before, or is not what it was.");
            }

            foreach (var page in batch.Pages)
            {
                if (await side.FindAsync(AuditBatch.PageKind, page.Key, cancellationToken) is not { } stored || AuditBatch.HashOf(stored) != page.Sha256)
                {
                    return Result($"Page {page.Key} is missing, or is not what it was.");
                }
            }

            (hash, entries, open) = (batch.Hash, entries + batch.Entries, open + batch.Entries);
            open = anchors.Remove((trail, Hash32.Parse(hash))) ? 0 : open;
        }

        notAnchored += open;
        await foreach (var page in DocumentsAsync(side, AuditBatch.PageKind, cancellationToken))
        {
            if (!await IsOfBatchAsync(side, page, cancellationToken))
            {
                return Result($"Page {page.Key} belongs to no batch.");
            }
        }

        return Result(anchors.FirstOrDefault() is { Key.Trail.IsNone: false } lost
            ? $"The anchor at height {lost.Value} covers batches of trail {lost.Key.Trail} that are missing or not what they were."
            : null);

        AuditReport Result(string? broken) => new(trails, entries, notAnchored, all, broken);
    }

    private static async Task<Dictionary<(Id Trail, Hash32 Hash), ulong>> AnchorsAsync(IBlockStore blocks, CancellationToken cancellationToken)
    {
        var anchors = new Dictionary<(Id, Hash32), ulong>();
        await foreach (var stored in blocks.ReadAsync(0, cancellationToken))
        {
            foreach (var ordered in BlockCodec.Decode(stored.Bytes.Span).Transactions)
            {
                if (TransactionCodec.Decode(ordered.Transaction) is { Kind: TransactionKind.AuditAnchor, Evidence: [var hash] } anchor)
                {
                    anchors.TryAdd((anchor.Subject, hash), stored.Height);
                }
            }
        }

        return anchors;
    }

    private static async Task<bool> IsOfBatchAsync(ISideStore side, SideDocument page, CancellationToken cancellationToken) =>
        page.Key.Split('/') is [_, var trail, var number, _] && await side.FindAsync(AuditBatch.Kind, $"{trail}/{number}", cancellationToken) is { } document
        && AuditBatch.Read(document).Pages.Any(known => known.Key == page.Key);

    private static async IAsyncEnumerable<SideDocument> DocumentsAsync(
        ISideStore side, string kind, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        while (await side.ListAsync(kind, null, after, Page, cancellationToken) is { Count: > 0 } page)
        {
            foreach (var document in page)
            {
                yield return document;
            }

            after = page[^1].Key;
        }
    }
}
