using Humanitarian.LoadTests.Engine;
using Humanitarian.LoadTests.Ledgers;

namespace Humanitarian.LoadTests.Baselines;

/// <summary>A grain that does nothing.</summary>
[Alias("INoopGrain")]
internal interface INoopGrain : IGrainWithStringKey
{
    [Alias("Noop")]
    Task NoopAsync();
}

/// <summary>Does nothing.</summary>
internal sealed class NoopGrain : Grain, INoopGrain
{
    public Task NoopAsync() => Task.CompletedTask;
}

/// <summary>Calls of grains that do nothing, in the same silo as the ledger: what Orleans itself allows.</summary>
internal static class GrainsBaseline
{
    private const int Together = 1_000;

    public static Scenario Scenario { get; } = new(
        "baseline-grains", "No-op calls to as many grains as there are accounts, in the ledger's own silo.", "The actor system's ceiling on this machine.", InitAsync) { Always = [("store", "sqlite"), ("target", "inproc")] };

    private static async Task<Prepared> InitAsync(RunSettings settings, Action<string> status, CancellationToken cancellationToken)
    {
        var store = await StoreUnderTest.CreateAsync(settings with { Store = "sqlite" }, cancellationToken);
        var keys = new LedgerKeys();
        var ledger = await store.OrDisposeAsync(async () =>
        {
            await Exchange.BuildAsync(new ChainForge(keys, store.Stores, TimeProvider.System), 0, 0, 1, status);
            return await RunningLedger.StartAsync(store.Stores, keys, cancellationToken);
        });
        status("activating grains");
        var grains = Enumerable.Range(0, settings.Accounts).Select(number => ledger.Grains.GetGrain<INoopGrain>(Names.Account(number).ToString())).ToArray();
        foreach (var some in grains.Chunk(Together))
        {
            await Task.WhenAll(some.Select(grain => grain.NoopAsync()));
        }

        var feed = Feeds.Uniform(settings.Accounts, (ulong)settings.Seed);
        return new Prepared
        {
            Request = async number =>
            {
                await grains[feed(number)].NoopAsync();
                return Response.Ok;
            },
            Simulations = [LoadSimulation.KeepConstant(settings.InFlight, settings.Duration)],
            CleanAsync = async () =>
            {
                await ledger.DisposeAsync();
                await store.DisposeAsync();
            },
        };
    }
}
