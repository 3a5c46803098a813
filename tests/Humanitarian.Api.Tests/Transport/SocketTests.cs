using System.Net.WebSockets;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Transport;

/// <summary>The protocol <c>graphql-transport-ws</c>, message by message and close code by close code.</summary>
public sealed class SocketTests(ApiServer api)
{
    private const string Me = "{ me { id } }";

    [Fact]
    public async Task Key_in_the_first_message_or_in_the_upgrade_is_acknowledged()
    {
        using var first = await SocketClient.OpenAsync(api, api.OperatorKey);
        Assert.Equal("graphql-transport-ws", first.Protocol);
        foreach (var init in new[] { """{"type":"connection_init"}""", """{"type":"connection_init","payload":null}""", """{"type":"connection_init","payload":{}}""" })
        {
            using var upgrade = await SocketClient.ConnectAsync(api, $"Bearer {api.OperatorKey}");
            await upgrade.SendAsync(init);
            Assert.Equal("connection_ack", SocketClient.Type(await upgrade.NextAsync()));
        }
    }

    [Theory]
    [InlineData("""{"type":"connection_init"}""")]
    [InlineData("""{"type":"connection_init","payload":{"authorization":"Bearer hum_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}}""")]
    [InlineData("""{"type":"connection_init","payload":{"authorization":"hum_x"}}""")]
    [InlineData("""{"type":"connection_init","payload":{"authorization":1}}""")]
    public async Task Init_without_a_living_key_is_closed_with_4403(string init)
    {
        using var client = await SocketClient.ConnectAsync(api);
        await client.SendAsync(init);
        Assert.Equal(4403, await client.ClosedAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("{}")]
    [InlineData("""{"type":1}""")]
    [InlineData("""{"type":"start","id":"1","payload":{"query":"{ me { id } }"}}""")]
    [InlineData("""{"type":"connection_ack"}""")]
    [InlineData("""{"type":"next","id":"1","payload":{}}""")]
    [InlineData("""{"type":"ping","payload":"text"}""")]
    [InlineData("""{"type":"pong","payload":1}""")]
    [InlineData("""{"type":"complete"}""")]
    [InlineData("""{"type":"complete","id":1}""")]
    [InlineData("""{"type":"subscribe","payload":{"query":"{ me { id } }"}}""")]
    [InlineData("""{"type":"subscribe","id":"","payload":{"query":"{ me { id } }"}}""")]
    [InlineData("""{"type":"subscribe","id":"1"}""")]
    [InlineData("""{"type":"subscribe","id":"1","payload":"{ me { id } }"}""")]
    [InlineData("""{"type":"subscribe","id":"1","payload":{}}""")]
    [InlineData("""{"type":"subscribe","id":"1","payload":{"query":1}}""")]
    [InlineData("""{"type":"subscribe","id":"1","payload":{"query":"{ me { id } }","variables":[]}}""")]
    public async Task Message_that_is_none_is_closed_with_4400(string message)
    {
        using var client = await SocketClient.OpenAsync(api, api.OperatorKey);
        await client.SendAsync(message);
        Assert.Equal(4400, await client.ClosedAsync());
    }

    [Fact]
    public async Task Binary_message_is_closed_with_4400()
    {
        using var client = await SocketClient.ConnectAsync(api);
        await client.SendAsync("""{"type":"ping"}""", WebSocketMessageType.Binary);
        Assert.Equal(4400, await client.ClosedAsync());
    }

    [Fact]
    public async Task Init_whose_payload_is_no_object_is_closed_with_4400()
    {
        using var client = await SocketClient.ConnectAsync(api);
        await client.SendAsync("""{"type":"connection_init","payload":"Bearer"}""");
        Assert.Equal(4400, await client.ClosedAsync());
    }

    [Fact]
    public async Task Subscribe_before_init_is_closed_with_4401()
    {
        using var client = await SocketClient.ConnectAsync(api, $"Bearer {api.OperatorKey}");
        await client.SubscribeAsync("1", Me);
        Assert.Equal(4401, await client.ClosedAsync());
    }

    [Fact]
    public async Task Second_init_is_closed_with_4429()
    {
        using var client = await SocketClient.OpenAsync(api, api.OperatorKey);
        await client.SendAsync(new { type = "connection_init", payload = new { authorization = $"Bearer {api.OperatorKey}" } });
        Assert.Equal(4429, await client.ClosedAsync());
    }

    [Fact]
    public async Task Other_protocol_is_closed_with_4406()
    {
        using var client = await SocketClient.ConnectAsync(api, protocol: "graphql-ws");
        Assert.Null(client.Protocol);
        Assert.Equal(4406, await client.ClosedAsync());
    }

    [Fact]
    public async Task Id_in_use_is_closed_with_4409()
    {
        using var client = await SocketClient.OpenAsync(api, api.OperatorKey);
        await client.SubscribeAsync("1", "subscription { blocks { height } }");
        await client.SubscribeAsync("1", Me);
        Assert.Equal(4409, await client.ClosedAsync());
    }

    [Fact]
    public async Task Ping_is_answered_with_its_payload_before_init_too()
    {
        using var client = await SocketClient.ConnectAsync(api);
        await client.SendAsync("""{"type":"pong"}""");
        await client.SendAsync("""{"type":"ping","payload":{"a":[1,"b"]}}""");
        await client.SendAsync("""{"type":"ping"}""");
        Assert.Equal("""{"type":"pong","payload":{"a":[1,"b"]}}""", (await client.NextAsync()).ToString());
        Assert.Equal("""{"type":"pong"}""", (await client.NextAsync()).ToString());
    }

    [Fact]
    public async Task Queries_and_mutations_answer_once_and_their_ids_are_free_again()
    {
        using var client = await SocketClient.OpenAsync(api, api.OperatorKey);
        await client.SendAsync("""{"type":"complete","id":"unknown"}""");
        for (var round = 0; round < 3; round++)
        {
            await client.SubscribeAsync("1", Me);
            Assert.Equal(api.Founding.Administrator.ToString(), (await client.EventAsync("1")).GetProperty("me").GetProperty("id").GetString());
            Assert.Equal("""{"type":"complete","id":"1"}""", (await client.NextAsync()).ToString());
        }

        await client.SubscribeAsync(
            "1", "mutation($input: DefineUnitInput!) { defineUnit(input: $input) { replayed userErrors { code } } }",
            new { input = new { idempotencyKey = "socket", code = "SCK", exponent = 2 } });
        Assert.Equal(0, (await client.EventAsync("1")).GetProperty("defineUnit").GetProperty("userErrors").GetArrayLength());
        Assert.Equal("complete", SocketClient.Type(await client.NextAsync()));
    }

    [Theory]
    [InlineData("{ nothing }")]
    [InlineData("{")]
    [InlineData("subscription { blocks { height } ledger: blocks { height } }")]
    [InlineData("subscription { blocks(after: \"x\") { height } }")]
    public async Task Invalid_document_ends_with_error_and_no_complete(string query)
    {
        using var client = await SocketClient.OpenAsync(api, api.OperatorKey);
        await client.SubscribeAsync("1", query);
        var error = await client.NextAsync();
        Assert.Equal(("error", "1"), (SocketClient.Type(error), error.GetProperty("id").GetString()));
        Assert.True(error.GetProperty("payload").GetArrayLength() > 0);
        await client.SubscribeAsync("1", Me);
        await client.EventAsync("1");
    }

    [Fact]
    public async Task Completed_subscription_sends_no_more_and_its_id_is_free_again()
    {
        using var client = await SocketClient.OpenAsync(api, api.OperatorKey);
        await client.SubscribeAsync("1", "subscription { blocks(after: \"0\") { height } }");
        await client.EventAsync("1");
        await client.SendAsync("""{"type":"complete","id":"1"}""");

        // What was under way when the server read it may still come.
        await client.SendAsync("""{"type":"ping"}""");
        JsonElement message;
        do
        {
            message = await client.NextAsync();
            Assert.Contains(SocketClient.Type(message), (string[])["next", "pong"]);
        }
        while (SocketClient.Type(message) != "pong");

        await client.SubscribeAsync("1", Me);
        Assert.True((await client.EventAsync("1")).TryGetProperty("me", out _));
        Assert.Equal("complete", SocketClient.Type(await client.NextAsync()));
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("null")]
    public async Task Page_of_another_origin_is_refused(string origin)
    {
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => SocketClient.ConnectAsync(api, origin: origin));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Page_of_the_same_origin_connects()
    {
        using var client = await SocketClient.ConnectAsync(api, origin: api.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        await client.SendAsync("""{"type":"ping"}""");
        Assert.Equal("pong", SocketClient.Type(await client.NextAsync()));
    }
}
