using Humanitarian.Host.Configuration;
using Orleans.Configuration;

namespace Humanitarian.Host.Clustering;

/// <summary>A silo of a cluster: what the others find it by, how they are let in, and how soon it is given up.</summary>
internal sealed record ClusterSilo(SiloEndpoints Endpoints, SiloCertificates? Certificates, ProbeSettings Probes)
{
    public const string Service = "humanitarian";

    // How far the waiting for a probe may grow under load; a connection that brought something for three times as long counts as alive.
    private const double ProbeGrowth = 1.5;

    /// <exception cref="StartupFault">The address or the certificates will not do.</exception>
    public static async Task<ClusterSilo> OfAsync(ClusterSettings settings, CancellationToken cancellationToken) => new(
        SiloEndpoints.Of(settings),
        settings.Tls.Mode == ClusterTlsSettings.Network ? null : await SiloCertificates.ReadAsync(settings.Tls, cancellationToken),
        settings.Probes);

    /// <summary>Makes the silo a member of the ledger's cluster. No client outside this process has a way in: there is no gateway.</summary>
    public void Configure(ISiloBuilder silo)
    {
        silo.Configure<EndpointOptions>(options =>
        {
            options.AdvertisedIPAddress = Endpoints.Reached.Address;
            options.SiloPort = Endpoints.Reached.Port;
            options.SiloListeningEndpoint = Endpoints.Listening;
            options.GatewayPort = 0;
        });
        silo.Configure<ClusterMembershipOptions>(options =>
        {
            options.ProbeTimeout = Probes.Timeout;
            options.MinProbeTimeout = Probes.Timeout;
            options.MaxProbeTimeout = Probes.Timeout * ProbeGrowth;
            options.NumMissedProbesLimit = Probes.Missed;
            options.TableRefreshTimeout = Probes.Timeout * 10;
            options.IAmAliveTablePublishTimeout = Probes.Timeout * 5;
        });
        if (Certificates is { } certificates)
        {
            silo.Services.AddSingleton(certificates);
            silo.Services.AddSingleton<SiloTls>();
            silo.Services.AddOptions<SiloConnectionOptions>().Configure<SiloTls>((options, tls) => tls.Use(options));
        }
    }
}
