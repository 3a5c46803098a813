using Humanitarian.Domain;
using Humanitarian.Storage.Blocks;

namespace Humanitarian.Grains.Sequencing;

/// <summary>
/// The store's clock, by which the silos of a cluster agree on the time. It is asked for now and then; between two answers the
/// process's own monotonic clock carries it on, so that a clock that is set shows at once.
/// </summary>
/// <param name="strayed">Called before the fault: whoever works by this clock must stop.</param>
internal sealed class StoreClock(IBlockStore store, TimeProvider time, Action strayed)
{
    /// <summary>A process whose clock is further off orders nothing.</summary>
    public static readonly TimeSpan MaximumStray = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);
    private bool hasNone;
    private (DateTimeOffset Clock, long Before, long After)? answer;
    private long asked;

    /// <summary>Before a block or a promise, which carry the time. Nothing is known of a store that has no clock or has not answered yet.</summary>
    /// <exception cref="LedgerFault">CLOCK_SKEW: this process's clock has strayed from the store's.</exception>
    public async ValueTask RequireAsync(CancellationToken cancellationToken)
    {
        if (!hasNone && (answer is null || time.GetElapsedTime(asked) > AskEvery))
        {
            await AskAsync(cancellationToken);
        }

        var now = time.GetUtcNow();
        if (answer is { } last
            && (now < last.Clock + time.GetElapsedTime(last.After) - MaximumStray || now > last.Clock + time.GetElapsedTime(last.Before) + MaximumStray))
        {
            strayed();
            throw new LedgerFault(RefusalCode.ClockSkew, $"This machine's clock is more than {MaximumStray.TotalSeconds:0} s off the database's; set it.");
        }
    }

    /// <summary>A store that does not answer takes no block either; until it does, the last answer counts.</summary>
    private async Task AskAsync(CancellationToken cancellationToken)
    {
        var before = asked = time.GetTimestamp();
        try
        {
            if (await store.ClockAsync(cancellationToken) is { } clock)
            {
                answer = (clock, before, time.GetTimestamp());
            }
            else
            {
                hasNone = true;
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // The next block's insert tells.
        }
    }
}
