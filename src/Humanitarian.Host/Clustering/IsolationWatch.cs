using Humanitarian.Grains.Hosting;
using Humanitarian.Host.Commands;
using Humanitarian.Storage.Blocks;
using Orleans.Runtime.Placement;

namespace Humanitarian.Host.Clustering;

/// <summary>
/// Ends this silo when it cannot reach the database although another can: while it stays, the accounts that live on it, and the
/// sequencer if it is here, are answered by nobody. Where no silo reaches the database, leaving would help no one, so it stays.
/// </summary>
internal sealed partial class IsolationWatch(
    IBlockStore blocks, IGrainFactory grains, ISiloStatusOracle cluster, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<IsolationWatch> logger)
    : BackgroundService
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    // Longer than a database's own fail-over should take, shorter than people wait at a counter.
    private static readonly TimeSpan LeavesAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndsWithin = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var reached = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            if (await IsTrueAsync(async token => await blocks.HeadAsync(token) is not null, stoppingToken))
            {
                reached = time.GetTimestamp();
            }
            else if (time.GetElapsedTime(reached) > LeavesAfter && await AnotherReachesAsync(stoppingToken))
            {
                LogLeaving(logger, (int)time.GetElapsedTime(reached).TotalSeconds);

                // Whatever asks the database is cancelled by this, and each waits for the database to answer that; so nobody waits for it.
                _ = Task.Run(lifetime.StopApplication, CancellationToken.None);

                // An orderly end takes leave in the database, which does not answer.
                await Task.Delay(EndsWithin, time, CancellationToken.None);
                Environment.Exit(ExitCode.Failed);
            }

            await Task.Delay(LooksEvery, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> AnotherReachesAsync(CancellationToken stoppingToken) =>
        (await Task.WhenAll(cluster.GetApproximateSiloStatuses(onlyActive: true).Keys.Where(silo => !silo.Equals(cluster.SiloAddress))
            .Select(silo => IsTrueAsync(_ => ReachesAsync(silo), stoppingToken)))).Contains(true);

    private Task<bool> ReachesAsync(SiloAddress silo)
    {
        RequestContext.Set(IPlacementDirector.PlacementHintKey, silo);
        return grains.GetGrain<IStoreReachGrain>(silo.ToParsableString()).ReachesAsync();
    }

    /// <summary>False also when no answer comes in time.</summary>
    private async Task<bool> IsTrueAsync(Func<CancellationToken, Task<bool>> ask, CancellationToken stoppingToken)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stoppingToken);
        try
        {
            return await ask(both.Token).WaitAsync(both.Token);
        }
        catch (Exception)
        {
            return false;
        }
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "This silo has not reached the database for {Seconds} s while another does; it ends so that the others take its accounts over.")]
    private static partial void LogLeaving(ILogger logger, int seconds);
}
