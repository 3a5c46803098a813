using System.Text;
using Humanitarian.Api.Cash;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Humanitarian.Grains.Due;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Bulk;

/// <summary>
/// Works on files of commands, as long as this silo of the cluster has that duty: a few at once, one of each organisation. After a restart it goes on behind
/// the last answer that was written; what was done and not written answers as replayed, so nothing is done twice.
/// </summary>
internal sealed partial class BulkRunner(
    IServiceProvider services, BulkOperations operations, CashFiles files, ApiKeys keys, Duties duties, TimeProvider time, ILogger<BulkRunner> logger) : BackgroundService
{
    private const string Duty = "bulk operations";
    private const int AtOnce = 4;
    private const int BatchLines = 250;
    private const int Again = 6;

    private static readonly TimeSpan Every = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ForgetEvery = TimeSpan.FromHours(1);
    private static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(250);

    private readonly Dictionary<Id, Work> running = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heldAt = time.GetTimestamp();
        long? forgotten = null;
        var work = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var asked = time.GetTimestamp();
                if (await duties.HoldAsync(Duty).WaitAsync(Duties.HeldFor / 3, time, stoppingToken))
                {
                    heldAt = asked;
                    await BeginAsync(work.Token, stoppingToken);
                    if (forgotten is null || time.GetElapsedTime(forgotten.Value) > ForgetEvery)
                    {
                        forgotten = time.GetTimestamp();
                        await operations.ForgetAsync(stoppingToken);
                    }
                }
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogFault(logger, fault);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What it asked is being stopped too.
                break;
            }

            if (running.Count > 0 && time.GetElapsedTime(heldAt) >= Duties.HeldFor / 2)
            {
                // Another silo may have it soon.
                await work.CancelAsync();
                await EndAsync();
                work.Dispose();
                work = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            }

            await operations.WaitAsync(Every, stoppingToken);
        }

        await EndAsync();
        work.Dispose();
        await duties.LeaveAsync(Duty).WaitAsync(Duties.HeldFor / 3, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task BeginAsync(CancellationToken work, CancellationToken stoppingToken)
    {
        foreach (var ended in running.Where(one => one.Value.Running.IsCompleted).Select(one => one.Key).ToArray())
        {
            running.Remove(ended);
        }

        foreach (var head in (await operations.UnfinishedAsync(stoppingToken)).OrderBy(head => head.Value.CreatedAt))
        {
            var isToStop = head.Value.StopAskedAt is not null;
            if (running.TryGetValue(head.Value.Id, out var known))
            {
                known.IsToStop |= isToStop;
            }
            else if (isToStop)
            {
                await WriteEndAsync(head, stoppingToken);
            }
            else if (running.Count < AtOnce && running.Values.All(one => one.Organisation != head.Value.Organisation))
            {
                var begun = new Work(head.Value.Organisation);
                begun.Running = Task.Run(() => GuardedAsync(head, begun, work), CancellationToken.None);
                running.Add(head.Value.Id, begun);
            }
        }
    }

    private Task EndAsync() => Task.WhenAll(running.Values.Select(one => one.Running));

    private async Task GuardedAsync(Sealed<BulkOperation> head, Work work, CancellationToken cancellationToken)
    {
        try
        {
            await RunAsync(head, work, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // It goes on elsewhere, or here after a restart.
        }
        catch (Exception fault)
        {
            LogInterrupted(logger, head.Value.Id, fault);
            await Task.Delay(Every, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        finally
        {
            operations.Wake();
        }
    }

    private async Task RunAsync(Sealed<BulkOperation> head, Work work, CancellationToken cancellationToken)
    {
        var operation = head.Value;
        await using var file = files.Spool();
        await operations.CopyFileAsync(operation, file, cancellationToken);
        file.Position = 0;
        Session? session = null;
        async Task<Caller?> EnterAsync(CancellationToken cancel) =>
            session is not null && await session.EnterAsync(cancel) ? session.Caller : (session = await OpenAsync(operation, cancel))?.Caller;

        var lines = new BulkLines(services, BulkLines.DocumentOf(operation.Mutation)!, EnterAsync);
        var rest = BulkLines.ReadAsync(file, cancellationToken).Index().Where(line => line.Index >= operation.Answered).Chunk(BatchLines);
        await foreach (var batch in rest.WithCancellation(cancellationToken))
        {
            if (work.IsToStop || await EnterAsync(cancellationToken) is null)
            {
                break;
            }

            if (await AnswerAsync(head, work, lines, batch, cancellationToken) is not { } next)
            {
                return;
            }

            head = next;
            if (head.Value.Answered <= batch[^1].Index)
            {
                break;
            }
        }

        await WriteEndAsync(head, cancellationToken);
    }

    private Task WriteEndAsync(Sealed<BulkOperation> head, CancellationToken cancellationToken)
    {
        var state = head.Value.Answered == head.Value.Lines ? BulkOperationState.Completed : BulkOperationState.Stopped;
        return operations.AnswerAsync(head, head.Value with { State = state, EndedAt = time.GetUtcNow().ToUnixTimeMilliseconds() }, "", cancellationToken);
    }

    /// <summary>Runs some lines, several at a time, and writes the answers down up to the last that was tried; null when somebody else has gone on with it.</summary>
    private async Task<Sealed<BulkOperation>?> AnswerAsync(
        Sealed<BulkOperation> head, Work work, BulkLines lines, IReadOnlyList<(int Index, string? Line)> batch, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(BulkLines.AtOnce);
        async Task<BulkAnswer> InPlaceAsync(int index, string? line)
        {
            try
            {
                return await UntilKnownAsync(lines, index, line, cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }

        // In the file's order, so that once it is to stop what has begun has no gap; each of these gets its answer.
        var under = new List<Task<BulkAnswer>>();
        foreach (var (index, line) in batch)
        {
            await places.WaitAsync(CancellationToken.None);
            if (work.IsToStop || cancellationToken.IsCancellationRequested)
            {
                break;
            }

            under.Add(InPlaceAsync(index, line));
        }

        var all = await Task.WhenAll(under);
        cancellationToken.ThrowIfCancellationRequested();
        var answers = all[..(Array.FindLastIndex(all, answer => answer.End != BulkEnd.NotTried) + 1)];
        long Count(BulkEnd end) => answers.LongCount(answer => answer.End == end);
        var now = head.Value;
        return await operations.AnswerAsync(
            head,
            now with { Done = now.Done + Count(BulkEnd.Done), Refused = now.Refused + Count(BulkEnd.Refused), Failed = now.Failed + Count(BulkEnd.Failed) + Count(BulkEnd.NotTried) },
            answers.Aggregate(new StringBuilder(), (text, answer) => text.Append(answer.Line)).ToString(), cancellationToken);
    }

    /// <summary>What passes by itself is asked again with the same key, as a client would.</summary>
    private async Task<BulkAnswer> UntilKnownAsync(BulkLines lines, long index, string? line, CancellationToken cancellationToken)
    {
        BulkAnswer? before = null;
        for (var attempt = 1; ; attempt++)
        {
            var answer = await lines.RunAsync(index, line, null, cancellationToken);
            if (answer.End == BulkEnd.NotTried)
            {
                // It may have been tried before its key ended.
                return before ?? answer;
            }

            if (!answer.Passes || attempt == Again)
            {
                return answer;
            }

            before = answer;
            await Task.Delay(AgainAfter * (1 << attempt), time, cancellationToken);
        }
    }

    private async Task<Session?> OpenAsync(BulkOperation operation, CancellationToken cancellationToken) =>
        await keys.LivingAsync(operation.Credential, cancellationToken) is { } key && key.Principal == operation.Member && key.Limits.Allow("bulk", changes: true)
            ? await Session.OpenAsync(
                services,
                new Credential(
                    key.Principal, key.Organisation, key.Hash.ToString(), key.Limits, async cancel => await keys.LivingAsync(operation.Credential, cancel) is not null),
                cancellationToken)
            : null;

    /// <summary>One that is worked on here.</summary>
    private sealed class Work(Id organisation)
    {
        private volatile bool isToStop;

        public Id Organisation => organisation;

        public Task Running { get; set; } = Task.CompletedTask;

        /// <summary>True once nothing more of it may begin.</summary>
        public bool IsToStop
        {
            get => isToStop;
            set => isToStop = value;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Bulk operations cannot be looked for; trying again.")]
    private static partial void LogFault(ILogger logger, Exception fault);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Bulk operation {Operation} is interrupted; it goes on where it was.")]
    private static partial void LogInterrupted(ILogger logger, Id operation, Exception fault);
}
