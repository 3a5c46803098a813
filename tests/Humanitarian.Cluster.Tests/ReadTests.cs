using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;
using Humanitarian.Host.Demo;

namespace Humanitarian.Cluster.Tests;

/// <summary>What one silo has acknowledged, the other shows at once.</summary>
public sealed class ReadTests(PreparedCluster prepared)
{
    private const int Readers = 4;
    private const int Purchases = 30;
    private const string Query = "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }";

    [Fact]
    public async Task Balance_read_on_the_other_silo_shows_what_was_just_acknowledged()
    {
        await using var rig = await prepared.CopyAsync();
        await rig.StartAsync(Seed.Choose(), reserved: Readers);
        await Task.WhenAll(Enumerable.Range(1, Readers).Select(reader => ShopAsync(rig, prepared.World.Shoppers.Count - reader)));
        await rig.EndAsync();
    }

    private async Task ShopAsync(ClusterRig rig, int shopper)
    {
        var clients = rig.Urls.Select(url => new HttpClient { BaseAddress = url }).ToArray();
        var expected = prepared.World.Shoppers[shopper].AmountMinor;
        for (var purchase = 0; purchase < Purchases; purchase++)
        {
            await rig.Load.RedeemOnceAsync(rig.Urls[purchase % 2], shopper);
            Assert.Equal(--expected, await BalanceAsync(clients[(purchase + 1) % 2], shopper));
        }

        Array.ForEach(clients, client => client.Dispose());
    }

    private async Task<long> BalanceAsync(HttpClient http, int shopper)
    {
        var client = new GraphQlClient(http, prepared.World.Domain, TimeProvider.System);
        var account = await client.QueryAsync(prepared.World.Cast.Registrar, Query, new JsonObject { ["id"] = prepared.World.Shoppers[shopper].AccountId }, default);
        return ((JsonArray)account!["balances"]!).Sum(balance => long.Parse((string)balance!["available"]!["amountMinor"]!, CultureInfo.InvariantCulture));
    }
}
