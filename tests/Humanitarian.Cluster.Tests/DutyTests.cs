using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Cluster.Tests.Support;
using Humanitarian.Crash.Tests.Support;
using Humanitarian.Host.Demo;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Cluster.Tests;

/// <summary>What one silo does for all is done by another when it dies.</summary>
public sealed class DutyTests(PreparedCluster prepared)
{
    private const int More = 20;

    [Fact]
    public async Task Webhooks_go_on_in_order_when_each_silo_in_turn_is_killed()
    {
        // Heights as they came; a place that comes again is an attempt whose answer was lost.
        var heights = new ConcurrentQueue<ulong>();
        await using var receiver = await ReceiverAsync(heights);
        await using var rig = await prepared.CopyAsync(change: settings =>
            settings["Api"]!["Webhooks"] = new JsonObject { ["AllowedNetworks"] = new JsonArray("127.0.0.0/8") });
        await rig.StartAsync(Seed.Choose());
        using (var http = new HttpClient { BaseAddress = rig.Urls[0] })
        {
            var client = new GraphQlClient(http, prepared.World.Domain, TimeProvider.System);
            await client.MutateAsync(
                prepared.World.Cast.Administrator, "createWebhook",
                new JsonObject { ["url"] = receiver.Urls.First(), ["topics"] = new JsonArray(new JsonObject { ["event"] = "BLOCKS" }) }, "webhook { id }", default);
        }

        await MoreAsync();
        foreach (var silo in rig.Silos)
        {
            await silo.Process.KillAsync();
            await MoreAsync();
            silo.Start();
            await silo.ReadyAsync();
            await MoreAsync();
        }

        await rig.EndAsync();
        var first = heights.Distinct().ToArray();
        Assert.Equal(Enumerable.Range(0, first.Length).Select(step => first[0] + (ulong)step), first);

        Task MoreAsync()
        {
            var had = heights.Distinct().Count();
            return rig.UntilAsync(() => Task.FromResult(heights.Distinct().Count() >= had + More), $"{More} more events, after {had}");
        }
    }

    private static async Task<WebApplication> ReceiverAsync(ConcurrentQueue<ulong> heights)
    {
        var application = WebApplication.CreateSlimBuilder();
        application.Logging.ClearProviders();
        var receiver = application.Build();
        receiver.Urls.Add("http://127.0.0.1:0");
        receiver.MapPost("/", async (HttpRequest request) =>
            heights.Enqueue(ulong.Parse((string)(await JsonNode.ParseAsync(request.Body))!["place"]!, CultureInfo.InvariantCulture)));
        await receiver.StartAsync();
        return receiver;
    }
}
