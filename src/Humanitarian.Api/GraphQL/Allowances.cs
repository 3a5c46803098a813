using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// A bucket of tokens for each key: full at first, and refilled over time. A key is one number, the moment at which its bucket will be
/// full again, so that a full bucket need not be kept and taking is one comparison and exchange.
/// </summary>
/// <param name="size">Tokens of a full bucket.</param>
/// <param name="perSecond">Tokens that come back each second.</param>
/// <param name="keysMax">How many buckets are kept; beyond that all are taken to be full again.</param>
public sealed class Allowances<TKey>(TimeProvider time, int size, int perSecond, int keysMax = 100_000)
    where TKey : notnull
{
    private readonly ConcurrentDictionary<TKey, StrongBox<long>> fullAt = new();
    private readonly long start = time.GetTimestamp();

    /// <summary>Takes tokens, or none when there are too few.</summary>
    /// <param name="cost">At most the size.</param>
    public Allowance Take(TKey key, long cost)
    {
        var now = Now();
        if (!fullAt.TryGetValue(key, out var bucket))
        {
            // Counting takes every lock of the table, so only newcomers count.
            if (fullAt.Count >= keysMax)
            {
                Forget(now);
            }

            bucket = fullAt.GetOrAdd(key, static _ => new StrongBox<long>());
        }

        while (true)
        {
            var seen = Volatile.Read(ref bucket.Value);
            var (allowance, next) = Judge(seen, now, cost);
            if (!allowance.Taken || Interlocked.CompareExchange(ref bucket.Value, next, seen) == seen)
            {
                return allowance;
            }
        }
    }

    /// <summary>What <see cref="Take"/> would answer; nothing is taken.</summary>
    public Allowance Look(TKey key, long cost)
    {
        var now = Now();
        return Judge(fullAt.TryGetValue(key, out var bucket) ? Volatile.Read(ref bucket.Value) : now, now, cost).Allowance;
    }

    private (Allowance Allowance, long FullAt) Judge(long seen, long now, long cost)
    {
        var missing = Math.Max(seen - now, 0);
        var next = missing + Ticks(cost);
        return next > Ticks(size)
            ? (new Allowance(Tokens(Ticks(size) - missing), TimeSpan.FromTicks(next - Ticks(size))), seen)
            : (new Allowance(Tokens(Ticks(size) - next), TimeSpan.Zero), now + next);
    }

    private void Forget(long now)
    {
        foreach (var (key, bucket) in fullAt)
        {
            if (Volatile.Read(ref bucket.Value) <= now)
            {
                fullAt.TryRemove(key, out _);
            }
        }

        if (fullAt.Count >= keysMax)
        {
            fullAt.Clear();
        }
    }

    private long Now() => time.GetElapsedTime(start).Ticks;

    private long Ticks(long tokens) => tokens * TimeSpan.TicksPerSecond / perSecond;

    private long Tokens(long ticks) => (long)((Int128)ticks * perSecond / TimeSpan.TicksPerSecond);
}

/// <param name="Remaining">Tokens left.</param>
/// <param name="RetryAfter">Zero when the tokens were taken; else how long until there are enough.</param>
public readonly record struct Allowance(long Remaining, TimeSpan RetryAfter)
{
    public bool Taken => RetryAfter == TimeSpan.Zero;

    /// <summary>Whole seconds, as <c>Retry-After</c> wants them.</summary>
    public string RetryAfterSeconds => Math.Max(1, (long)Math.Ceiling(RetryAfter.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
