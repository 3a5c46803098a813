using Humanitarian.Chain.Verification;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Log;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage;
using Humanitarian.Testing.Postgres;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>A silo of a ledger in this process, put together as the server does.</summary>
internal sealed class RunningLedger : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private readonly ILedgerStores stores;
    private readonly LedgerKeys keys;

    private RunningLedger(IHost host, ILedgerStores stores, LedgerKeys keys)
    {
        (Host, this.stores, this.keys) = (host, stores, keys);
        Levels = new LedgerLevels(Follower, Projections);
    }

    public IHost Host { get; }

    public LedgerKeys Keys => keys;

    public LedgerCommands Commands => Host.Services.GetRequiredService<LedgerCommands>();

    public LedgerReader Reader => Host.Services.GetRequiredService<LedgerReader>();

    public IGrainFactory Grains => Host.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Depths of queues and lag, as the ledger's own telemetry tells them.</summary>
    public LedgerLevels Levels { get; }

    private LogFollower Follower => Host.Services.GetRequiredService<LogFollower>();

    private ProjectionWriter Projections => Host.Services.GetRequiredService<ProjectionWriter>();

    public static async Task<RunningLedger> StartAsync(ILedgerStores stores, LedgerKeys keys, CancellationToken cancellationToken)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddConsole().SetMinimumLevel(LogLevel.Error);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
        Configure(builder, stores, keys);
        var host = builder.Build();
        await host.StartAsync(cancellationToken);
        return await ReadyAsync(host, stores, keys, cancellationToken);
    }

    /// <summary>Adds the silo and the ledger to a host.</summary>
    public static void Configure(IHostApplicationBuilder builder, ILedgerStores stores, LedgerKeys keys)
    {
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort.Take(), gatewayPort: 0, serviceId: "load", clusterId: keys.Identity.Ledger.ToString()));
        builder.Services.AddSingleton(stores.Blocks);
        builder.Services.AddSingleton(stores.Projections);
        builder.Services.AddSingleton(stores.Side);
        builder.Services.AddSingleton(stores.Matching);
        builder.Services.AddHumanitarianLedger(keys.Identity, keys.Sealer);
    }

    /// <summary>Waits until a started host has decided and committed.</summary>
    public static async Task<RunningLedger> ReadyAsync(IHost host, ILedgerStores stores, LedgerKeys keys, CancellationToken cancellationToken)
    {
        var lifetime = host.Services.GetRequiredService<LedgerLifetime>();
        using var tick = new PeriodicTimer(Poll);
        while (!lifetime.IsReady)
        {
            await tick.WaitForNextTickAsync(cancellationToken);
        }

        return new RunningLedger(host, stores, keys);
    }

    /// <summary>Returns when the projections have reached the head.</summary>
    /// <exception cref="TimeoutException">They do not move on.</exception>
    public async Task CatchUpAsync()
    {
        using var tick = new PeriodicTimer(Poll);
        var head = (await stores.Blocks.HeadAsync())!.Value.Height;
        var (reached, moved) = (await stores.Projections.HeightAsync(), TimeProvider.System.GetTimestamp());
        while (!(reached >= head))
        {
            await tick.WaitForNextTickAsync();
            if (await stores.Projections.HeightAsync() is var height && height != reached)
            {
                (reached, moved) = (height, TimeProvider.System.GetTimestamp());
            }
            else if (TimeProvider.System.GetElapsedTime(moved) > Engine.LoadGenerator.Patience)
            {
                throw new TimeoutException($"The projections stand at block {reached} of {head}.");
            }
        }
    }

    public Task<VerificationReport> VerifyAsync() => VerifyAsync(stores, keys);

    /// <summary>Verifies a chain from genesis, with the claim key, as an auditor who was given it would.</summary>
    public static async Task<VerificationReport> VerifyAsync(ILedgerStores stores, LedgerKeys keys) => await Verifier.VerifyAsync(
        stores.Blocks.ReadAsync(0).Select(block => block.Bytes), new VerificationOptions { ClaimKey = keys.Identity.ClaimKey });

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        await ((IAsyncDisposable)Host).DisposeAsync();
    }
}
