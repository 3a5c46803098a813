using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Grains.Tests;

/// <summary>Ids that anybody can make up.</summary>
public sealed class UnknownIdTests
{
    [Fact]
    public async Task A_disbursement_that_does_not_exist_takes_no_memory()
    {
        await using var silo = await LedgerSilo.StartAsync();
        var grains = silo.Services.GetRequiredService<IGrainFactory>();
        var ids = Enumerable.Range(0, 20).Select(n => Founding.IdOf($"made up {n}")).ToArray();
        foreach (var id in ids)
        {
            Assert.Null(await silo.Commands.DisbursementAsync(id));
        }

        var known = ids.Select(id => grains.GetGrain<IDisbursementGrain>(id.ToString()).GetGrainId()).ToHashSet();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await grains.GetGrain<IManagementGrain>(0).GetActiveGrains(known.First().Type)).Any(known.Contains))
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }
}
