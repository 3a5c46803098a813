using Humanitarian.Domain;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.GraphQL;

/// <summary>What becomes of the others when one of many is refused. Each is a transaction of its own, whatever the mode.</summary>
public enum BulkMode
{
    /// <summary>The others are done all the same, several at a time.</summary>
    ContinueOnFailure = 1,

    /// <summary>They are done one after the other, and none after the first that is refused.</summary>
    StopAtFailure = 2,

    /// <summary>
    /// Each is rehearsed by itself first, and none is done when one would be refused; then as <see cref="StopAtFailure"/>, because they may stand in each
    /// other's way.
    /// </summary>
    CheckFirst = 3,

    /// <summary>
    /// All are done in one block or none is, whatever fails when. Each is judged by what stands before all of them. Their keys belong together: the same are
    /// sent again together.
    /// </summary>
    Atomic = 4,
}

/// <summary>What became of one of many.</summary>
/// <param name="Index">Its place among what was sent, from 0.</param>
/// <param name="IdempotencyKey">Its key.</param>
/// <param name="Result">As the mutation of one answers it, a rehearsal's where none was done; null when it was not tried.</param>
[NamedAfterEntry("BulkResult")]
public sealed record BulkResult<T>(int Index, string IdempotencyKey, T? Result)
    where T : Payload;

/// <summary>What a mutation of many answers. <c>userErrors</c> is about all of them; each has its own in its result.</summary>
public abstract record BulkPayload<T> : Payload
    where T : Payload
{
    /// <summary>One for each that was sent, in their order.</summary>
    public IReadOnlyList<BulkResult<T>> Results { get; internal set; } = [];

    /// <summary>How many were done, now or before under the same key.</summary>
    public int Done => Results.Count(one => one.Result is { UserErrors.Count: 0, WouldBeDone: false });

    internal override string? FirstRefusal => base.FirstRefusal ?? Results.Select(one => one.Result?.FirstRefusal).FirstOrDefault(code => code is not null);
}

/// <summary>Runs a mutation many times.</summary>
internal static class Many
{
    public const int Most = 100;
    private const int AtOnce = 16;

    /// <param name="one">The mutation of one. Its own key keeps it from being done twice, here and elsewhere.</param>
    public static async Task<T> RunAsync<T, TItem, TResult>(LedgerCommands commands, BulkMode mode, IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> one)
        where T : BulkPayload<TResult>, new()
        where TItem : MutationInput
        where TResult : Payload
    {
        if (items.Count is 0 or > Most)
        {
            return MutationRunner.Refused<T>(new Refusal(RefusalCode.InvalidInput, $"Send 1 to {Most} at once.", "items"));
        }

        if (items.DistinctBy(item => item.IdempotencyKey, StringComparer.Ordinal).Count() < items.Count)
        {
            return MutationRunner.Refused<T>(new Refusal(RefusalCode.IdempotencyKeyInvalid, "Each needs an idempotency key of its own.", "items"));
        }

        if (mode == BulkMode.Atomic && items.DistinctBy(item => item.DryRun == true).Count() > 1)
        {
            return MutationRunner.Refused<T>(new Refusal(RefusalCode.InvalidInput, "What is done together is rehearsed together.", "items"));
        }

        var results = mode switch
        {
            BulkMode.Atomic => await AtomicallyAsync(commands, items, one),
            BulkMode.ContinueOnFailure => await TogetherAsync(items, one),
            BulkMode.CheckFirst => await CheckedAsync(items, one),
            _ => await InTurnAsync(items, one),
        };
        return new T { Results = [.. items.Select((item, index) => new BulkResult<TResult>(index, item.IdempotencyKey, results[index]))] };
    }

    private static async Task<TResult?[]> AtomicallyAsync<TItem, TResult>(LedgerCommands commands, IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> one)
        where TItem : MutationInput
        where TResult : Payload
    {
        var unit = new AtomicUnit(commands, items.Count);
        return await Task.WhenAll(items.Select((item, index) => unit.RunAsync(index, place => one((TItem)((MutationInput)item with { OfUnit = place })))));
    }

    private static async Task<TResult?[]> CheckedAsync<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> one)
        where TItem : MutationInput
        where TResult : Payload
    {
        var rehearsed = await TogetherAsync([.. items.Select(item => (TItem)((MutationInput)item with { DryRun = true }))], one);
        return Array.TrueForAll(rehearsed, result => result is { UserErrors.Count: 0 }) ? await InTurnAsync(items, one) : rehearsed;
    }

    private static async Task<TResult?[]> TogetherAsync<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> one)
    {
        var results = new TResult?[items.Count];
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(AtOnce, items.Count)).Select(async _ =>
        {
            for (int index; (index = Interlocked.Increment(ref next)) < items.Count;)
            {
                results[index] = await one(items[index]);
            }
        }));
        return results;
    }

    private static async Task<TResult?[]> InTurnAsync<TItem, TResult>(IReadOnlyList<TItem> items, Func<TItem, Task<TResult>> one)
        where TResult : Payload
    {
        var results = new TResult?[items.Count];
        for (var index = 0; index < items.Count; index++)
        {
            results[index] = await one(items[index]);
            if (results[index] is { UserErrors.Count: > 0 })
            {
                break;
            }
        }

        return results;
    }
}
