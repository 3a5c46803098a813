using System.Runtime.CompilerServices;
using GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.GraphQL;

/// <summary>Marks a class whose public methods are subscriptions: each answers an <see cref="IAsyncEnumerable{T}"/> of events.</summary>
public interface ISubscriptions;

/// <summary>
/// What every subscription does. It reads on whenever this silo has followed blocks, and only once its client has taken what came
/// before: nothing piles up for a slow one, and nothing is missed.
/// </summary>
public sealed class Live(LedgerReader reader, Pace pace, TimeProvider time)
{
    private const int RestTimes = 3;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    /// <summary>After a read of what is summed anew each time; blocks that come meanwhile are read as one.</summary>
    public static TimeSpan Rest { get; } = TimeSpan.FromMilliseconds(200);

    /// <param name="read">What is new, in order; empty when nothing is, null when it is not the caller's to see, now or any more. Called again and again.</param>
    /// <param name="rest">Least time between two reads, and more when reads take long, so that they leave room for others; none for what only reads on.</param>
    /// <param name="again">When to read though no block came; never when null.</param>
    /// <exception cref="ExecutionError">NOT_FOUND.</exception>
    public async IAsyncEnumerable<T> FollowAsync<T>(
        Func<CancellationToken, Task<IReadOnlyList<T>?>> read, TimeSpan rest = default, TimeSpan? again = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            // Taken before the read: what comes during it ends the wait after it.
            var moved = reader.Moved;
            var began = time.GetTimestamp();
            var news = await ReadAsync(read, cancellationToken);
            var took = time.GetElapsedTime(began);
            foreach (var one in news)
            {
                yield return one;
                await pace.SentAsync(cancellationToken);
            }

            if (rest > TimeSpan.Zero)
            {
                await Task.Delay(took * RestTimes > rest ? took * RestTimes : rest, time, cancellationToken);
            }

            if (news.Count == 0)
            {
                await WaitAsync(moved, again, cancellationToken);
            }
        }
    }

    /// <summary>Not there, or not this caller's to see: the two look alike.</summary>
    public static ExecutionError NotFound() => new("There is nothing with this id that you may see.") { Code = RefusalCode.NotFound };

    /// <exception cref="ExecutionError">INVALID_INPUT for a place that the ledger has not reached.</exception>
    public static void RequireReached(ulong? after, ulong reached)
    {
        if (after > reached)
        {
            throw new ExecutionError("after lies ahead of what there is.") { Code = RefusalCode.InvalidInput };
        }
    }

    /// <summary>What fails because a server or the database is away for a moment is read again.</summary>
    private async Task<IReadOnlyList<T>> ReadAsync<T>(Func<CancellationToken, Task<IReadOnlyList<T>?>> read, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                return await read(cancellationToken) ?? throw NotFound();
            }
            catch (Exception fault) when (Passing.Is(fault))
            {
                await Task.Delay(RetryAfter, time, cancellationToken);
            }
        }
    }

    private async Task WaitAsync(Task moved, TimeSpan? again, CancellationToken cancellationToken)
    {
        try
        {
            await moved.WaitAsync(again ?? Timeout.InfiniteTimeSpan, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // Time to look again.
        }
    }
}

/// <summary>Ties one operation's source of events to its client: the next event is read when the one before was sent.</summary>
public sealed class Pace : IDisposable
{
    private readonly SemaphoreSlim sent = new(0);

    /// <summary>For the transport: the client has taken an event.</summary>
    public void Sent() => sent.Release();

    /// <summary>For the source: returns once the event just handed over is sent.</summary>
    public Task SentAsync(CancellationToken cancellationToken) => sent.WaitAsync(cancellationToken);

    public void Dispose() => sent.Dispose();
}
