using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;
using Humanitarian.Host.Tests.Clustering;
using Humanitarian.Testing.Postgres;

[assembly: AssemblyFixture(typeof(PreparedCluster))]
[assembly: Xunit.v3.Parallelization(Mode = Xunit.Sdk.ParallelMode.None)]

namespace Humanitarian.Cluster.Tests.Support;

/// <summary>A PostgreSQL server with a ledger whose voucher program is set up, by two silos that were stopped: each test gets a copy.</summary>
public sealed class PreparedCluster : IAsyncLifetime
{
    internal const string Role = "ledger_app";

    private static readonly WorldSize Size = new(Shoppers: 300, Awaiting: 1_000, BulkSlices: 6, BulkRows: 600);

    private readonly TemporaryFolder folder = new();
    private int copies;

    internal PostgresServer Server { get; private set; } = null!;

    internal VoucherWorld World { get; private set; } = null!;

    internal CertificateFiles Certificates { get; private set; } = null!;

    internal string Keys => folder.In("keys");

    /// <summary>The database that tests copy.</summary>
    internal string Original { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Certificates = new CertificateFiles(folder.In("certificates"));
        Server = await PostgresServer.StartAsync();
        Original = await Server.CreateDatabaseAsync();
        await Server.SqlAsync($"CREATE ROLE {Role} LOGIN IN ROLE ledger_run, ledger_match");
        await using var cluster = Of(Original, folder.Path, 2);
        cluster.Silos[0].Start();
        await cluster.Silos[0].ReadyAsync();
        cluster.Silos[1].Start();
        await cluster.Silos[1].ReadyAsync();
        World = await WorldSetup.RunAsync(cluster.Silos[1].Url, cluster.Silos[0].Process.Text, Size);
        foreach (var silo in cluster.Silos)
        {
            Assert.Equal(0, await silo.Process.TerminateAsync());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        Certificates?.Dispose();
        folder.Dispose();
    }

    /// <summary>Silos that nobody has started yet, on a copy of the ledger.</summary>
    /// <param name="tablespace">Where the copy lies.</param>
    /// <param name="change">Further settings of every silo.</param>
    internal async Task<ClusterRig> CopyAsync(int silos = 2, string? tablespace = null, Action<System.Text.Json.Nodes.JsonObject>? change = null)
    {
        var name = $"copy_{++copies}";
        await Server.SqlAsync($"CREATE DATABASE {name} TEMPLATE {Original} STRATEGY FILE_COPY{(tablespace is null ? "" : $" TABLESPACE {tablespace}")}");
        return Of(name, Directory.CreateDirectory(folder.In(name)).FullName, silos, change);
    }

    internal ClusterRig Of(string database, string path, int silos, Action<System.Text.Json.Nodes.JsonObject>? change = null) => new(
        this, database, [.. Enumerable.Range(1, silos).Select(number => new SiloProcess(path, number, Server.Connection(database, Role), Keys, Certificates.Silo($"silo-{number}"), change))]);
}
