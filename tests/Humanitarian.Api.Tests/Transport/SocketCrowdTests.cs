using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using LiveOptions = Humanitarian.Api.Transport.LiveOptions;

namespace Humanitarian.Api.Tests.Transport;

/// <summary>What WebSockets that have not said who they are take from others.</summary>
public sealed class SocketCrowdTests(ApiServer api)
{
    [Fact]
    public async Task Address_whose_sockets_do_not_say_who_they_are_gets_no_more_and_acknowledged_ones_do_not_count()
    {
        await using var front = await StartAsync(new LiveOptions { UnknownOfAddress = 2, InitTimeout = TimeSpan.FromMinutes(1) });
        using var first = await ConnectAsync(front, "2001:db8::1");
        using var second = await ConnectAsync(front, "2001:db8::2");
        Assert.Equal((HttpStatusCode.TooManyRequests, ApiCode.TooManyConnections, true), await UpgradeAsync(front, "2001:db8::3"));

        await InitAsync(first);
        using var third = await ConnectAsync(front, "2001:db8::3");
        Assert.Equal((HttpStatusCode.TooManyRequests, ApiCode.TooManyConnections, true), await UpgradeAsync(front, "2001:db8::4"));
        await InitAsync(second);
        await InitAsync(third);
        using var fourth = await ConnectAsync(front, "2001:db8::1");
        using var elsewhere = await ConnectAsync(front, "192.0.2.1");
    }

    [Fact]
    public async Task Upgrade_that_finds_the_process_full_is_told_when_to_come_again()
    {
        await using var front = await StartAsync(new LiveOptions { Connections = 1, InitTimeout = TimeSpan.FromMinutes(1) });
        using var only = await ConnectAsync(front, "192.0.2.1");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, ApiCode.TooManyConnections, true), await UpgradeAsync(front, "192.0.2.2"));
    }

    [Fact]
    public async Task Address_that_has_guessed_too_often_gets_no_socket_without_a_living_key()
    {
        await using var front = await StartAsync(new LiveOptions(), new ApiLimits { FailedLogins = 1, FailedLoginsPerSecond = 1 }, new ManualTime());
        using (var guess = await ConnectAsync(front, "192.0.2.1"))
        {
            await guess.SendAsync("""{"type":"connection_init","payload":{"authorization":"Bearer hum_never_seen_before"}}""");
            Assert.Equal(4403, await guess.ClosedAsync());
        }

        Assert.Equal((HttpStatusCode.TooManyRequests, ApiCode.RateLimited, true), await UpgradeAsync(front, "192.0.2.1"));
        using var known = await SocketClient.ConnectAsync(front.Http.BaseAddress!, $"Bearer {api.OperatorKey}", from: "192.0.2.1");
        using var elsewhere = await ConnectAsync(front, "192.0.2.2");
    }

    [Fact]
    public async Task Client_that_does_not_say_who_it_is_is_closed_with_4408()
    {
        await using var front = await StartAsync(new LiveOptions { InitTimeout = TimeSpan.FromSeconds(1) });
        using var client = await ConnectAsync(front, "192.0.2.1");
        Assert.Equal(4408, await client.ClosedAsync());
    }

    private Task<Front> StartAsync(LiveOptions live, ApiLimits? limits = null, TimeProvider? time = null) => Front.StartAsync(
        api, options => options with { Live = live, Limits = limits ?? options.Limits, TrustedProxies = [Front.Proxy] }, time);

    private static Task<SocketClient> ConnectAsync(Front front, string from) => SocketClient.ConnectAsync(front.Http.BaseAddress!, from: from);

    private async Task InitAsync(SocketClient client)
    {
        await client.SendAsync(new { type = "connection_init", payload = new { authorization = $"Bearer {api.OperatorKey}" } });
        Assert.Equal("connection_ack", SocketClient.Type(await client.NextAsync()));
    }

    /// <summary>What a refused upgrade is answered: its status, its code, and whether it says when to come again.</summary>
    private static async Task<(HttpStatusCode Status, string? Code, bool RetryAfter)> UpgradeAsync(Front front, string from)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/graphql");
        foreach (var (name, value) in new[]
        {
            ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
            ("Sec-WebSocket-Protocol", "graphql-transport-ws"), ("X-Forwarded-For", from),
        })
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var response = await front.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode == HttpStatusCode.SwitchingProtocols
            ? (response.StatusCode, null, false)
            : (response.StatusCode, Front.Code(await response.Content.ReadFromJsonAsync<JsonElement>()), response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }
}
