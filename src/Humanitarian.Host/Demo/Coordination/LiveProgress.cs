using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>Watches a disbursement over a WebSocket, as a page in a browser does (<c>graphql-transport-ws</c>).</summary>
internal static class LiveProgress
{
    private const string Protocol = "graphql-transport-ws";
    private const int MessageBytesMax = 64 * 1024;

    private const string Query =
        "subscription($id: Id!) { disbursementProgress(disbursementId: $id) { height disbursement { " + DisbursementProgress.Fields + " } } }";

    /// <summary>Follows it until every line is paid or refused, and answers how many events came.</summary>
    public static async Task<int> WatchAsync(
        Uri api, Actor watcher, string disbursement, Action<DisbursementProgress> look, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol(Protocol);
        await socket.ConnectAsync(new UriBuilder(api) { Scheme = "ws", Path = "/graphql" }.Uri, cancellationToken);
        Task SayAsync(JsonObject message) =>
            socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, cancellationToken);

        await SayAsync(new JsonObject { ["type"] = "connection_init", ["payload"] = new JsonObject { ["authorization"] = $"Bearer {watcher.ApiKey}" } });
        for (var events = 0; ;)
        {
            var message = await HearAsync(socket, cancellationToken);
            var progress = (message["payload"] as JsonObject)?["data"]?["disbursementProgress"];
            switch ((string?)message["type"])
            {
                case "connection_ack":
                    await SayAsync(new JsonObject
                    {
                        ["type"] = "subscribe", ["id"] = "1", ["payload"] = new JsonObject { ["query"] = Query, ["variables"] = new JsonObject { ["id"] = disbursement } },
                    });
                    break;
                case "ping":
                    await SayAsync(new JsonObject { ["type"] = "pong" });
                    break;
                case "next" when progress is not null:
                    events++;
                    var now = DisbursementProgress.Read(progress["disbursement"]!);
                    look(now);
                    if (now.IsPaid)
                    {
                        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
                        return events;
                    }

                    break;
                case "pong":
                    break;
                default:
                    throw new RefusedException("disbursementProgress", "ERROR", message.ToJsonString());
            }
        }
    }

    private static async Task<JsonObject> HearAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[MessageBytesMax];
        var length = 0;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken);
            length += part.Count;
            if (part.MessageType == WebSocketMessageType.Close)
            {
                throw new RefusedException("disbursementProgress", "CLOSED", $"The connection ended: {socket.CloseStatusDescription}");
            }

            if (part.EndOfMessage)
            {
                return (JsonObject)JsonNode.Parse(buffer.AsSpan(0, length))!;
            }
        }
    }
}
