using System.Diagnostics.Metrics;
using Humanitarian.Chain.Crypto;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Due;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Reading;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Grains.Telemetry;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Hosting;

/// <summary>Composition of the room: everything a silo of one ledger needs beside its stores.</summary>
public static class LedgerHosting
{
    /// <summary>How long after its decision a transaction may still be ordered: longer than any healthy queue, shorter than people wait.</summary>
    public static readonly TimeSpan ValidFor = TimeSpan.FromSeconds(20);

    /// <summary>
    /// Adds the ledger to a silo. The stores (<see cref="IBlockStore"/>, <see cref="IProjectionStore"/>, the side and matching stores) are
    /// registered by the caller. Genesis must be in the store.
    /// </summary>
    public static IServiceCollection AddHumanitarianLedger(this IServiceCollection services, LedgerIdentity identity, BlockSealer sealer)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IRandomSource, SystemRandomSource>();
        services.TryAddSingleton(SequencerLimits.Default);
        services.TryAddSingleton(ProjectionLimits.Default);
        services.TryAddSingleton(AdmissionLimits.Default);
        services.AddSingleton(provider => new LedgerTelemetry(provider.GetService<IMeterFactory>()));
        services.AddSingleton(identity);
        services.AddSingleton(sealer);
        services.AddSingleton<LedgerTail>();
        services.AddSingleton<LogFollower>();
        services.AddSingleton<RecordCache>();
        services.AddSingleton<ISequencerGateway, SequencerClient>();
        services.AddSingleton<LedgerReader>();
        services.AddSingleton<AccountGrains>();
        services.AddSingleton<IAskedAccounts, AskedAccountGrains>();
        services.AddSingleton<IPoolAccounts, PoolAccountGrains>();
        services.AddSingleton(provider => new LedgerServices(
            identity, provider.GetRequiredService<LedgerReader>(), provider.GetRequiredService<ISequencerGateway>(),
            provider.GetRequiredService<IAskedAccounts>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IRandomSource>(), ValidFor)
        {
            BulkWaitsFrom = provider.GetRequiredService<ProjectionLimits>().BehindWeight / 2,
        });
        services.AddSingleton(provider => new SequencerServices(
            provider.GetRequiredService<IBlockStore>(), provider.GetRequiredService<IProjectionStore>(), sealer, provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<IRandomSource>(), provider.GetRequiredService<SequencerLimits>(), provider.GetRequiredService<LogFollower>().Offer,
            () => provider.GetRequiredService<LedgerTail>().Weight > provider.GetRequiredService<ProjectionLimits>().BehindWeight, Task.Run, provider.GetRequiredService<ILogger<Sequencer>>())
        {
            Telemetry = provider.GetRequiredService<LedgerTelemetry>(),
        });
        services.AddSingleton<SequencerFactory>();
        services.AddSingleton<LedgerCommands>();
        services.AddSingleton<AdmissionGate>();
        services.AddSingleton<ProjectionWriter>();
        services.AddSingleton<LedgerGauges>();
        services.AddSingleton<Duties>();
        services.AddSingleton<LedgerLifetime>();
        services.AddHostedService(provider => provider.GetRequiredService<LedgerLifetime>());
        return services;
    }
}

/// <summary>
/// Follows the log and writes projections as long as the process runs, and sees to it that the ledger's timer runs on some silo: the
/// one that drove it may be gone.
/// </summary>
public sealed partial class LedgerLifetime(
    LogFollower follower, IProjectionStore projections, ProjectionWriter writer, IGrainFactory grains, LedgerIdentity identity, LedgerReader reader,
    LedgerGauges gauges, TimeProvider time, ILogger<LedgerLifetime> logger)
    : BackgroundService
{
    private static readonly TimeSpan FollowEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StartEvery = TimeSpan.FromSeconds(2);

    /// <summary>True once the ledger has decided and committed: its sequencer has announced its epoch.</summary>
    public bool IsReady { get; private set; }

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        gauges.Register();
        var reached = await projections.HeightAsync(cancellationToken);
        follower.Tail.StartAt(reached is { } height ? height + 1 : 0);
        await follower.FollowToHeadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        writer.RunAsync(stoppingToken),
        RepeatAsync(follower.FollowToHeadAsync, FollowEvery, stoppingToken),
        RepeatAsync(StartAllAsync, StartEvery, stoppingToken));

    private async Task StartAllAsync(CancellationToken cancellationToken)
    {
        if (!IsReady)
        {
            await reader.CurrentAsync(cancellationToken);
        }

        await grains.GetGrain<IDueWorkGrain>(identity.Ledger.ToString()).StartAsync();
        IsReady = true;
    }

    /// <summary>What fails is tried again: the store or the sequencer may be away for a while.</summary>
    private async Task RepeatAsync(Func<CancellationToken, Task> work, TimeSpan every, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await work(stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogFault(logger, fault);
            }

            await Task.Delay(every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The log cannot be followed, or the ledger's timer not started; trying again.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
