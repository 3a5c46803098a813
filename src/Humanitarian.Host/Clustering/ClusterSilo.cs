using Humanitarian.Domain;
using Humanitarian.Host.Configuration;
using Orleans.Configuration;
using Orleans.Serialization;

namespace Humanitarian.Host.Clustering;

/// <summary>A silo of a cluster: what the others find it by, how they are let in, and how soon it is given up.</summary>
/// <param name="Connection">Of the database that holds the cluster's membership, as its running role.</param>
internal sealed record ClusterSilo(SiloEndpoints Endpoints, SiloCertificates? Certificates, ProbeSettings Probes, string Connection)
{
    public const string Service = "humanitarian";

    private const string Npgsql = "Npgsql";

    // How far the waiting for a probe may grow under load; a connection that brought something for three times as long counts as alive.
    private const double ProbeGrowth = 1.5;

    /// <exception cref="StartupFault">The address or the certificates will not do.</exception>
    public static async Task<ClusterSilo> OfAsync(ClusterSettings settings, string connection, CancellationToken cancellationToken) => new(
        SiloEndpoints.Of(settings),
        settings.Tls.Mode == ClusterTlsSettings.Network ? null : await SiloCertificates.ReadAsync(settings.Tls, cancellationToken),
        settings.Probes,
        connection);

    /// <summary>Makes the silo a member of the ledger's cluster. No client outside this process has a way in: there is no gateway.</summary>
    public void Configure(ISiloBuilder silo, Id ledger)
    {
        silo.Configure<ClusterOptions>(options => (options.ClusterId, options.ServiceId) = (ledger.ToString(), Service));

        // A fault of the database names its cause. Without this the cause cannot travel, and another silo learns of a missing codec instead.
        silo.Services.Configure<ExceptionSerializationOptions>(options => options.SupportedNamespacePrefixes.Add(Npgsql));
        silo.UseAdoNetClustering(options => (options.Invariant, options.ConnectionString) = (Npgsql, Connection));
        ConfigureTransport(silo);
    }

    internal void ConfigureTransport(ISiloBuilder silo)
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
