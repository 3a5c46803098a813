using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Humanitarian.Api.Tests.Support;

/// <summary>A client of <c>graphql-transport-ws</c>, message by message. Nothing is waited for longer than a minute.</summary>
internal sealed class SocketClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly ClientWebSocket socket = new();
    private readonly byte[] buffer = new byte[1024 * 1024];

    public string? Protocol => socket.SubProtocol;

    /// <summary>What the server said at its farewell.</summary>
    public string? Reason => socket.CloseStatusDescription;

    /// <summary>Opens a WebSocket and says nothing yet.</summary>
    public static Task<SocketClient> ConnectAsync(ApiServer api, string? authorization = null, string? origin = null, string protocol = "graphql-transport-ws") =>
        ConnectAsync(api.Http.BaseAddress!, authorization, origin, protocol);

    /// <summary>The same at any server's address.</summary>
    public static async Task<SocketClient> ConnectAsync(
        Uri server, string? authorization = null, string? origin = null, string protocol = "graphql-transport-ws", string? from = null)
    {
        var client = new SocketClient();
        client.socket.Options.AddSubProtocol(protocol);
        if (authorization is not null)
        {
            client.socket.Options.SetRequestHeader("Authorization", authorization);
        }

        if (origin is not null)
        {
            client.socket.Options.SetRequestHeader("Origin", origin);
        }

        if (from is not null)
        {
            client.socket.Options.SetRequestHeader("X-Forwarded-For", from);
        }

        using var limit = new CancellationTokenSource(Patience);
        await client.socket.ConnectAsync(new UriBuilder(server) { Scheme = "ws", Path = "/graphql" }.Uri, limit.Token);
        return client;
    }

    /// <summary>Opens a WebSocket as the holder of a key, up to the acknowledgement.</summary>
    public static async Task<SocketClient> OpenAsync(ApiServer api, string key)
    {
        var client = await ConnectAsync(api);
        await client.SendAsync(new { type = "connection_init", payload = new { authorization = $"Bearer {key}" } });
        Assert.Equal("connection_ack", Type(await client.NextAsync()));
        return client;
    }

    public Task SendAsync(object message) => SendAsync(JsonSerializer.Serialize(message));

    public async Task SendAsync(string text, WebSocketMessageType type = WebSocketMessageType.Text)
    {
        using var limit = new CancellationTokenSource(Patience);
        await socket.SendAsync(Encoding.UTF8.GetBytes(text), type, true, limit.Token);
    }

    public Task SubscribeAsync(string id, string query, object? variables = null) =>
        SendAsync(new { type = "subscribe", id, payload = new { query, variables } });

    /// <summary>The next message that is no ping of the server's.</summary>
    public async Task<JsonElement> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var message = await ReceiveAsync(limit.Token);
            Assert.True(message is not null, $"closed with {socket.CloseStatus}: {socket.CloseStatusDescription}");
            if (Type(message.Value) != "ping")
            {
                return message.Value;
            }
        }
    }

    /// <summary>The next message of any type.</summary>
    public async Task<JsonElement?> ReceiveAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        return await ReceiveAsync(limit.Token);
    }

    private async Task<JsonElement?> ReceiveAsync(CancellationToken limit)
    {
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), limit);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit);
                return null;
            }

            if (part.EndOfMessage)
            {
                return JsonDocument.Parse(buffer.AsMemory(0, length)).RootElement.Clone();
            }
        }
    }

    /// <summary>The data of the next event of an operation.</summary>
    public async Task<JsonElement> EventAsync(string id)
    {
        var message = await NextAsync();
        Assert.True(Type(message) == "next" && message.GetProperty("id").GetString() == id, message.ToString());
        Assert.False(message.GetProperty("payload").TryGetProperty("errors", out _), message.ToString());
        return message.GetProperty("payload").GetProperty("data");
    }

    /// <summary>The code of the error with which an operation ends.</summary>
    public async Task<string?> ErrorAsync(string id)
    {
        var message = await NextAsync();
        Assert.True(Type(message) == "error" && message.GetProperty("id").GetString() == id, message.ToString());
        return message.GetProperty("payload")[0].GetProperty("extensions").GetProperty("code").GetString();
    }

    /// <summary>Reads on to the server's farewell and answers its code; fails on any event before it, unless some may still be on their way.</summary>
    public async Task<int> ClosedAsync(bool passingEvents = false)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (await ReceiveAsync(limit.Token) is { } message)
        {
            Assert.True(passingEvents || Type(message) != "next", message.ToString());
        }

        return (int)socket.CloseStatus!;
    }

    public void Dispose() => socket.Dispose();

    public static string? Type(JsonElement message) => message.GetProperty("type").GetString();
}
