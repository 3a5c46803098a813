using Humanitarian.Api;
using Humanitarian.Chain.Crypto;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;
using Humanitarian.Storage.Sqlite;

namespace Humanitarian.Host.Serving;

/// <summary>Puts the rooms together in one process.</summary>
internal static class Composition
{
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(30);

    public static WebApplication Build(Settings settings, IConfiguration configuration, Uri url, SqliteLedgerFiles files, OpenedLedger ledger, HumanitarianApiOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddConfiguration(configuration.GetSection("Logging")).AddOneLineJson();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopsWithin);
        builder.WebHost.UseKestrelCore().UseUrls(url.ToString()).ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
        });
        builder.Services.AddRoutingCore();
        builder.AddTelemetry(settings.Telemetry, ledger.Ledger.Id.ToString());

        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<IRandomSource, SystemRandomSource>();
        builder.Services.AddSingleton<IBlockStore>(files.Blocks);
        builder.Services.AddSingleton<IProjectionStore>(files.Projections);
        builder.Services.AddSingleton<ISideStore>(files.Side);
        builder.Services.AddSingleton<IMatchingStore>(files.Matching);
        builder.Services.AddSingleton(options);

        // One silo, reached by nobody but this process: its ports are free ones of the loopback interface, and it has no gateway.
        builder.UseOrleans(silo => silo.AddActivityPropagation().UseLocalhostClustering(Ports.Free(), gatewayPort: 0, serviceId: "humanitarian", clusterId: ledger.Ledger.Id.ToString()));
        builder.Services.AddHumanitarianLedger(new LedgerIdentity(ledger.Ledger.Id, ledger.Keys.Claim), new BlockSealer(ledger.Keys.Sealer));
        builder.Services.AddHumanitarianApi();

        var application = builder.Build();
        application.UseRouting();
        application.MapHumanitarianApi();
        Health.Map(application);
        return application;
    }
}
