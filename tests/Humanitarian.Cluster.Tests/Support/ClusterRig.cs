using System.Diagnostics;
using Humanitarian.Crash.Tests.Support;
using Humanitarian.Storage;
using Humanitarian.Storage.Postgres;

namespace Humanitarian.Cluster.Tests.Support;

/// <summary>A cluster on a database of its own, its clients, and what must hold of it in the end.</summary>
internal sealed class ClusterRig(PreparedCluster prepared, string database, SiloProcess[] silos) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // A folder for what the silos of the last rig wrote, where somebody wants to read it.
    private static readonly string? Logs = Environment.GetEnvironmentVariable("HUMANITARIAN_SILO_LOGS");

    private ChainContent before = null!;
    private Task loading = Task.CompletedTask;

    public SiloProcess[] Silos => silos;

    public string Database => database;

    public IReadOnlyList<Uri> Urls { get; } = [.. silos.Select(silo => silo.Url)];

    public Load Load { get; private set; } = null!;

    /// <summary>The silo that orders now.</summary>
    public SiloProcess Sequencing => silos.Where(silo => silo.OrdersSince is not null).MaxBy(silo => silo.OrdersSince)!;

    /// <summary>The first one that does not order now.</summary>
    public SiloProcess Other => silos.First(silo => silo != Sequencing);

    /// <summary>Starts every silo, and clients that go on until <see cref="EndAsync"/>.</summary>
    /// <param name="reserved">So many of the last shoppers are left to the test.</param>
    public async Task StartAsync(int seed, int reserved = 0)
    {
        before = await ContentAsync();
        Array.ForEach(silos, silo => silo.Start());
        foreach (var silo in silos)
        {
            await silo.ReadyAsync();
        }

        Load = new Load(prepared.World, seed, "cluster", reserved);
        loading = Load.RunAsync(Urls);
        await AnsweredAsync();
    }

    /// <summary>Returns once so many more commands are answered.</summary>
    public async Task AnsweredAsync(int count = 100)
    {
        var issued = Load.Answers;
        await UntilAsync(() => Task.FromResult(Load.Answers >= issued + count), $"{count} more answers");
    }

    /// <summary>Starts whatever silo has ended, as a supervisor would, and returns once every one is a ready member.</summary>
    public Task MendAsync() => UntilAsync(
        async () =>
        {
            Array.ForEach(Array.FindAll(silos, silo => silo.Process.HasEnded), silo => silo.Start());
            return await ActiveAsync() == silos.Length && (await Task.WhenAll(silos.Select(silo => silo.IsReadyAsync()))).All(ready => ready);
        },
        "silos that are ready members");

    /// <summary>Waits for a condition; the test fails when it does not come true.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, string what, TimeSpan? within = null)
    {
        var began = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(
                Load?.Faults.Count is null or 0 && Stopwatch.GetElapsedTime(began) < (within ?? Patience),
                $"Waited in vain for {what}. Faults: {string.Join("; ", (Load?.Faults ?? []).Take(5))}; asked again: {string.Join(", ", Load?.AskedAgain ?? new Dictionary<string, int>())}\n{string.Join("\n\n", silos.Select(silo => Tail(silo.Process.Text)))}");
            await Task.Delay(Poll);
        }
    }

    /// <summary>Ends the load and requires: acknowledged once, unknowns resolve, one chain, money counted, the program's own verification.</summary>
    public async Task EndAsync()
    {
        Load.End();
        await loading.WaitAsync(Patience);
        Assert.Empty(Load.Faults);
        await Reconciliation.RunAsync(Urls, prepared.World, Load.Issued);
        foreach (var url in Urls)
        {
            await LedgerChecks.CountMoneyAsync(url, prepared.World, Load);
        }

        foreach (var silo in silos)
        {
            Assert.Equal(0, await silo.Process.TerminateAsync());
        }

        (await ContentAsync()).RequireOnce(before, Load);
        var (code, text) = await ServerProcess.RunAsync("verify", "--config", silos[0].SettingsFile, "--claim-key", Path.Combine(prepared.Keys, "claim.key"));
        Assert.True(code == 0, text);
    }

    /// <summary>What stands on the chain, read beside the silos.</summary>
    public async Task<ChainContent> ContentAsync()
    {
        await using var stores = await PostgresStorage.OpenAsync(prepared.Server.Connection(database), null, StoreAccess.Read);
        return await ChainContent.ReadAsync(stores.Blocks);
    }

    /// <summary>Members of the cluster that are active, as the table has them.</summary>
    public async Task<int> ActiveAsync() =>
        int.Parse((await prepared.Server.RowsAsync("SELECT count(*) FROM OrleansMembershipTable WHERE Status = 3", database))[0], System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        Load?.End();
        foreach (var silo in silos)
        {
            if (Logs is not null && silo.Process is not null)
            {
                await File.WriteAllTextAsync(Path.Combine(Logs, Path.GetFileName(silo.SettingsFile) + ".log"), silo.Process.Text);
            }

            await silo.DisposeAsync();
        }

        await loading.WaitAsync(Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static string Tail(string text) => text[Math.Max(0, text.Length - 3_000)..];
}
