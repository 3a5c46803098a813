using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Humanitarian.Api.Transport;

/// <summary>
/// GraphQL over WebSocket by the protocol <c>graphql-transport-ws</c>. The client says who it is in its first message or in the header
/// of the upgrade; a page of another origin is refused.
/// </summary>
internal static class SocketEndpoint
{
    private const string Protocol = "graphql-transport-ws";
    private const string RetryAfter = "1";

    public static async Task HandleAsync(HttpContext http)
    {
        var services = http.RequestServices;
        var options = services.GetRequiredService<HumanitarianApiOptions>();
        var limits = options.Live;
        if (!IsAllowed(http.Request, options.AllowedOrigins))
        {
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status403Forbidden, RefusalCode.Forbidden, "Pages of this origin may not connect.");
            return;
        }

        var (from, authorization) = (http.Connection.RemoteIpAddress, http.Request.Headers.Authorization.ToString());
        if (services.GetRequiredService<LoginThrottle>().Look(from) is { Taken: false } wait
            && await services.GetRequiredService<Credentials>().FindAsync(authorization, from, http.RequestAborted) is null)
        {
            http.Response.Headers.RetryAfter = wait.RetryAfterSeconds;
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status429TooManyRequests, ApiCode.RateLimited, "Too many requests of this address came without a good key, token or signature.");
            return;
        }

        var connections = services.GetRequiredService<Connections>();
        using var unknown = connections.TryOpenUnknown(from);
        if (unknown is null)
        {
            http.Response.Headers.RetryAfter = RetryAfter;
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status429TooManyRequests, ApiCode.TooManyConnections, "Too many WebSockets of this address have not said who they are; ask again in a second.");
            return;
        }

        using var place = connections.TryOpen();
        if (place is null)
        {
            http.Response.Headers.RetryAfter = RetryAfter;
            await HttpAnswers.RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, ApiCode.TooManyConnections, "The server has no room for more connections.");
            return;
        }

        var spoken = http.WebSockets.WebSocketRequestedProtocols.Contains(Protocol);
        using var socket = await http.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = spoken ? Protocol : null, KeepAliveInterval = limits.KeepAlive, KeepAliveTimeout = limits.Patience,
        });
        var link = new SocketLink(socket, limits, services);
        var connection = ActivatorUtilities.CreateInstance<SocketConnection>(
            services, link, new SocketClient(authorization, from, unknown));
        using var stop = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(
            () => _ = link.CloseAsync(SocketClose.GoingAway, "The server stops; connect again."));
        if (!spoken)
        {
            await link.CloseAsync(SocketClose.ProtocolNotAcceptable, "Speak graphql-transport-ws.");
        }

        await connection.RunAsync();
    }

    /// <summary>True for programs, which send no origin, for pages of this server and for those of the listed origins.</summary>
    private static bool IsAllowed(HttpRequest request, IReadOnlyList<string> origins) =>
        request.Headers.Origin.Count == 0
        || (request.Headers.Origin is [{ } origin]
            && (origins.Contains(origin, StringComparer.OrdinalIgnoreCase)
                || (Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase))));
}
