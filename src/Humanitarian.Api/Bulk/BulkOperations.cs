using System.Globalization;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Bulk;

/// <summary>
/// Files of commands in the side store, with their answers. All of it is sealed by the pepper: who has the database alone reads no PIN in it and plants
/// no command of another's.
/// </summary>
internal sealed class BulkOperations(ISideStore store, SealedDocuments documents, SealedText texts, HumanitarianApiOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Most files of a member that wait or are worked on.</summary>
    public const int UnfinishedMost = 10;

    private const string HeadKind = "bulk-operation";
    private const string OpenKind = "bulk-operation-open";
    private const string FileKind = "bulk-operation-file";
    private const string ResultKind = "bulk-operation-result";
    private const int PartBytes = 256 * 1024;
    private const int ListedMost = 1_000;

    private readonly SemaphoreSlim began = new(0, 1);

    /// <summary>The id of what a member's key asks for: the same whenever it asks again.</summary>
    public Id IdOf(Id member, string key) => Id.Parse(documents.KeyOf("bulk operation", member.ToString(), key)[..(2 * Id.Size)]);

    public async Task<Sealed<BulkOperation>?> FindAsync(Id id, CancellationToken cancellationToken) => await documents.FindAsync<BulkOperation>(HeadKind, id.ToString(), cancellationToken);

    /// <summary>A member's own, or null.</summary>
    public async Task<BulkOperation?> OwnAsync(Id id, Id member, CancellationToken cancellationToken) =>
        (await FindAsync(id, cancellationToken))?.Value is { } found && found.Member == member ? found : null;

    /// <summary>A member's own by id, after an id.</summary>
    public async Task<IReadOnlyList<BulkOperation>> ListAsync(Id member, Id? after, int limit, CancellationToken cancellationToken) =>
        [.. (await documents.ListAsync<BulkOperation>(HeadKind, member.ToString(), after?.ToString(), limit, cancellationToken)).Select(one => one.Value)];

    public async Task<bool> HasRoomAsync(Id member, CancellationToken cancellationToken) =>
        (await store.ListAsync(OpenKind, member.ToString(), null, UnfinishedMost, cancellationToken)).Count < UnfinishedMost;

    /// <summary>Keeps a file: its parts first, then what runs them, so that what is found is whole.</summary>
    /// <param name="file">At its beginning.</param>
    public async Task AddAsync(BulkOperation operation, Stream file, CancellationToken cancellationToken)
    {
        var buffer = new byte[PartBytes];
        var parts = 0;
        for (int read; (read = await file.ReadAtLeastAsync(buffer, PartBytes, throwOnEndOfStream: false, cancellationToken)) > 0; parts++)
        {
            await PutPartAsync(FileKind, operation, parts, new Part(0, Seal(FileKind, operation, parts, buffer.AsSpan(0, read))), cancellationToken);
        }

        if (await documents.PutAsync(HeadKind, operation.Id.ToString(), operation.Member.ToString(), 0, operation with { Parts = parts }, cancellationToken))
        {
            await OpenAsync(operation, cancellationToken);
        }
    }

    /// <summary>Has it worked on, again if need be: it may be that nobody was told of it.</summary>
    public async Task OpenAsync(BulkOperation operation, CancellationToken cancellationToken)
    {
        await store.PutAsync(new SideDocument(OpenKind, operation.Id.ToString(), operation.Member.ToString(), 0, "{}"), cancellationToken);
        Wake();
    }

    /// <summary>Ends the wait of whoever looks for work.</summary>
    public void Wake()
    {
        try
        {
            began.Release();
        }
        catch (SemaphoreFullException)
        {
            // Whoever looks has not looked yet.
        }
    }

    /// <summary>Waits until one was opened on this silo, or for a time.</summary>
    public async Task WaitAsync(TimeSpan most, CancellationToken cancellationToken)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var timer = time.CreateTimer(_ => enough.Cancel(), null, most, Timeout.InfiniteTimeSpan);
        await began.WaitAsync(enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => began.Dispose();

    /// <summary>Those that are to be worked on, of all members.</summary>
    public async Task<IReadOnlyList<Sealed<BulkOperation>>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        var found = new List<Sealed<BulkOperation>>();
        foreach (var open in await store.ListAsync(OpenKind, null, null, ListedMost, cancellationToken))
        {
            if (await FindAsync(Id.Parse(open.Key), cancellationToken) is { Value.HasEnded: false } head)
            {
                found.Add(head);
                continue;
            }

            await store.DeleteAsync(OpenKind, open.Key, cancellationToken);
        }

        return found;
    }

    /// <summary>The file, in a stream to be filled.</summary>
    public async Task CopyFileAsync(BulkOperation operation, Stream target, CancellationToken cancellationToken)
    {
        for (var part = 0; part < operation.Parts; part++)
        {
            await target.WriteAsync((await PartAsync(FileKind, operation.Id, part, cancellationToken)).Bytes, cancellationToken);
        }
    }

    /// <summary>Adds answers, and what they count for; null when somebody else has gone on with it.</summary>
    /// <param name="next">With the new counts.</param>
    public async Task<Sealed<BulkOperation>?> AnswerAsync(Sealed<BulkOperation> head, BulkOperation next, string answers, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(answers);
        if (bytes.Length > 0)
        {
            await PutPartAsync(
                ResultKind, next, next.ResultParts, new Part(next.ResultBytes, Seal(ResultKind, next, next.ResultParts, bytes)), cancellationToken);
            next = next with { ResultParts = next.ResultParts + 1, ResultBytes = next.ResultBytes + bytes.Length };
        }

        if (!await documents.PutAsync(HeadKind, head.Key, head.Owner, head.Version, next, cancellationToken))
        {
            return null;
        }

        if (next.HasEnded)
        {
            await store.DeleteAsync(OpenKind, head.Key, cancellationToken);
        }

        return head with { Version = head.Version + 1, Value = next };
    }

    /// <summary>Answers from a byte on, part by part.</summary>
    public async IAsyncEnumerable<ReadOnlyMemory<byte>> ResultsAsync(
        BulkOperation operation, long from, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (low, high) = (0, operation.ResultParts - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = (await PartAsync(ResultKind, operation.Id, middle, cancellationToken)).Start <= from ? (middle, high) : (low, middle - 1);
        }

        for (var part = low; part < operation.ResultParts; part++)
        {
            var (start, bytes) = await PartAsync(ResultKind, operation.Id, part, cancellationToken);
            yield return bytes.AsMemory((int)Math.Clamp(from - start, 0, bytes.Length));
        }
    }

    /// <summary>Forgets what ended long ago, some at a time.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        var before = (time.GetUtcNow() - options.BulkKeptFor).ToUnixTimeMilliseconds();
        for (string? after = null; await store.ListAsync(HeadKind, null, after, ListedMost, cancellationToken) is { Count: > 0 } heads; after = heads[^1].Key)
        {
            foreach (var id in heads.Select(head => Id.Parse(head.Key)))
            {
                if (await FindAsync(id, cancellationToken) is { Value: { EndedAt: { } ended } old } && ended < before)
                {
                    await DeleteAsync(old, cancellationToken);
                }
            }
        }
    }

    private async Task DeleteAsync(BulkOperation old, CancellationToken cancellationToken)
    {
        foreach (var (kind, count) in new[] { (FileKind, old.Parts), (ResultKind, old.ResultParts) })
        {
            for (var part = 0; part < count; part++)
            {
                await store.DeleteAsync(kind, PartKey(old.Id, part), cancellationToken);
            }
        }

        await documents.DeleteAsync(HeadKind, old.Id.ToString(), cancellationToken);
    }

    /// <summary>A part that an interrupted run has left is written over.</summary>
    private async Task PutPartAsync(string kind, BulkOperation operation, int number, Part part, CancellationToken cancellationToken)
    {
        var document = new SideDocument(kind, PartKey(operation.Id, number), operation.Member.ToString(), 0, JsonSerializer.Serialize(part));
        while (!await store.PutAsync(document, cancellationToken))
        {
            document = document with { Version = (await store.FindAsync(kind, document.Key, cancellationToken))?.Version ?? 0 };
        }
    }

    private async Task<(long Start, byte[] Bytes)> PartAsync(string kind, Id id, int number, CancellationToken cancellationToken)
    {
        var key = PartKey(id, number);
        return await store.FindAsync(kind, key, cancellationToken) is { } document && JsonSerializer.Deserialize<Part>(document.Json) is { } part
            && texts.Open($"{kind} {key}", part.Sealed) is { } text
                ? (part.Start, Convert.FromBase64String(text))
                : throw new InvalidDataException("A part of a bulk operation is missing, or was not written with this pepper.");
    }

    private string Seal(string kind, BulkOperation operation, int number, ReadOnlySpan<byte> bytes) =>
        texts.Seal($"{kind} {PartKey(operation.Id, number)}", Convert.ToBase64String(bytes));

    private static string PartKey(Id id, int part) => string.Create(CultureInfo.InvariantCulture, $"{id}:{part:D8}");

    /// <param name="Start">Bytes before this part.</param>
    private sealed record Part(long Start, string Sealed);
}
