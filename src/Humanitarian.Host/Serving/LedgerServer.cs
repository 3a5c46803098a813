using System.Net.Sockets;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Canonical;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Host.Verification;
using Humanitarian.Storage.Sqlite;
using Microsoft.AspNetCore.Connections;

namespace Humanitarian.Host.Serving;

/// <summary>A running ledger: the data folder, the silo and the API in this process.</summary>
internal sealed class LedgerServer : IAsyncDisposable
{
    private readonly SqliteLedgerFiles files;
    private readonly WebApplication application;

    private LedgerServer(SqliteLedgerFiles files, WebApplication application, OpenedLedger ledger, Uri url)
    {
        this.files = files;
        this.application = application;
        Ledger = ledger;
        Url = url;
    }

    public OpenedLedger Ledger { get; }

    /// <summary>Where it listens.</summary>
    public Uri Url { get; }

    /// <summary>Cancelled when it begins to stop, on Ctrl-C or SIGTERM.</summary>
    public CancellationToken Stopping => application.Lifetime.ApplicationStopping;

    /// <summary>Starts a server on a data folder, which becomes a ledger if it is none yet.</summary>
    /// <param name="firstStart">Told what a first start made as soon as it is durable, with the administrator's API key.</param>
    /// <exception cref="StartupFault">It cannot start.</exception>
    public static async Task<LedgerServer> StartAsync(
        Settings settings, IConfiguration configuration, Action<OpenedLedger, string> firstStart, CancellationToken cancellationToken)
    {
        var wanted = new Uri(settings.Api.Url);
        await Ports.RequireFreeAsync(wanted, cancellationToken);
        var files = await SqliteStorage.OpenAsync(settings.Storage.DataFolder, cancellationToken: cancellationToken);
        WebApplication? application = null;
        try
        {
            await RequireBlocksAsync(files, cancellationToken);
            var random = new SystemRandomSource();
            var ledger = await new LedgerSetup(files.Blocks, new KeyFolder(settings.Keys, random), settings.Ledger, TimeProvider.System, random).OpenAsync(cancellationToken);
            var options = ApiOptions.Of(ledger.Keys, settings.Storage.DataFolder);
            if (ledger.First is { } first)
            {
                var keys = new ApiKeys(files.Side, random, TimeProvider.System, options);
                firstStart(ledger, (await keys.CreateAsync(first.Administrator, first.Operator, cancellationToken: cancellationToken)).Secret);
            }

            await RequireSealerAsync(files, ledger, cancellationToken);
            application = Composition.Build(settings, configuration, wanted, files, ledger, options);
            await application.StartAsync(cancellationToken);
            return new LedgerServer(files, application, ledger, new Uri(application.Urls.First()));
        }
        catch (Exception fault)
        {
            if (application is not null)
            {
                await application.DisposeAsync();
            }

            await files.DisposeAsync();
            throw fault is IOException { InnerException: AddressInUseException or SocketException } ? Ports.InUse(wanted, fault) : fault;
        }
    }

    public Task WaitForStopAsync() => application.WaitForShutdownAsync(CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
        await files.DisposeAsync();
    }

    /// <summary>Projections follow the blocks, so blocks that do not reach up to them have been lost: nothing may be put in their place.</summary>
    private static async Task RequireBlocksAsync(SqliteLedgerFiles files, CancellationToken cancellationToken)
    {
        var (head, projected) = (await files.Blocks.HeadAsync(cancellationToken), await files.Projections.HeightAsync(cancellationToken));
        if (projected is { } height && !(head?.Height >= height))
        {
            throw new StartupFault(
                StartupCode.DatabaseDamaged,
                $"blocks.db has {(head is { } last ? $"blocks up to height {last.Height}" : "no block")}, projections.db knows of height {height}: blocks are lost "
                    + "(setting Storage:DataFolder). Restore the newest blocks.db from a backup; only if there is none newer, run rebuild: the ledger then goes on without them.");
        }
    }

    /// <summary>The key must be that of the newest ledger record, which a change of keys may have replaced since genesis.</summary>
    private static async Task RequireSealerAsync(SqliteLedgerFiles files, OpenedLedger ledger, CancellationToken cancellationToken)
    {
        await ProjectionReplay.AdvanceAsync(files.Blocks, files.Projections, ulong.MaxValue, cancellationToken);
        var rows = await files.Projections.RecordsAsync([((int)RecordKind.Ledger, ledger.Ledger.Id)], cancellationToken);
        if (rows.Value is not [var row] || RecordCodec.Decode(row.Content.Span) is not LedgerRecord current || current.Sealer != ledger.Keys.SealerAddress)
        {
            throw new StartupFault(
                StartupCode.KeyMismatch,
                $"The key of {ledger.Keys.SealerAddress.ToChecksumText()} does not seal this ledger (setting Keys:Folder). Name the folder made with this data folder, or the one of the last change of keys.");
        }
    }
}
