using System.Text.Json;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Transport;

/// <summary>Bounds, rights that end and farewells of connections that stay open.</summary>
public sealed class LiveBoundsTests(StrictServer strict) : IClassFixture<StrictServer>
{
    private const string Blocks = "subscription($after: UInt64String) { blocks(after: $after) { height } }";

    private readonly ApiServer api = strict.Api;

    [Fact]
    public async Task Fault_closes_with_4500_and_says_nothing_of_it()
    {
        using var client = await SocketClient.ConnectAsync(api);
        strict.Store!.Fails = true;
        try
        {
            await client.SendAsync("""{"type":"connection_init","payload":{"authorization":"Bearer hum_never_seen_before"}}""");
            Assert.Equal(4500, await client.ClosedAsync());
            Assert.Equal("Internal server error", client.Reason);
        }
        finally
        {
            strict.Store.Fails = false;
        }
    }

    [Fact]
    public async Task Quiet_client_is_pinged_and_stays()
    {
        var member = await MemberAsync("quiet");
        using var client = await SocketClient.OpenAsync(api, member.Key);
        for (var ping = 0; ping < 3; ping++)
        {
            Assert.Equal("""{"type":"ping"}""", (await client.ReceiveAsync()).ToString());
            await client.SendAsync("""{"type":"pong"}""");
        }
    }

    [Fact]
    public async Task Page_of_a_listed_origin_connects()
    {
        using var client = await SocketClient.ConnectAsync(api, origin: "https://shop.example");
        await client.SendAsync("""{"type":"ping"}""");
        Assert.Equal("pong", SocketClient.Type(await client.NextAsync()));
    }

    [Fact]
    public async Task Message_over_the_limit_is_closed_with_1009()
    {
        using var client = await SocketClient.ConnectAsync(api);
        await client.SendAsync(new { type = "ping", payload = new { a = new string('a', 3_000) } });
        Assert.Equal(1009, await client.ClosedAsync());
    }

    [Fact]
    public async Task Operation_over_the_limit_is_refused_until_another_ends()
    {
        var member = await MemberAsync("operations");
        using var client = await SocketClient.OpenAsync(api, member.Key);
        await client.SubscribeAsync("1", Blocks, new { after = "0" });
        await client.EventAsync("1");
        await client.SubscribeAsync("2", Blocks);
        await client.SubscribeAsync("3", Blocks);
        while (true)
        {
            var message = await client.NextAsync();
            if (SocketClient.Type(message) == "error")
            {
                Assert.Equal("3", message.GetProperty("id").GetString());
                Assert.Equal("TOO_MANY_CONNECTIONS", message.GetProperty("payload")[0].GetProperty("extensions").GetProperty("code").GetString());
                break;
            }

            Assert.Equal("1", message.GetProperty("id").GetString());
        }

        await client.SendAsync("""{"type":"complete","id":"1"}""");
        await client.SendAsync("""{"type":"complete","id":"2"}""");
        await UntilAnsweredAsync(client);
    }

    [Fact]
    public async Task Connection_over_a_members_limit_is_refused_until_another_closes()
    {
        var member = await MemberAsync("connections");
        using var stream = await EventReader.OpenAsync(api, member.Key, Blocks, new { after = "0" });
        await stream.ResultAsync();
        using (await SocketClient.OpenAsync(api, member.Key))
        {
            using var third = await SocketClient.ConnectAsync(api, $"Bearer {member.Key}");
            await third.SendAsync("""{"type":"connection_init"}""");
            Assert.Equal(4403, await third.ClosedAsync());
            using var fourth = await EventReader.OpenAsync(api, member.Key, Blocks);
            Assert.Equal(System.Net.HttpStatusCode.TooManyRequests, fourth.Response.StatusCode);
        }

        // The server sees the lost connection when it next sends.
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            using var again = await EventReader.OpenAsync(api, member.Key, Blocks, new { after = "0" });
            if (again.Response.IsSuccessStatusCode)
            {
                return;
            }
        }
    }

    [Fact]
    public async Task Revoked_key_closes_a_quiet_socket_with_4403_and_ends_a_stream()
    {
        var member = await MemberAsync("revoked");
        var key = await api.Keys.CreateAsync(member.Member, member.Organisation);
        using var client = await SocketClient.OpenAsync(api, key.Secret);
        using var stream = await EventReader.OpenAsync(api, key.Secret, "subscription { blocks { height } }");
        await api.Keys.RevokeAsync(key.Key.Hash);
        Assert.Equal(4403, await client.ClosedAsync());
        await EndsAsync(stream);
    }

    [Fact]
    public async Task Expired_key_closes_a_quiet_socket_with_4403()
    {
        var member = await MemberAsync("expired");
        var soon = TimeProvider.System.GetUtcNow().AddSeconds(15).ToUnixTimeMilliseconds();
        var key = await api.Keys.CreateAsync(member.Member, member.Organisation, soon);
        using var client = await SocketClient.OpenAsync(api, key.Secret);
        Assert.Equal(4403, await client.ClosedAsync());
        Assert.True(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() >= soon);
    }

    [Fact]
    public async Task Changed_member_is_closed_with_4403()
    {
        var cast = new Cast(api, "changed live");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var member = await cast.MemberAsync(administrator, "READER");
        using var client = await SocketClient.OpenAsync(api, member.Key);
        await cast.SignedAsync(administrator, "changeMember", cast.Input(("memberId", member.Member.ToString()), ("active", false)));
        Assert.Equal(4403, await client.ClosedAsync());
    }

    [Fact]
    public async Task Event_after_the_key_was_revoked_is_not_sent()
    {
        // On a server that looks at quiet connections too seldom to be the one that sees it.
        await using var slow = new ApiServer { Live = new() { KeepAlive = TimeSpan.FromHours(1) } };
        await slow.InitializeAsync();
        var key = await slow.Keys.CreateAsync(slow.Founding.Administrator, slow.Founding.OperatorOrganisation);
        using var client = await SocketClient.OpenAsync(slow, key.Secret);
        await client.SubscribeAsync("1", "subscription { blocks(after: \"0\") { height } }");
        await client.EventAsync("1");
        using var stream = await EventReader.OpenAsync(slow, key.Secret, "subscription { blocks(after: \"0\") { height } }");
        await stream.ResultAsync();
        await slow.Keys.RevokeAsync(key.Key.Hash);
        await new Cast(slow, "revoked event").UnitAsync("REV");

        // What was sent before the key was revoked may still be on its way.
        Assert.Equal(4403, await client.ClosedAsync(passingEvents: true));
        await EndsAsync(stream);
    }

    // Here, because on a server of its own nobody else moves the head.
    [Fact]
    public async Task State_that_was_seen_at_the_head_is_not_sent_again()
    {
        var aid = await new Aid(api, "seen").SetUpAsync();
        var id = Aid.Text(aid.Program);
        var seen = (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { programTotals(programId: $id) { height available { amountMinor } } }", new { id })).GetProperty("programTotals");
        using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
        await client.SubscribeAsync(
            "1", "subscription($id: Id!, $after: UInt64String) { programTotals(programId: $id, after: $after) { available { amountMinor } } }",
            new { id, after = seen.GetProperty("height").GetString() });
        await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1))));
        var next = (await client.EventAsync("1")).GetProperty("programTotals");
        Assert.Equal(("500000", "500001"), (Available(seen), Available(next)));

        static string? Available(JsonElement totals) => totals.GetProperty("available").GetProperty("amountMinor").GetString();
    }

    [Fact]
    public async Task Server_that_stops_says_farewell_with_1001_and_cuts_streams()
    {
        await using var server = new ApiServer();
        await server.InitializeAsync();
        using var client = await SocketClient.OpenAsync(server, server.OperatorKey);
        using var stream = await EventReader.OpenAsync(server, server.OperatorKey, "subscription { blocks(after: \"0\") { height } }");
        await stream.ResultAsync();
        var stopping = server.StopAsync();
        Assert.Equal(1001, await client.ClosedAsync());
        while (await stream.NextAsync() is { } late)
        {
            Assert.Equal("next", late.Event);
        }

        await stopping;
    }

    private async Task<Actor> MemberAsync(string name) => await new Cast(api, name).OrganisationAsync("NGO", "ADMINISTRATOR");

    /// <summary>Reads to a last result with UNAUTHENTICATED, and complete.</summary>
    private static async Task EndsAsync(EventReader stream)
    {
        while (true)
        {
            var result = await stream.ResultAsync();
            if (result.TryGetProperty("errors", out var errors))
            {
                Assert.Equal("UNAUTHENTICATED", errors[0].GetProperty("extensions").GetProperty("code").GetString());
                break;
            }
        }

        Assert.Equal(("complete", ""), await stream.NextAsync());
        Assert.Null(await stream.NextAsync());
    }

    /// <summary>Asks again until what was completed has wound down.</summary>
    private static async Task UntilAnsweredAsync(SocketClient client)
    {
        for (var attempt = 0; attempt < 10_000; attempt++)
        {
            var id = $"again {attempt}";
            await client.SubscribeAsync(id, "{ __typename }");
            JsonElement message;
            do
            {
                message = await client.NextAsync();
            }
            while (message.GetProperty("id").GetString() != id);

            if (SocketClient.Type(message) == "next")
            {
                return;
            }
        }

        Assert.Fail("Nothing winds down.");
    }
}
