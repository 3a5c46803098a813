using Humanitarian.Chain.Verification;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Hosting;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Blocks;
using Humanitarian.Storage.Projections;
using Humanitarian.Storage.Side;
using Humanitarian.Storage.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Humanitarian.Grains.Tests.Support;

/// <summary>A real silo in this process over SQLite in a temporary folder.</summary>
public sealed class LedgerSilo : IAsyncDisposable
{
    private readonly InProcessTestCluster cluster;

    private LedgerSilo(Founding founding, SqliteLedgerFiles files, InProcessTestCluster cluster, string folder)
    {
        (Founding, Files, this.cluster, Folder) = (founding, files, cluster, folder);
        var services = cluster.Silos[0].ServiceProvider;
        Commands = services.GetRequiredService<LedgerCommands>();
        Reader = services.GetRequiredService<LedgerReader>();
        Services = services;
    }

    public Founding Founding { get; }

    public SqliteLedgerFiles Files { get; }

    public LedgerCommands Commands { get; }

    public LedgerReader Reader { get; }

    public IServiceProvider Services { get; }

    public string Folder { get; }

    public static async Task<LedgerSilo> StartAsync(string? folder = null)
    {
        var fresh = folder is null;
        folder ??= Directory.CreateTempSubdirectory("humanitarian-").FullName;
        var founding = new Founding(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds());
        var files = await SqliteStorage.OpenAsync(folder);
        if (fresh)
        {
            await founding.FoundAsync(files.Blocks);
        }

        var builder = new InProcessTestClusterBuilder(1);
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<IBlockStore>(files.Blocks);
            silo.Services.AddSingleton<IProjectionStore>(files.Projections);
            silo.Services.AddSingleton<ISideStore>(files.Side);
            silo.Services.AddSingleton<IMatchingStore>(files.Matching);
            silo.Services.AddHumanitarianLedger(founding.Identity, founding.Sealer);
        });
        var cluster = builder.Build();
        await cluster.DeployAsync();
        return new LedgerSilo(founding, files, cluster, folder);
    }

    /// <summary>Replays the stored blocks from genesis.</summary>
    public async Task<VerificationReport> VerifyAsync() => await Verifier.VerifyAsync(
        Files.Blocks.ReadAsync(0).Select(block => block.Bytes), new VerificationOptions { ClaimKey = Founding.Identity.ClaimKey });

    /// <summary>Asserts that a command went through.</summary>
    public static CommandResult Done(CommandResult result)
    {
        Assert.True(result.Refusal is null, $"{result.Refusal?.Code}: {result.Refusal?.Message}");
        return result;
    }

    /// <summary>Asserts that a command was refused with a code.</summary>
    public static void Refused(string code, CommandResult result) => Assert.Equal(code, result.Refusal?.Code);

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        await Files.DisposeAsync();
        Directory.Delete(Folder, true);
    }
}
