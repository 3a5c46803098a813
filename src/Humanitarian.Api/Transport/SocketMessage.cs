using System.Text.Json;

namespace Humanitarian.Api.Transport;

/// <summary>Close codes that the server gives: those of <c>graphql-transport-ws</c>, and of WebSocket itself.</summary>
internal static class SocketClose
{
    public const int Normal = 1000;
    public const int GoingAway = 1001;
    public const int MessageTooBig = 1009;
    public const int TryAgainLater = 1013;
    public const int InvalidMessage = 4400;
    public const int Unauthorized = 4401;
    public const int Forbidden = 4403;
    public const int ProtocolNotAcceptable = 4406;
    public const int InitTimeout = 4408;
    public const int IdTaken = 4409;
    public const int TooManyInits = 4429;
    public const int InternalError = 4500;
}

/// <summary>A message from a client.</summary>
/// <param name="Id">Of the operation, for <c>subscribe</c> and <c>complete</c>; else empty.</param>
/// <param name="Payload">A JSON object, or undefined where there is none.</param>
internal sealed record SocketMessage(string Type, string Id, JsonElement Payload)
{
    /// <summary>The message, or null when it is none that a client may send.</summary>
    public static SocketMessage? Read(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Text(root, "type") is not { } type)
            {
                return null;
            }

            var payload = root.TryGetProperty("payload", out var given) && given.ValueKind != JsonValueKind.Null ? given.Clone() : default;
            var id = Text(root, "id") ?? "";
            var isKnown = type switch
            {
                "connection_init" or "ping" or "pong" => payload.ValueKind is JsonValueKind.Undefined or JsonValueKind.Object,
                "subscribe" => id.Length > 0 && payload.ValueKind == JsonValueKind.Object,
                "complete" => id.Length > 0,
                _ => false,
            };
            return isKnown ? new SocketMessage(type, id, payload) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
