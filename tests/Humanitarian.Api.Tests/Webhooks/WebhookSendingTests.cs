using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.Outgoing;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Api.Webhooks;
using Humanitarian.Grains.Due;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Webhooks;

/// <summary>What a receiver gets, whatever it answers and whatever becomes of the server.</summary>
public sealed class WebhookSendingTests(ApiServer api)
{
    [Fact]
    public async Task Every_entry_arrives_signed_and_in_order()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook entries", receiver);
        for (var amount = 1; amount <= 5; amount++)
        {
            await hooked.ReceiveAsync(amount);
        }

        var got = await receiver.NextAsync(5);
        Assert.Equal(Enumerable.Range(0, 5).Select(index => got[0].Place + (ulong)index), got.Select(one => one.Place));
        Assert.Equal(["1", "2", "3", "4", "5"], got.Select(one => one.Json.GetProperty("data").GetProperty("entries")[0].GetProperty("available").GetProperty("amountMinor").GetString()));
        Assert.All(got, one =>
        {
            Assert.True(one.IsSignedBy(hooked.Secret));
            Assert.Equal(("account.entries", hooked.Pool), (one.Type, one.Json.GetProperty("subjectId").GetString()));
            Assert.True(DateTimeOffset.TryParse(one.Json.GetProperty("timestamp").GetString(), CultureInfo.InvariantCulture, out _));
            Assert.InRange(long.Parse(one.Timestamp, CultureInfo.InvariantCulture), 1_700_000_000, long.MaxValue);
        });
        Assert.Equal(5, got.Select(one => one.Id).Distinct().Count());
    }

    [Fact]
    public async Task Receiver_that_fails_is_asked_again_with_the_same_message_before_the_next()
    {
        await using var receiver = await Receiver.StartAsync();
        var attempts = 0;
        receiver.Answer = (_, _) => Interlocked.Increment(ref attempts) <= 3 ? StatusCodes.Status500InternalServerError : StatusCodes.Status204NoContent;
        var hooked = await Hooked.MakeAsync(api, "hook retry", receiver);
        await hooked.ReceiveAsync(1);
        await hooked.ReceiveAsync(2);
        var got = await receiver.NextAsync(5);
        Assert.Single(got.Take(4).Select(one => (one.Id, one.Body)).Distinct());
        Assert.Equal(got[0].Place + 1, got[4].Place);

        var deliveries = await DeliveriesAsync(hooked, 5);
        Assert.Equal([true, true, false, false, false], deliveries.Select(one => one.GetProperty("delivered").GetBoolean()));
        Assert.Equal([204, 204, 500, 500, 500], deliveries.Select(one => one.GetProperty("status").GetInt32()));
    }

    [Fact]
    public async Task Redirect_is_a_failure_and_is_not_followed()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var elsewhere = await Receiver.StartAsync();
        receiver.Answer = (_, response) =>
        {
            response.Headers.Location = elsewhere.Url;
            return StatusCodes.Status307TemporaryRedirect;
        };
        var hooked = await Hooked.MakeAsync(api, "hook redirect", receiver);
        await hooked.ReceiveAsync(1);
        await receiver.NextAsync(3);
        Assert.True(elsewhere.IsEmpty);
    }

    [Fact]
    public async Task Rotated_secret_signs_beside_the_old_one_while_that_is_valid()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook rotation", receiver);
        var input = hooked.Aid.Cast.Input(("webhookId", hooked.Id), ("oldValidSeconds", 600));
        var rotated = await hooked.Aid.Cast.DoneAsync(hooked.Aid.Administrator, "rotateWebhookSecret", input, $"secret {Hooked.Fields}");
        var second = rotated.GetProperty("secret").GetString()!;
        Assert.NotEqual(hooked.Secret, second);
        Assert.Equal(JsonValueKind.String, rotated.GetProperty("webhook").GetProperty("oldSecretUntil").ValueKind);

        await hooked.ReceiveAsync(1);
        var one = await receiver.NextAsync();
        Assert.True(one.IsSignedBy(hooked.Secret) && one.IsSignedBy(second));

        // The same call again tells the same secret and makes none.
        var again = await hooked.Aid.Cast.DoneAsync(hooked.Aid.Administrator, "rotateWebhookSecret", input, $"secret {Hooked.Fields}");
        Assert.Equal((second, true), (again.GetProperty("secret").GetString(), again.GetProperty("replayed").GetBoolean()));

        var third = (await hooked.ChangeAsync("rotateWebhookSecret", "secret", ("oldValidSeconds", 0))).GetProperty("secret").GetString()!;
        await hooked.ChangeAsync("testWebhook", "delivery { delivered }");
        var test = await receiver.NextAsync();
        Assert.Equal(("webhook.test", true, false, false), (test.Type, test.IsSignedBy(third), test.IsSignedBy(second), test.IsSignedBy(hooked.Secret)));
    }

    [Fact]
    public async Task Replay_sends_again_what_came_after_a_place_with_the_same_ids()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook replay", receiver);
        await hooked.ReceiveAsync(1);
        await hooked.ReceiveAsync(2);
        await hooked.ReceiveAsync(3);
        var first = await receiver.NextAsync(3);
        await hooked.ChangeAsync("replayWebhook", "replayed", ("event", "ACCOUNT_ENTRIES"), ("subjectId", hooked.Pool), ("after", Cast.Text((long)first[0].Place)));
        var again = await receiver.NextAsync(2);
        Assert.Equal(first.Skip(1).Select(one => (one.Id, one.Body)), again.Select(one => (one.Id, one.Body)));

        await hooked.ReceiveAsync(4);
        Assert.Equal(first[2].Place + 1, (await receiver.NextAsync()).Place);
    }

    [Fact]
    public async Task Receiver_that_is_gone_is_told_nothing_more_until_it_is_enabled()
    {
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, _) => StatusCodes.Status410Gone;
        var hooked = await Hooked.MakeAsync(api, "hook gone", receiver);
        await hooked.ReceiveAsync(1);
        var first = await receiver.NextAsync();
        Assert.Equal("GONE", await hooked.DisabledAsync());
        Assert.Equal("GONE", (await hooked.WebhookAsync()).GetProperty("disabledReason").GetString());
        await hooked.ReceiveAsync(2);

        receiver.Answer = (_, _) => StatusCodes.Status200OK;
        await hooked.ChangeAsync("updateWebhook", Hooked.Fields, ("enabled", true));
        var got = await receiver.NextAsync(2);
        Assert.Equal([first.Place, first.Place + 1], got.Select(one => one.Place));
    }

    [Fact]
    public async Task Other_subscriptions_are_carried_too()
    {
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(api, "hook kinds", receiver);
        await hooked.ChangeAsync("updateWebhook", Hooked.Fields, ("topics", new object[]
        {
            new { @event = "BLOCKS", after = "0" }, new { @event = "PROGRAM_TOTALS", subjectId = Aid.Text(hooked.Aid.Program), after = "0" },
        }));
        var kinds = new Dictionary<string, Received>();
        while (kinds.Count < 2)
        {
            var one = await receiver.NextAsync();
            kinds.TryAdd(one.Type, one);
        }

        Assert.Equal("1", kinds["block.sealed"].Json.GetProperty("data").GetProperty("height").GetString());
        Assert.Equal("500000", kinds["program.totals"].Json.GetProperty("data").GetProperty("available").GetProperty("amountMinor").GetString());
    }

    [Fact]
    public async Task Restarted_server_goes_on_where_it_stood()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        await using var receiver = await Receiver.StartAsync();
        var hooked = await Hooked.MakeAsync(own, "hook restart", receiver);
        await hooked.ReceiveAsync(1);
        var first = await receiver.NextAsync();
        receiver.Answer = (_, _) => StatusCodes.Status503ServiceUnavailable;
        await hooked.ReceiveAsync(2);
        await hooked.ReceiveAsync(3);
        var refused = await receiver.NextAsync();
        await own.RestartAsync(() =>
        {
            receiver.Answer = (_, _) => StatusCodes.Status200OK;
            return Task.CompletedTask;
        });
        var seen = new List<Received> { refused };
        while (seen[^1].Place < first.Place + 2)
        {
            seen.Add(await receiver.NextAsync());
        }

        Assert.Equal([first.Place + 1, first.Place + 2], seen.Select(one => one.Place).Distinct());
        Assert.All(seen.Where(one => one.Place == refused.Place), one => Assert.Equal((refused.Id, refused.Body), (one.Id, one.Body)));
    }

    [Fact]
    public async Task Receiver_that_fails_for_long_is_given_up_with_an_alert()
    {
        await using var own = new ApiServer { Webhooks = new WebhookOptions
        {
            Outgoing = new OutgoingRules { AllowedNetworks = [System.Net.IPNetwork.Parse("127.0.0.0/8")], Timeout = TimeSpan.FromSeconds(30) },
            FirstRetry = TimeSpan.FromMilliseconds(20), LastRetry = TimeSpan.FromMilliseconds(50), Every = TimeSpan.FromMilliseconds(100), DisableAfter = TimeSpan.FromSeconds(1),
        } };
        await own.InitializeAsync();
        await using var receiver = await Receiver.StartAsync();
        receiver.Answer = (_, _) => StatusCodes.Status502BadGateway;
        var hooked = await Hooked.MakeAsync(own, "hook failing", receiver);
        await hooked.ReceiveAsync(1);
        await receiver.NextAsync(2);
        Assert.Equal("FAILING", await hooked.DisabledAsync());
        Assert.Equal("FAILING", (await hooked.WebhookAsync()).GetProperty("disabledReason").GetString());
    }

    [Fact]
    public async Task Duty_is_one_silos_until_it_leaves()
    {
        var duty = api.Services.GetRequiredService<IGrainFactory>().GetGrain<IDutyGrain>("webhook tests");
        Assert.True(await duty.HoldAsync("a"));
        Assert.False(await duty.HoldAsync("b"));
        Assert.True(await duty.HoldAsync("a"));
        await duty.LeaveAsync("b");
        Assert.False(await duty.HoldAsync("b"));
        await duty.LeaveAsync("a");
        Assert.True(await duty.HoldAsync("b"));
    }

    /// <summary>The last attempts, once there are so many.</summary>
    private async Task<JsonElement[]> DeliveriesAsync(Hooked hooked, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            var found = (await api.QueryAsync(
                hooked.Aid.Administrator.Key, "query($id: Id!) { webhookDeliveries(webhookId: $id, first: 100) { messageId event place delivered status problem } }", new { id = hooked.Id }))
                .GetProperty("webhookDeliveries").EnumerateArray().ToArray();
            if (found.Length >= count)
            {
                return found;
            }
        }

        throw new InvalidOperationException();
    }
}
