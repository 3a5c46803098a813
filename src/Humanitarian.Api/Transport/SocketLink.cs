using System.Buffers;
using System.Net.WebSockets;
using GraphQL;
using GraphQL.Transport;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Transport;

/// <summary>Sends and receives whole messages. Who sends waits for the client to take it, so nothing is queued for a slow one.</summary>
internal sealed class SocketLink(WebSocket socket, LiveOptions limits, IServiceProvider services)
{
    private const int ReadBytes = 4096;
    private const int KeptBytes = 16 * 1024;
    private static readonly TimeSpan FarewellMost = TimeSpan.FromSeconds(5);

    private readonly IGraphQLSerializer serializer = services.GetRequiredService<IGraphQLSerializer>();
    private readonly TimeProvider time = services.GetRequiredService<TimeProvider>();
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly CancellationTokenSource gone = new(Timeout.InfiniteTimeSpan, services.GetRequiredService<TimeProvider>());
    private ArrayBufferWriter<byte> message = new(ReadBytes);
    private volatile bool closed;

    /// <summary>The next message; null once the connection is closed by either side. What comes after a farewell is passed over.</summary>
    /// <exception cref="WebSocketException">The connection is lost.</exception>
    /// <exception cref="OperationCanceledException">The client did not answer the farewell.</exception>
    public async Task<ReadOnlyMemory<byte>?> ReceiveAsync()
    {
        Restart();
        while (true)
        {
            var part = await socket.ReceiveAsync(message.GetMemory(ReadBytes), gone.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                await CloseAsync(SocketClose.Normal, "");
                return null;
            }

            message.Advance(part.Count);
            if (closed)
            {
                Restart();
            }
            else if (message.WrittenCount > limits.MessageBytes)
            {
                await CloseAsync(SocketClose.MessageTooBig, $"A message has at most {limits.MessageBytes} bytes.");
            }
            else if (part.MessageType == WebSocketMessageType.Binary)
            {
                await CloseAsync(SocketClose.InvalidMessage, "Messages are text.");
            }
            else if (part.EndOfMessage)
            {
                return message.WrittenMemory;
            }
        }
    }

    /// <summary>Sends a message, unless the connection is closed or the operation it belongs to is over by then.</summary>
    public async Task SendAsync(string type, string? id = null, object? payload = null, CancellationToken operation = default)
    {
        using var text = new MemoryStream();
        await serializer.WriteAsync(text, new OperationMessage { Type = type, Id = id, Payload = payload }, operation);
        await sending.WaitAsync(gone.Token);
        try
        {
            if (!closed && !operation.IsCancellationRequested)
            {
                using var limit = new CancellationTokenSource(limits.Patience, time);
                await socket.SendAsync(text.GetBuffer().AsMemory(0, (int)text.Length), WebSocketMessageType.Text, true, limit.Token);
            }
        }
        finally
        {
            sending.Release();
        }
    }

    /// <summary>Says farewell; only the first one counts. The connection ends when the client answers, or after a while.</summary>
    public async Task CloseAsync(int code, string reason)
    {
        await sending.WaitAsync();
        try
        {
            if (!closed)
            {
                closed = true;
                using var limit = new CancellationTokenSource(limits.Patience, time);
                await socket.CloseOutputAsync((WebSocketCloseStatus)code, reason, limit.Token);
                gone.CancelAfter(FarewellMost);
            }
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException or ObjectDisposedException)
        {
            await gone.CancelAsync();
        }
        finally
        {
            sending.Release();
        }
    }

    private void Restart()
    {
        if (message.Capacity > KeptBytes)
        {
            message = new ArrayBufferWriter<byte>(ReadBytes);
        }

        message.ResetWrittenCount();
    }
}
