using System.Net;
using System.Net.WebSockets;
using System.Text.Json;
using GraphQL;
using GraphQL.Transport;
using Humanitarian.Api.Audit;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Transport;

/// <summary>Who asked for a connection.</summary>
/// <param name="Authorization">What the upgrade had in the header of this name.</param>
/// <param name="Unknown">Its place among those of its address that have not said who they are, until it has.</param>
internal sealed record SocketClient(string Authorization, IPAddress? Address, IDisposable Unknown);

/// <summary>One WebSocket by <c>graphql-transport-ws</c>, from its first message to its close.</summary>
internal sealed partial class SocketConnection(
    SocketLink link, SocketClient client, IServiceProvider services, Credentials credentials, LoginThrottle throttle, IGraphQLSerializer serializer, Operations operations, Connections connections,
    HumanitarianApiOptions options, TimeProvider time, ILogger<SocketConnection> log)
{
    private readonly CancellationTokenSource ended = new();
    private readonly TaskCompletionSource<Session> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock gate = new();
    private readonly Dictionary<string, CancellationTokenSource> active = [];
    private readonly List<Task> running = [];
    private IDisposable? place;
    private bool initialised;

    /// <summary>Returns when the connection is closed and nothing of it runs any more.</summary>
    public async Task RunAsync()
    {
        var watch = GuardAsync(WatchAsync);
        try
        {
            while (await link.ReceiveAsync() is { } text)
            {
                await GuardAsync(() => HandleAsync(SocketMessage.Read(text)));
            }
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException)
        {
            // The client is gone.
        }
        finally
        {
            await ended.CancelAsync();
            await Task.WhenAll(Active().Select(operation => operation.CancelAsync()));
            await Task.WhenAll([watch, .. running]);
            place?.Dispose();
        }
    }

    private Task HandleAsync(SocketMessage? message) => message switch
    {
        null => link.CloseAsync(SocketClose.InvalidMessage, "This is no message of the protocol."),
        { Type: "connection_init" } => InitAsync(message.Payload),
        { Type: "subscribe" } => SubscribeAsync(message.Id, message.Payload),
        { Type: "complete" } => Take(message.Id)?.CancelAsync() ?? Task.CompletedTask,
        { Type: "ping" } => link.SendAsync("pong", payload: message.Payload.ValueKind == JsonValueKind.Object ? message.Payload : null),
        _ => Task.CompletedTask,
    };

    private async Task InitAsync(JsonElement payload)
    {
        if (initialised)
        {
            await link.CloseAsync(SocketClose.TooManyInits, "Too many initialisation requests");
            return;
        }

        initialised = true;
        var given = payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("authorization", out var member) ? member.ToString() : client.Authorization;
        if (await Session.OpenAsync(services, await credentials.FindAsync(given, client.Address, ended.Token), ended.Token) is not { } session)
        {
            // Counted with the failures of plain requests, whose answers then wait.
            throttle.Failed(client.Address);
            await link.CloseAsync(SocketClose.Forbidden, "Forbidden: send a living API key or token as authorization");
            return;
        }

        place = connections.TryOpen(session.Caller.Principal);
        if (place is null)
        {
            await link.CloseAsync(SocketClose.Forbidden, "Forbidden: you have too many connections open");
            return;
        }

        client.Unknown.Dispose();
        await link.SendAsync("connection_ack");
        opened.TrySetResult(session);
    }

    private async Task SubscribeAsync(string id, JsonElement payload)
    {
        if (!opened.Task.IsCompletedSuccessfully)
        {
            await link.CloseAsync(SocketClose.Unauthorized, "Unauthorized");
            return;
        }

        if (GraphQLEndpoint.Refuse(payload) is { } refusal)
        {
            await link.CloseAsync(SocketClose.InvalidMessage, refusal);
            return;
        }

        // Those that the client has completed count too, until they have wound down.
        running.RemoveAll(task => task.IsCompleted);
        if (running.Count >= options.Live.Operations)
        {
            var most = new ExecutionError($"A connection has at most {options.Live.Operations} operations at once.") { Code = ApiCode.TooManyConnections };
            await link.SendAsync("error", id, new[] { most });
            return;
        }

        var operation = new CancellationTokenSource();
        if (!TryAdd(id, operation))
        {
            await link.CloseAsync(SocketClose.IdTaken, "Subscriber for this id already exists");
            return;
        }

        var request = serializer.ReadNode<GraphQLRequest>(payload)!;
        if (options.Documents.Resolve(request) is { } unknown)
        {
            TryRemove(id, operation);
            await AuditExecution.RefusedAsync(services, (await opened.Task).Caller, unknown.Code ?? ApiCode.BadRequest);
            await link.SendAsync("error", id, new[] { unknown });
            return;
        }

        running.Add(GuardAsync(() => OperateAsync(id, request, operation)));
    }

    private async Task OperateAsync(string id, GraphQLRequest request, CancellationTokenSource operation)
    {
        try
        {
            var errors = await operations.RunAsync(
                await opened.Task, request, result => link.SendAsync("next", id, result, operation.Token), operation.Token);
            if (errors is [{ Code: ApiCode.Unauthenticated }])
            {
                await ForbidAsync();
            }
            else if (TryRemove(id, operation))
            {
                // The id was freed first: the client may use it again as soon as it reads this.
                await link.SendAsync(errors is null ? "complete" : "error", id, errors);
            }
        }
        finally
        {
            TryRemove(id, operation);
        }
    }

    /// <summary>Sees that the client says in time who it is, and then that it still may be here.</summary>
    private async Task WatchAsync()
    {
        try
        {
            await opened.Task.WaitAsync(options.Live.InitTimeout, time, ended.Token);
        }
        catch (TimeoutException)
        {
            await link.CloseAsync(SocketClose.InitTimeout, "Connection initialisation timeout");
            return;
        }

        using var tick = new PeriodicTimer(options.Live.KeepAlive, time);
        while (await tick.WaitForNextTickAsync(ended.Token))
        {
            if (!await (await opened.Task).MayStayAsync(ended.Token))
            {
                await ForbidAsync();
                return;
            }

            await link.SendAsync("ping");
        }
    }

    private Task ForbidAsync() => link.CloseAsync(SocketClose.Forbidden, "Forbidden: the key has ended, or its member has changed");

    /// <summary>Runs a part of the connection. What fails in it closes the connection, and says no more than that.</summary>
    private async Task GuardAsync(Func<Task> part)
    {
        try
        {
            await part();
        }
        catch (Exception lost) when (lost is WebSocketException or OperationCanceledException)
        {
            // The client is gone, or no longer wants it.
        }
        catch (Exception fault) when (Passing.Is(fault))
        {
            await link.CloseAsync(SocketClose.TryAgainLater, "The ledger is moving to another server; connect again in a second.");
        }
        catch (Exception fault)
        {
            LogFault(log, fault);
            await link.CloseAsync(SocketClose.InternalError, "Internal server error");
        }
    }

    private CancellationTokenSource[] Active()
    {
        lock (gate)
        {
            return [.. active.Values];
        }
    }

    private bool TryAdd(string id, CancellationTokenSource operation)
    {
        lock (gate)
        {
            return active.TryAdd(id, operation);
        }
    }

    private CancellationTokenSource? Take(string id)
    {
        lock (gate)
        {
            return active.Remove(id, out var operation) ? operation : null;
        }
    }

    /// <summary>False when the id belongs to nobody, or already to another.</summary>
    private bool TryRemove(string id, CancellationTokenSource operation)
    {
        lock (gate)
        {
            return active.TryGetValue(id, out var current) && current == operation && active.Remove(id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A WebSocket failed.")]
    private static partial void LogFault(ILogger log, Exception fault);
}
