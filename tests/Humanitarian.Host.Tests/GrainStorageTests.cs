using Humanitarian.Host.Configuration;
using Humanitarian.Host.Serving;
using Humanitarian.Host.Setup;
using Humanitarian.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Storage;

namespace Humanitarian.Host.Tests;

/// <summary>Orleans' grain storage on tables that our migrations make, in either store.</summary>
public class GrainStorageTests(PostgresMachine machine) : IClassFixture<PostgresMachine>
{
    private const string Kind = "state";
    private static readonly GrainId Grain = GrainId.Create("test", "one");

    [Fact]
    public async Task State_in_a_data_folder_is_kept_and_only_its_newest_version_is_overwritten()
    {
        using var folder = new TemporaryFolder();
        await using (await SqliteStorage.OpenAsync(folder["data"]))
        {
            // Opening migrates.
        }

        await KeepsAsync(new StorageSettings { DataFolder = folder["data"] });
    }

    [Fact]
    public async Task State_in_a_database_is_kept_and_only_its_newest_version_is_overwritten()
    {
        var database = await machine.Server.CreateDatabaseAsync();
        await machine.Server.SqlAsync("CREATE ROLE keeper LOGIN IN ROLE ledger_run");
        await KeepsAsync(new StorageSettings
        {
            Provider = StorageSettings.OfPostgres, Postgres = new PostgresSettings { Connection = machine.Server.Connection(database, "keeper") },
        });
    }

    private static async Task KeepsAsync(StorageSettings settings)
    {
        var database = await GrainStorageDatabase.OfAsync(settings, default);
        await WithAsync(database, async storage =>
        {
            var (first, second) = (new GrainState<List<string>>([]), new GrainState<List<string>>([]));
            await storage.ReadStateAsync(Kind, Grain, first);
            Assert.False(first.RecordExists);
            await storage.ReadStateAsync(Kind, Grain, second);
            first.State = ["first é"];
            await storage.WriteStateAsync(Kind, Grain, first);

            second.State = ["late"];
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Kind, Grain, second));
            await storage.ReadStateAsync(Kind, Grain, second);
            Assert.Equal(("first é", first.ETag), (Assert.Single(second.State!), second.ETag));

            second.State = ["second"];
            await storage.WriteStateAsync(Kind, Grain, second);
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.WriteStateAsync(Kind, Grain, first));
            await Assert.ThrowsAsync<InconsistentStateException>(() => storage.ClearStateAsync(Kind, Grain, first));
        });
        await WithAsync(database, async storage =>
        {
            var kept = new GrainState<List<string>>([]);
            await storage.ReadStateAsync(Kind, Grain, kept);
            Assert.Equal("second", Assert.Single(kept.State!));
            await storage.ClearStateAsync(Kind, Grain, kept);
            var cleared = new GrainState<List<string>>([]);
            await storage.ReadStateAsync(Kind, Grain, cleared);
            Assert.False(cleared.RecordExists);
        });
    }

    private static async Task WithAsync(GrainStorageDatabase database, Func<IGrainStorage, Task> work)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromMinutes(3));
        builder.UseOrleans(silo =>
        {
            silo.UseLocalhostClustering(Ports.Free(), gatewayPort: 0);
            silo.AddGrainStorage(database);
        });
        using var host = builder.Build();
        await host.StartAsync();
        await work(host.Services.GetRequiredService<IGrainStorage>());
        await host.StopAsync();
    }
}
