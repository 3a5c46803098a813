using System.Globalization;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Bulk;

/// <summary>
/// Files of commands in the side store, with their answers. All of it is sealed by the pepper: who has the database alone reads no PIN in it and plants
/// no command of another's. A file goes once it is worked off; its answers stay for a time.
/// </summary>
internal sealed class BulkOperations(ISideStore store, SealedDocuments documents, SealedText texts, IRandomSource random, HumanitarianApiOptions options, TimeProvider time) : IDisposable
{
    /// <summary>Most files of a member that wait or are worked on.</summary>
    public const int UnfinishedMost = 10;

    /// <summary>Most bytes of a member's files and answers, until they are forgotten.</summary>
    public const long RoomMost = 1024L * 1024 * 1024;

    private const string HeadKind = "bulk-operation";
    private const string OpenKind = "bulk-operation-open";
    private const string FileKind = "bulk-operation-file";
    private const string UploadKind = "bulk-operation-upload";
    private const string ResultKind = "bulk-operation-result";
    private const string SentKind = "bulk-operation-sent";
    private const int PartBytes = 256 * 1024;
    private const int ListedMost = 1_000;

    // No upload is still written after so long.
    private static readonly TimeSpan UploadMost = TimeSpan.FromHours(1);

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

    /// <summary>Why a member's next file has no room, or null.</summary>
    public async Task<string?> FullAsync(BulkOperation next, CancellationToken cancellationToken)
    {
        var member = next.Member.ToString();
        if ((await store.ListAsync(OpenKind, member, null, UnfinishedMost, cancellationToken)).Count == UnfinishedMost)
        {
            return $"{UnfinishedMost} files of yours are being worked on; send this one when one has ended.";
        }

        var room = next.Room;
        for (string? after = null; await documents.ListAsync<BulkOperation>(HeadKind, member, after, ListedMost, cancellationToken) is { Count: > 0 } heads; after = heads[^1].Key)
        {
            room += heads.Sum(head => head.Value.Room);
        }

        return room > RoomMost ? $"Your files and their answers fill {RoomMost / 1024 / 1024} MiB; send this one when some of them are forgotten." : null;
    }

    /// <summary>
    /// The operation by which another member of the organisation has sent the very file that is not forgotten yet, or null. Keys of lines are each member's
    /// own, so that all of it would be done once more.
    /// </summary>
    /// <returns>Null also when the member has sent it too: then what was done is known by their keys.</returns>
    public async Task<BulkOperation?> SentByAnotherAsync(Id organisation, Id member, string mutation, string sha256, CancellationToken cancellationToken)
    {
        BulkOperation? another = null;
        foreach (var id in (await documents.FindAsync<Sent>(SentKind, SentKey(organisation, mutation, sha256), cancellationToken))?.Value.Operations ?? [])
        {
            if ((await FindAsync(id, cancellationToken))?.Value is { } before)
            {
                if (before.Member == member)
                {
                    return null;
                }

                another = before;
            }
        }

        return another;
    }

    /// <summary>Keeps a file: its parts first, then what runs them, so that what is found is whole. What breaks off leaves nothing.</summary>
    /// <param name="file">At its beginning.</param>
    /// <returns>False when another was taken under its id at the same time.</returns>
    public async Task<bool> AddAsync(BulkOperation operation, Stream file, CancellationToken cancellationToken)
    {
        operation = operation with { File = NewId(), Parts = (int)((operation.FileBytes + PartBytes - 1) / PartBytes) };

        // Told of before, so that a process that dies leaves nothing for good.
        await documents.PutAsync(UploadKind, operation.File.ToString(), operation.Member.ToString(), 0, operation, cancellationToken);
        try
        {
            var buffer = new byte[PartBytes];
            for (var part = 0; part < operation.Parts; part++)
            {
                var read = await file.ReadAtLeastAsync(buffer, PartBytes, throwOnEndOfStream: false, cancellationToken);
                await PutPartAsync(FileKind, operation.File, operation.Member, part, 0, buffer.AsMemory(0, read), cancellationToken);
            }
        }
        catch
        {
            await DropUploadAsync(operation, CancellationToken.None);
            throw;
        }

        // A client that goes away now does not break it off any more.
        await NoteSentAsync(operation);
        if (!await documents.PutAsync(HeadKind, operation.Id.ToString(), operation.Member.ToString(), 0, operation, CancellationToken.None))
        {
            await DropUploadAsync(operation, CancellationToken.None);
            return false;
        }

        await OpenAsync(operation, CancellationToken.None);
        await documents.DeleteAsync(UploadKind, operation.File.ToString(), CancellationToken.None);
        return true;
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
        // Not a timer that cancels: one that goes off as the wait ends would find the source disposed, and end the process.
        using var limit = new CancellationTokenSource(most, time);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        await began.WaitAsync(enough.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public void Dispose() => began.Dispose();

    /// <summary>Those that are to be worked on, of all members.</summary>
    public async Task<IReadOnlyList<Sealed<BulkOperation>>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        var found = new List<Sealed<BulkOperation>>();
        foreach (var open in await store.ListAsync(OpenKind, null, null, ListedMost, cancellationToken))
        {
            var head = await FindAsync(Id.Parse(open.Key), cancellationToken);
            if (head is { Value.HasEnded: false })
            {
                found.Add(head);
                continue;
            }

            await CloseAsync(open.Key, head?.Value, cancellationToken);
        }

        return found;
    }

    /// <summary>The file, in a stream to be filled.</summary>
    public async Task CopyFileAsync(BulkOperation operation, Stream target, CancellationToken cancellationToken)
    {
        for (var part = 0; part < operation.Parts; part++)
        {
            await target.WriteAsync((await PartAsync(FileKind, operation.File, part, cancellationToken)).Bytes, cancellationToken);
        }
    }

    /// <summary>Adds answers, and what they count for; null when somebody else has gone on with it.</summary>
    /// <param name="next">With the new counts.</param>
    public async Task<Sealed<BulkOperation>?> AnswerAsync(Sealed<BulkOperation> head, BulkOperation next, string answers, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(answers);
        if (bytes.Length > 0)
        {
            await PutPartAsync(ResultKind, next.Id, next.Member, next.ResultParts, next.ResultBytes, bytes, cancellationToken);
            next = next with { ResultParts = next.ResultParts + 1, ResultBytes = next.ResultBytes + bytes.Length };
        }

        while (!await documents.PutAsync(HeadKind, head.Key, head.Owner, head.Version, next, cancellationToken))
        {
            // Its sender may have asked meanwhile to stop it, which changes nothing of what was answered.
            if (await FindAsync(next.Id, cancellationToken) is not { } found || (found.Value with { StopAskedAt = head.Value.StopAskedAt }) != head.Value)
            {
                return null;
            }

            (head, next) = (found, next with { StopAskedAt = found.Value.StopAskedAt });
        }

        if (next.HasEnded)
        {
            await CloseAsync(head.Key, next, cancellationToken);
        }

        return head with { Version = head.Version + 1, Value = next };
    }

    /// <summary>Has nothing more of it begun, also by a silo that dies meanwhile; null when it has gone on since it was read.</summary>
    public async Task<BulkOperation?> AskToStopAsync(Sealed<BulkOperation> head, CancellationToken cancellationToken)
    {
        var next = head.Value with { StopAskedAt = time.GetUtcNow().ToUnixTimeMilliseconds() };
        var isAsked = await documents.PutAsync(HeadKind, head.Key, head.Owner, head.Version, next, cancellationToken);
        Wake();
        return isAsked ? next : null;
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

    /// <summary>Forgets what ended long ago, and what is left of uploads that broke off, some at a time.</summary>
    public async Task ForgetAsync(CancellationToken cancellationToken)
    {
        await ForgetUploadsAsync(cancellationToken);
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

    private async Task ForgetUploadsAsync(CancellationToken cancellationToken)
    {
        var before = (time.GetUtcNow() - UploadMost).ToUnixTimeMilliseconds();
        for (string? after = null; await store.ListAsync(UploadKind, null, after, ListedMost, cancellationToken) is { Count: > 0 } left; after = left[^1].Key)
        {
            foreach (var key in left.Select(one => one.Key))
            {
                if (await documents.FindAsync<BulkOperation>(UploadKind, key, cancellationToken) is not { Value: var upload } || upload.CreatedAt >= before)
                {
                    continue;
                }

                if (await FindAsync(upload.Id, cancellationToken) is { Value.HasEnded: false } head && head.Value.File == upload.File)
                {
                    // It was taken, and perhaps nobody was told.
                    await OpenAsync(head.Value, cancellationToken);
                    await documents.DeleteAsync(UploadKind, key, cancellationToken);
                    continue;
                }

                await DropUploadAsync(upload, cancellationToken);
            }
        }
    }

    private async Task DropUploadAsync(BulkOperation upload, CancellationToken cancellationToken)
    {
        await DropFileAsync(upload, cancellationToken);
        await documents.DeleteAsync(UploadKind, upload.File.ToString(), cancellationToken);
    }

    /// <summary>Nobody looks for it any more, and its file, which may hold PINs, goes: before, so that it is done again if need be.</summary>
    private async Task CloseAsync(string key, BulkOperation? ended, CancellationToken cancellationToken)
    {
        if (ended is not null)
        {
            await DropFileAsync(ended, cancellationToken);
        }

        await store.DeleteAsync(OpenKind, key, cancellationToken);
    }

    private async Task DropFileAsync(BulkOperation operation, CancellationToken cancellationToken)
    {
        for (var part = 0; part < operation.Parts; part++)
        {
            await store.DeleteAsync(FileKind, PartKey(operation.File, part), cancellationToken);
        }
    }

    private async Task DeleteAsync(BulkOperation old, CancellationToken cancellationToken)
    {
        for (var part = 0; part < old.ResultParts; part++)
        {
            await store.DeleteAsync(ResultKind, PartKey(old.Id, part), cancellationToken);
        }

        if (await ChangeSentAsync(old, sent => [.. sent.Where(id => id != old.Id)], cancellationToken) is { Operations: [] })
        {
            await documents.DeleteAsync(SentKind, SentKey(old.Organisation, old.Mutation, old.Sha256), cancellationToken);
        }

        await documents.DeleteAsync(HeadKind, old.Id.ToString(), cancellationToken);
    }

    private string SentKey(Id organisation, string mutation, string sha256) => documents.KeyOf("bulk sent", organisation.ToString(), mutation, sha256);

    private Task NoteSentAsync(BulkOperation operation) => ChangeSentAsync(
        operation, sent => [.. sent.Where(id => id != operation.Id).TakeLast(UnfinishedMost), operation.Id], CancellationToken.None);

    private Task<Sent?> ChangeSentAsync(BulkOperation operation, Func<Id[], Id[]> change, CancellationToken cancellationToken) => documents.ChangeAsync<Sent>(
        SentKind, SentKey(operation.Organisation, operation.Mutation, operation.Sha256), operation.Organisation.ToString(),
        sent => new Sent(change(sent?.Operations ?? [])), cancellationToken);

    /// <summary>A part that an interrupted run has left is written over.</summary>
    private async Task PutPartAsync(string kind, Id id, Id owner, int number, long start, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var key = PartKey(id, number);
        var part = new Part(start, texts.Seal($"{kind} {key}", Convert.ToBase64String(bytes.Span)));
        var document = new SideDocument(kind, key, owner.ToString(), 0, JsonSerializer.Serialize(part));
        while (!await store.PutAsync(document, cancellationToken))
        {
            document = document with { Version = (await store.FindAsync(kind, key, cancellationToken))?.Version ?? 0 };
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

    private Id NewId()
    {
        Span<byte> bytes = stackalloc byte[Id.Size];
        random.Fill(bytes);
        return Id.FromBytes(bytes);
    }

    private static string PartKey(Id id, int part) => string.Create(CultureInfo.InvariantCulture, $"{id}:{part:D8}");

    /// <param name="Operations">By which members of an organisation have sent one file.</param>
    private sealed record Sent(Id[] Operations);

    /// <param name="Start">Bytes before this part.</param>
    private sealed record Part(long Start, string Sealed);
}
