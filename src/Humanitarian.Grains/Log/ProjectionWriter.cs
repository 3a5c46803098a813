using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Log;

/// <summary>
/// Writes the projections behind the log in large batches, each with the height it reaches in the same database transaction. Several
/// may run: a batch is conditional on the height it starts from.
/// </summary>
public sealed partial class ProjectionWriter(LogFollower follower, IProjectionStore store, TimeProvider time, ProjectionLimits limits, ILogger<ProjectionWriter> logger)
{
    private const int RestAfter = 3;
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestRest = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim advanced = new(0, 1);

    /// <summary>The height that the projections have reached as far as this silo knows; null before the first batch.</summary>
    public ulong? Reached { get; private set; }

    /// <summary>Runs until it is cancelled; what is left is written after a restart.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        follower.Advanced += Wake;
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await StepAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            follower.Advanced -= Wake;
        }
    }

    /// <summary>Writes everything followed so far.</summary>
    public async Task<bool> WriteBatchAsync(CancellationToken cancellationToken)
    {
        var reached = Reached = await store.HeightAsync(cancellationToken);
        var blocks = follower.Tail.ChangesFrom(reached is { } height ? height + 1 : 0, limits.BatchWeight);
        var builder = new ProjectionBuilder(blocks.Sum(block => block.Transactions.Length));
        foreach (var block in blocks)
        {
            builder.Add(block);
        }

        var batch = builder.Build();
        if (batch is not null && await store.ApplyAsync(batch, cancellationToken))
        {
            Reached = batch.ToHeight;
        }

        // Where another writer was faster, only what it is known to have reached may go.
        if (Reached is { } projected)
        {
            follower.Tail.Prune(projected, limits.KeepWeight);
        }

        return batch is not null;
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            var began = time.GetTimestamp();
            if (!await WriteBatchAsync(cancellationToken))
            {
                await advanced.WaitAsync(cancellationToken);
            }
            else if (follower.Tail.Weight < limits.BatchWeight)
            {
                // Larger batches touch each page of the database less often, so their number, not their size, is the cost. Reads look
                // into the tail too and do not wait for this.
                var rest = time.GetElapsedTime(began) * RestAfter;
                await Task.Delay(rest < LongestRest ? rest : LongestRest, time, cancellationToken);
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(logger, fault);
            await Task.Delay(RetryAfter, time, cancellationToken);
        }
    }

    private void Wake()
    {
        try
        {
            advanced.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Projections could not be written; trying again.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}

/// <summary>How the projections follow. A weight counts transactions, their records and the accounts they touch.</summary>
/// <param name="BatchWeight">Weight of one database transaction.</param>
/// <param name="KeepWeight">Weight kept in memory after it is projected, for reads that began before.</param>
/// <param name="BehindWeight">Weight in memory from which on the ledger is busy: the projections have fallen behind.</param>
public sealed record ProjectionLimits(int BatchWeight, int KeepWeight, int BehindWeight)
{
    // A batch writes every page that it touches, and of a million people's records each batch touches nearly all: a list of 1.5 million was
    // enrolled in 57 s with batches of 600,000 and in 74 s with 200,000. A unit of weight takes some 100 bytes of a transfer, 700 of a record.
    public static ProjectionLimits Default { get; } = new(600_000, 2_000, 2_000_000);
}
