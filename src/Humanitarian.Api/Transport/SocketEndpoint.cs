using Humanitarian.Api.GraphQL;
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

        using var place = services.GetRequiredService<Connections>().TryOpen();
        if (place is null)
        {
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
            services, link, new SocketClient(http.Request.Headers.Authorization.ToString(), http.Connection.RemoteIpAddress));
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
