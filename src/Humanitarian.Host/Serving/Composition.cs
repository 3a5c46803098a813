using Humanitarian.Api;
using Humanitarian.Chain.Crypto;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Sequencing;
using Humanitarian.Host.Clustering;
using Humanitarian.Host.Configuration;
using Humanitarian.Host.Setup;
using Humanitarian.Storage;

namespace Humanitarian.Host.Serving;

/// <summary>Puts the rooms together in one process.</summary>
internal static class Composition
{
    private static readonly TimeSpan StopsWithin = TimeSpan.FromSeconds(30);

    public static WebApplication Build(Settings settings, IConfiguration configuration, Uri url, ILedgerStores stores, OpenedLedger ledger, ClusterSilo? cluster, GrainStorageDatabase grainStorage, HumanitarianApiOptions options,
        TimeProvider time)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddConfiguration(configuration.GetSection("Logging")).AddOneLineJson();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopsWithin);
        builder.WebHost.UseKestrelCore().UseUrls(settings.Dashboard.Enabled ? [url.ToString(), settings.Dashboard.Url] : [url.ToString()]).ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRoutingCore();
        builder.AddTelemetry(settings.Telemetry, ledger.Ledger.Id.ToString());

        builder.Services.AddSingleton(time);
        builder.Services.AddSingleton<IRandomSource, SystemRandomSource>();
        builder.Services.AddSingleton(stores.Blocks);
        builder.Services.AddSingleton(stores.Projections);
        builder.Services.AddSingleton(stores.Side);
        builder.Services.AddSingleton(stores.Matching);
        builder.Services.AddSingleton(options);

        builder.UseOrleans(silo =>
        {
            silo.AddActivityPropagation();
            silo.AddDashboard(settings.Dashboard);
            silo.AddGrainStorage(grainStorage);
            if (cluster is not null)
            {
                cluster.Configure(silo, ledger.Ledger.Id);
                return;
            }

            // One silo, reached by nobody but this process: its ports are free ones of the loopback interface, and it has no gateway.
            silo.UseLocalhostClustering(Ports.Free(), gatewayPort: 0, serviceId: ClusterSilo.Service, clusterId: ledger.Ledger.Id.ToString());
        });
        builder.Services.AddHumanitarianLedger(new LedgerIdentity(ledger.Ledger.Id, ledger.Keys.Claim), new BlockSealer(ledger.Keys.Sealer));
        builder.Services.AddHumanitarianApi();
        builder.Services.AddHumanitarianApiDuties();
        if (cluster is not null)
        {
            builder.Services.AddHostedService<IsolationWatch>();
        }

        var application = builder.Build();
        UseSecurity(application, settings.Dashboard);
        application.UseRouting();
        application.UseDashboard(settings.Dashboard);
        application.MapHumanitarianApi();
        Health.Map(application);
        return application;
    }

    /// <summary>The dashboard's pages run scripts, which the API's headers forbid, and have a port of their own.</summary>
    private static void UseSecurity(WebApplication application, DashboardSettings dashboard)
    {
        if (!dashboard.Enabled)
        {
            application.UseHumanitarianSecurity();
            return;
        }

        var port = new Uri(dashboard.Url).Port;
        application.UseWhen(http => http.Connection.LocalPort != port, branch => branch.UseHumanitarianSecurity());
    }
}
