using System.Net.Sockets;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Provider;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Host.Clustering;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage;
using Microsoft.AspNetCore.Connections;

namespace Humanitarian.Host.Serving;

/// <summary>A running ledger: the stores, the silo and the API in this process.</summary>
internal sealed class LedgerServer : IAsyncDisposable
{
    private readonly ILedgerStores stores;
    private readonly WebApplication application;

    private LedgerServer(ILedgerStores stores, WebApplication application, OpenedLedger ledger, Uri url)
    {
        this.stores = stores;
        this.application = application;
        Ledger = ledger;
        Url = url;
    }

    public OpenedLedger Ledger { get; }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Cancelled when it begins to stop, on Ctrl-C or SIGTERM.</summary>
    public CancellationToken Stopping => application.Lifetime.ApplicationStopping;

    /// <summary>Starts a server on stores that become a ledger if they are none yet.</summary>
    /// <param name="firstStart">Told what a first start made as soon as it is durable, with the administrator's API key.</param>
    /// <param name="time">The system's when absent.</param>
    /// <exception cref="StartupFault">It cannot start.</exception>
    public static async Task<LedgerServer> StartAsync(
        Settings settings, IConfiguration configuration, Action<OpenedLedger, string> firstStart, CancellationToken cancellationToken, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var wanted = new Uri(settings.Api.Url);
        await Ports.RequireFreeAsync("Api:Url", wanted, cancellationToken);
        if (settings.Dashboard.Enabled)
        {
            await Ports.RequireFreeAsync("Dashboard:Url", new Uri(settings.Dashboard.Url), cancellationToken);
        }

        var cluster = settings.Cluster.Enabled
            ? await ClusterSilo.OfAsync(settings.Cluster, await LedgerStorage.RunningConnectionAsync(settings.Storage.Postgres, cancellationToken), cancellationToken)
            : null;
        var stores = await LedgerStorage.OpenAsync(settings.Storage, StoreAccess.Serve, cancellationToken);
        WebApplication? application = null;
        try
        {
            await RequireBlocksAsync(stores, settings.Storage, cancellationToken);
            var random = new SystemRandomSource();
            var ledger = await new LedgerSetup(stores.Blocks, new KeyFolder(settings.Keys, random), settings.Ledger, time, random).OpenAsync(cancellationToken);
            var options = ApiOptions.Of(ledger.Keys, settings);
            if (ledger.First is { } first)
            {
                var keys = new ApiKeys(stores.Side, random, time, options);
                var passphrase = settings.SignIn.Provider
                    ? await FirstPassphrase.NewAsync(stores.Side, random, time, options, first.Administrator, first.Operator, cancellationToken)
                    : "";
                ledger = ledger with { First = first with { Passphrase = passphrase } };
                firstStart(ledger, (await keys.CreateAsync(first.Administrator, first.Operator, cancellationToken: cancellationToken)).Secret);
            }

            await RequireSealerAsync(stores, ledger, cancellationToken);
            application = Composition.Build(settings, configuration, wanted, stores, ledger, cluster, await GrainStorageDatabase.OfAsync(settings.Storage, cancellationToken), options, time);
            await application.StartAsync(cancellationToken);
            return new LedgerServer(stores, application, ledger, application.Urls.Select(one => new Uri(one)).First(one => !settings.Dashboard.Enabled || one.Port != new Uri(settings.Dashboard.Url).Port));
        }
        catch (Exception fault)
        {
            if (application is not null)
            {
                await application.DisposeAsync();
            }

            await stores.DisposeAsync();
            throw fault is IOException { InnerException: AddressInUseException or SocketException } ? Ports.InUse("Api:Url", wanted, fault) : fault;
        }
    }

    public Task WaitForStopAsync() => application.WaitForShutdownAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
        await stores.DisposeAsync();
    }

    /// <summary>Projections follow the blocks, so blocks that do not reach up to them have been lost: nothing may be put in their place.</summary>
    private static async Task RequireBlocksAsync(ILedgerStores stores, StorageSettings storage, CancellationToken cancellationToken)
    {
        // In this order: another silo may order and project meanwhile.
        var projected = await stores.Projections.HeightAsync(cancellationToken);
        var head = await stores.Blocks.HeadAsync(cancellationToken);
        if (projected is { } height && !(head?.Height >= height))
        {
            throw new StartupFault(
                StartupCode.DatabaseDamaged,
                $"{LedgerStorage.PlaceOf(storage)} has {(head is { } last ? $"blocks up to height {last.Height}" : "no block")}, its projections know of height {height}: blocks are lost "
                    + $"(setting {LedgerStorage.Setting(storage)}). Restore the newest blocks from a backup; only if there is none newer, run rebuild: the ledger then goes on without them.");
        }
    }

    /// <summary>The key must be that of the newest ledger record, which a change of keys may have replaced since genesis.</summary>
    private static async Task RequireSealerAsync(ILedgerStores stores, OpenedLedger ledger, CancellationToken cancellationToken)
    {
        await ProjectionReplay.AdvanceAsync(stores.Blocks, stores.Projections, ulong.MaxValue, cancellationToken);
        var rows = await stores.Projections.RecordsAsync([((int)RecordKind.Ledger, ledger.Ledger.Id)], cancellationToken);
        if (rows.Value is not [var row] || RecordCodec.Decode(row.Content.Span) is not LedgerRecord current || current.Sealer != ledger.Keys.SealerAddress)
        {
            throw new StartupFault(
                StartupCode.KeyMismatch,
                $"The key of {ledger.Keys.SealerAddress.ToChecksumText()} does not seal this ledger (setting Keys:Folder). Name the folder made with this data folder, or the one of the last change of keys.");
        }
    }
}
