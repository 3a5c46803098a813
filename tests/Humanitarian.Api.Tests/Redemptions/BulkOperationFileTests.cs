using System.Text;
using Humanitarian.Api.Bulk;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;
using Humanitarian.Storage.Side;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>What is kept of files of commands, and for how long.</summary>
public sealed class BulkOperationFileTests : IAsyncLifetime
{
    private const string FileKind = "bulk-operation-file";
    private const int PartBytes = 256 * 1024;

    private readonly string folder = Directory.CreateTempSubdirectory("humanitarian-bulk-").FullName;
    private readonly Clock clock = new();
    private readonly byte[] content = Encoding.UTF8.GetBytes(new string('a', (2 * PartBytes) + 100));
    private SqliteLedgerFiles files = null!;
    private BulkOperations operations = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        files = await SqliteStorage.OpenAsync(folder);
        operations = Of(files.Side);
    }

    public async ValueTask DisposeAsync()
    {
        operations.Dispose();
        await files.DisposeAsync();
        Directory.Delete(folder, true);
    }

    [Fact]
    public async Task File_goes_when_its_operation_ends_and_the_answers_stay()
    {
        var operation = Operation("ended");
        Assert.True(await operations.AddAsync(operation, new MemoryStream(content), Cancel));
        Assert.Equal(3, await LeftAsync());
        var head = (await operations.FindAsync(operation.Id, Cancel))!;
        using var copy = new MemoryStream();
        await operations.CopyFileAsync(head.Value, copy, Cancel);
        Assert.Equal(content, copy.ToArray());
        head = (await operations.AnswerAsync(head, head.Value with { Done = 1 }, "one\n", Cancel))!;
        Assert.Equal(3, await LeftAsync());
        head = (await operations.AnswerAsync(head, head.Value with { State = BulkOperationState.Completed, EndedAt = clock.Now.ToUnixTimeMilliseconds() }, "", Cancel))!;
        Assert.Equal(0, await LeftAsync());
        await foreach (var bytes in operations.ResultsAsync(head.Value, 0, Cancel))
        {
            Assert.Equal("one\n", Encoding.UTF8.GetString(bytes.Span));
        }

        clock.Now += TimeSpan.FromDays(8);
        await operations.ForgetAsync(Cancel);
        Assert.Null(await operations.FindAsync(operation.Id, Cancel));
        Assert.Empty(await files.Side.ListAsync("bulk-operation-result", null, null, 10, Cancel));
        Assert.Empty(await files.Side.ListAsync("bulk-operation-sent", null, null, 10, Cancel));
    }

    [Fact]
    public async Task File_whose_process_died_before_it_went_goes_when_work_is_looked_for()
    {
        var operation = Operation("died at the end");
        using var dying = Of(new Dying(files.Side) { DeletesUntilDeath = 1 });
        Assert.True(await dying.AddAsync(operation, new MemoryStream(content), Cancel));
        var head = (await dying.FindAsync(operation.Id, Cancel))!;
        await Assert.ThrowsAsync<IOException>(() => dying.AnswerAsync(head, head.Value with { State = BulkOperationState.Completed, EndedAt = 1 }, "", Cancel));
        Assert.Equal(3, await LeftAsync());
        Assert.Empty(await operations.UnfinishedAsync(Cancel));
        Assert.Equal(0, await LeftAsync());
    }

    [Fact]
    public async Task Upload_that_breaks_off_leaves_nothing()
    {
        using var leaving = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => operations.AddAsync(Operation("left"), new Hooked(content, leaving.CancelAsync), leaving.Token));
        Assert.Equal(0, await LeftAsync());
        Assert.Empty(await files.Side.ListAsync("bulk-operation-upload", null, null, 10, Cancel));
    }

    [Fact]
    public async Task Upload_whose_process_died_is_forgotten_after_an_hour()
    {
        using var dying = Of(new Dying(files.Side));
        await Assert.ThrowsAnyAsync<IOException>(() => dying.AddAsync(Operation("died"), new Hooked(content, () => throw new IOException("The process dies.")), Cancel));
        Assert.Equal(1, await LeftAsync());
        await operations.ForgetAsync(Cancel);
        Assert.Equal(1, await LeftAsync());
        clock.Now += TimeSpan.FromMinutes(61);
        await operations.ForgetAsync(Cancel);
        Assert.Equal(0, await LeftAsync());
        Assert.Empty(await files.Side.ListAsync("bulk-operation-upload", null, null, 10, Cancel));
    }

    [Fact]
    public async Task Upload_that_was_taken_and_not_told_of_is_worked_on_after_all()
    {
        var operation = Operation("not told of");
        await operations.AddAsync(operation, new MemoryStream(content), Cancel);
        var head = (await operations.FindAsync(operation.Id, Cancel))!.Value;

        // As it lies when the process dies before it tells of it.
        await files.Side.DeleteAsync("bulk-operation-open", operation.Id.ToString(), Cancel);
        await Sealing(files.Side).PutAsync("bulk-operation-upload", head.File.ToString(), head.Member.ToString(), 0, head, Cancel);
        clock.Now += TimeSpan.FromMinutes(61);
        await operations.ForgetAsync(Cancel);
        Assert.Equal(operation.Id, Assert.Single(await operations.UnfinishedAsync(Cancel)).Value.Id);
        Assert.Equal(3, await LeftAsync());
        Assert.Empty(await files.Side.ListAsync("bulk-operation-upload", null, null, 10, Cancel));
    }

    [Fact]
    public async Task Of_two_uploads_under_one_key_the_taken_one_is_whole_and_the_other_leaves_nothing()
    {
        var (first, second) = (Operation("twice"), Operation("twice"));
        var other = Encoding.UTF8.GetBytes(new string('b', content.Length));
        Assert.False(await operations.AddAsync(first, new Hooked(content, async () => Assert.True(await operations.AddAsync(second, new MemoryStream(other), Cancel))), Cancel));
        using var copy = new MemoryStream();
        await operations.CopyFileAsync((await operations.FindAsync(first.Id, Cancel))!.Value, copy, Cancel);
        Assert.Equal(other, copy.ToArray());
        Assert.Equal(3, await LeftAsync());
    }

    [Fact]
    public async Task Answers_of_ended_operations_take_room_until_they_are_forgotten()
    {
        var next = Operation("next");
        Assert.Null(await operations.FullAsync(next, Cancel));
        var ended = Operation("full") with { State = BulkOperationState.Completed, EndedAt = clock.Now.ToUnixTimeMilliseconds(), ResultBytes = BulkOperations.RoomMost };
        await operations.AddAsync(ended, new MemoryStream(content), Cancel);
        Assert.Contains("1024 MiB", await operations.FullAsync(next, Cancel), StringComparison.Ordinal);
        Assert.Null(await operations.FullAsync(next with { Member = Founding.IdOf("another") }, Cancel));
        clock.Now += TimeSpan.FromDays(8);
        await operations.ForgetAsync(Cancel);
        Assert.Null(await operations.FullAsync(next, Cancel));
    }

    [Fact]
    public async Task Answers_under_way_when_it_is_asked_to_stop_are_kept()
    {
        var operation = Operation("stopped");
        await operations.AddAsync(operation, new MemoryStream(content), Cancel);
        var head = (await operations.FindAsync(operation.Id, Cancel))!;
        Assert.NotNull(await operations.AskToStopAsync(head, Cancel));
        Assert.Null(await operations.AskToStopAsync(head, Cancel));
        var answered = await operations.AnswerAsync(head, head.Value with { Done = 1 }, "one\n", Cancel);
        Assert.Equal((1, clock.Now.ToUnixTimeMilliseconds(), 4), (answered!.Value.Done, answered.Value.StopAskedAt, answered.Value.ResultBytes));
        Assert.Equal(answered, await operations.FindAsync(operation.Id, Cancel));

        // Somebody else has gone on with it.
        Assert.Null(await operations.AnswerAsync(head, head.Value with { Done = 1 }, "", Cancel));
    }

    [Fact]
    public async Task Timer_that_goes_off_when_the_wait_is_over_harms_nobody()
    {
        var time = new LateTime();
        using var waited = Of(files.Side, time);
        waited.Wake();
        await waited.WaitAsync(TimeSpan.FromSeconds(2), Cancel);

        // On a thread of the pool what it throws would end the process.
        Assert.Single(time.Due)();
    }

    private static HumanitarianApiOptions Options(string folder) => new() { Pepper = Founding.KeyOf("pepper"), MatchingKey = Founding.KeyOf("matching"), DataFolder = folder };

    private SealedDocuments Sealing(ISideStore store) => new(store, Options(folder));

    private BulkOperations Of(ISideStore store, TimeProvider? time = null)
    {
        var random = new SystemRandomSource();
        return new BulkOperations(store, Sealing(store), new SealedText(Options(folder), random), random, Options(folder), time ?? clock);
    }

    private BulkOperation Operation(string name) => new(
        Founding.IdOf(name), Founding.IdOf("bulk member"), Founding.IdOf("bulk organisation"), Hash32.Zero, "transfer", "", 1, 0, clock.Now.ToUnixTimeMilliseconds())
    {
        FileBytes = content.Length,
    };

    private async Task<int> LeftAsync() => (await files.Side.ListAsync(FileKind, null, null, 100, Cancel)).Count;

    /// <summary>Does something before its second part is read.</summary>
    private sealed class Hooked(byte[] content, Func<Task> hook) : MemoryStream(content)
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (Position == PartBytes)
            {
                await hook();
                cancellationToken.ThrowIfCancellationRequested();
            }

            return await base.ReadAsync(buffer, cancellationToken);
        }
    }

    /// <summary>The store of a process that dies: what it would still delete stays.</summary>
    private sealed class Dying(ISideStore store) : ISideStore
    {
        public int DeletesUntilDeath { get; set; }

        public Task<SideDocument?> FindAsync(string kind, string key, CancellationToken cancellationToken = default) => store.FindAsync(kind, key, cancellationToken);

        public Task<bool> PutAsync(SideDocument document, CancellationToken cancellationToken = default) => store.PutAsync(document, cancellationToken);

        public Task<bool> DeleteAsync(string kind, string key, CancellationToken cancellationToken = default) =>
            DeletesUntilDeath-- > 0 ? store.DeleteAsync(kind, key, cancellationToken) : throw new IOException("The process dies.");

        public Task<IReadOnlyList<SideDocument>> ListAsync(string kind, string? owner, string? after, int limit, CancellationToken cancellationToken = default) =>
            store.ListAsync(kind, owner, after, limit, cancellationToken);

        public Task AddRowsAsync(Id list, IReadOnlyList<ListRowEntry> rows, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task<IReadOnlyList<ListRowEntry>> RowsAsync(Id list, long fromLine, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task DeleteRowsAsync(Id list, CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public IAsyncEnumerable<SideEntry> AllAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

        public Task RestoreAsync(IReadOnlyList<SideDocument> documents, CancellationToken cancellationToken = default) => throw new NotSupportedException();
    }

    private sealed class Clock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }

    /// <summary>Timers go off when they are called, even once they are disposed of.</summary>
    private sealed class LateTime : TimeProvider
    {
        public List<Action> Due { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Due.Add(() => callback(state));
            return base.CreateTimer(_ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}
