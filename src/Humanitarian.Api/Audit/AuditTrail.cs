using System.Globalization;
using System.Threading.Channels;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Audit;

/// <summary>
/// Keeps who asked what and what came of it. Entries wait in a bounded queue, are written in batches, and the hash that covers them is put
/// on the ledger now and then. When the queue is full, requests wait: none goes unrecorded. What waits when a process is killed is lost.
/// </summary>
internal sealed partial class AuditTrail(
    ISideStore store, LedgerCommands commands, IRandomSource random, HumanitarianApiOptions options, TimeProvider time, ILogger<AuditTrail> logger) : BackgroundService
{
    /// <summary>How far each trail is anchored.</summary>
    public const string AnchorKind = "audit-anchor";

    private const int Waiting = 10_000;
    private const int BatchMost = 1_000;
    private const int Page = 500;
    private static readonly TimeSpan Gather = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(1);

    private readonly Channel<(Id Organisation, AuditEntry Entry)> queue =
        Channel.CreateBounded<(Id, AuditEntry)>(new BoundedChannelOptions(Waiting) { SingleReader = true });

    private readonly Id trail = NewId(random);
    private string hash = AuditBatch.NoHash;
    private long written;
    private long anchored;

    /// <summary>Returns once the entry has a place in the queue.</summary>
    public async ValueTask RecordAsync(Caller caller, string operation, IReadOnlyList<AuditedField> fields)
    {
        var entry = new AuditEntry(time.GetUtcNow().ToUnixTimeMilliseconds(), caller.Principal.ToString(), operation, fields);
        if (!queue.Writer.TryWrite((caller.Organisation, entry)))
        {
            await queue.Writer.WriteAsync((caller.Organisation, entry));
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var anchorAt = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitAsync(stoppingToken);
            await WriteAllAsync(stoppingToken);
            if (time.GetElapsedTime(anchorAt) >= options.AuditAnchorEvery)
            {
                await AnchorAsync(stoppingToken);
                anchorAt = time.GetTimestamp();
            }
        }

        // The host is stopping and has ended its requests: what they left is written.
        await WriteAllAsync(stoppingToken);
    }

    private async Task WaitAsync(CancellationToken stoppingToken)
    {
        try
        {
            await queue.Reader.WaitToReadAsync(stoppingToken).AsTask().WaitAsync(options.AuditAnchorEvery, time, stoppingToken);
            await Task.Delay(Gather, time, stoppingToken);
        }
        catch (Exception over) when (over is TimeoutException or OperationCanceledException)
        {
            // Time to anchor, or to stop.
        }
    }

    /// <summary>Writes what waits, in batches.</summary>
    private async Task WriteAllAsync(CancellationToken stoppingToken)
    {
        while (queue.Reader.TryPeek(out _))
        {
            var entries = new List<(Id, AuditEntry)>();
            while (entries.Count < BatchMost && queue.Reader.TryRead(out var entry))
            {
                entries.Add(entry);
            }

            var (batch, documents) = AuditBatch.Of(trail, written + 1, hash, time.GetUtcNow().ToUnixTimeMilliseconds(), entries);
            SideDocument[] all = written == 0 ? [.. documents, new SideDocument(AnchorKind, trail.ToString(), "", 1, "0")] : [.. documents];
            while (!await TryAsync(() => store.RestoreAsync(all, CancellationToken.None)))
            {
                // A stop does not wait for a database that is away: what is left is lost, as when the process is killed.
                if (stoppingToken.IsCancellationRequested)
                {
                    return;
                }

                await Task.Delay(Retry, time, CancellationToken.None);
            }

            (written, hash) = (batch.Number, batch.Hash);
        }
    }

    /// <summary>Anchors what is new of this trail, and what others left behind, such as a process that was killed.</summary>
    private Task<bool> AnchorAsync(CancellationToken cancellationToken) => TryAsync(async () =>
    {
        if (written > anchored)
        {
            await AnchorAsync(trail, written, hash, cancellationToken);
            anchored = written;
        }

        foreach (var (other, from) in await LeftAsync(cancellationToken))
        {
            var (number, newest) = await NewestAsync(other, from, cancellationToken);
            if (number > from)
            {
                await AnchorAsync(other, number, newest, cancellationToken);
            }
        }
    });

    /// <summary>The trails of others, each with the number up to which it is anchored.</summary>
    private async Task<IReadOnlyList<(Id Trail, long Anchored)>> LeftAsync(CancellationToken cancellationToken)
    {
        var left = new List<(Id, long)>();
        string? after = null;
        while (await store.ListAsync(AnchorKind, null, after, Page, cancellationToken) is { Count: > 0 } page)
        {
            left.AddRange(page.Select(document => (Id.Parse(document.Key), long.Parse(document.Json, CultureInfo.InvariantCulture))));
            after = page[^1].Key;
        }

        return [.. left.Where(one => one.Item1 != trail)];
    }

    private async Task<(long Number, string Hash)> NewestAsync(Id of, long after, CancellationToken cancellationToken)
    {
        var (number, newest) = (after, AuditBatch.NoHash);
        while (await store.ListAsync(AuditBatch.Kind, of.ToString(), AuditBatch.KeyOf(of, number), Page, cancellationToken) is { Count: > 0 } page)
        {
            (number, newest) = AuditBatch.Read(page[^1]) is var last ? (last.Number, last.Hash) : default;
        }

        return (number, newest);
    }

    private async Task AnchorAsync(Id of, long number, string newest, CancellationToken cancellationToken)
    {
        var result = await commands.AnchorAuditAsync(of, Hash32.Parse(newest));
        if (result.Refusal is { } refusal)
        {
            throw new InvalidOperationException($"The ledger refused an anchor: {refusal.Code}.");
        }

        var document = await store.FindAsync(AnchorKind, of.ToString(), cancellationToken);
        await store.PutAsync(
            new SideDocument(AnchorKind, of.ToString(), "", document?.Version ?? 0, number.ToString(CultureInfo.InvariantCulture)), cancellationToken);
    }

    private async Task<bool> TryAsync(Func<Task> work)
    {
        try
        {
            await work();
            return true;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(logger, fault);
            return false;
        }
    }

    private static Id NewId(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        random.Fill(bytes);
        return Id.FromBytes(bytes);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The audit trail cannot be written or anchored; trying again.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
