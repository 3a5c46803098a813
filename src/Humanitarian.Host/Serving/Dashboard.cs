using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Humanitarian.Api;
using Humanitarian.Domain.Organisations;
using Humanitarian.Host.Configuration;
using Orleans.Dashboard;

namespace Humanitarian.Host.Serving;

/// <summary>
/// Orleans' dashboard, off unless it is switched on: on a loopback address and port of its own, and there for members with the operator's
/// role alone.
/// </summary>
internal static class Dashboard
{
    private const string Basic = "Basic";

    /// <summary>Adds the dashboard's services where it is switched on. It shows the silos that have them.</summary>
    public static void AddDashboard(this ISiloBuilder silo, DashboardSettings settings)
    {
        if (settings.Enabled)
        {
            silo.AddDashboard(options => options.HideTrace = true); // The log is for whoever may read this machine's.
        }
    }

    /// <summary>Guards whatever was routed: the dashboard's pages on its own port for its own people, nothing else there.</summary>
    public static void UseDashboard(this WebApplication application, DashboardSettings settings)
    {
        if (!settings.Enabled)
        {
            return;
        }

        var port = new Uri(settings.Url).Port;
        application.Use(next =>
        {
            var forOperators = HumanitarianApi.RequireRole(Roles.Operator, next);
            return http => (IsPage(http), http.Connection.LocalPort == port) switch
            {
                (true, true) when IsLocal(http) => forOperators(WithKeyAsPassword(http)),
                (false, false) => next(http),
                _ => NotFoundAsync(http),
            };
        });
        application.MapOrleansDashboard().WithMetadata(new Page());
    }

    private static bool IsPage(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<Page>() is not null;

    /// <summary>Also by name: a page of another site, open in a browser on this machine, comes under a name of its own.</summary>
    private static bool IsLocal(HttpContext http) => http.Connection.RemoteIpAddress is { } from && IPAddress.IsLoopback(from)
        && (http.Request.Host.Host is "localhost" || (IPAddress.TryParse(http.Request.Host.Host, out var host) && IPAddress.IsLoopback(host)));

    /// <summary>A browser asks its user for a name and a password; the password is the API key, the name is of no account.</summary>
    private static HttpContext WithKeyAsPassword(HttpContext http)
    {
        var bytes = new byte[512];
        if (AuthenticationHeaderValue.TryParse(http.Request.Headers.Authorization, out var sent) && sent is { Scheme: Basic, Parameter: { } encoded }
            && Convert.TryFromBase64String(encoded, bytes, out var count))
        {
            http.Request.Headers.Authorization = $"Bearer {Encoding.UTF8.GetString(bytes, 0, count).Split(':', 2)[^1]}";
        }

        http.Response.OnStarting(() =>
        {
            http.Response.Headers.WWWAuthenticate = http.Response.StatusCode == StatusCodes.Status401Unauthorized ? $"{Basic} realm=\"dashboard\"" : default;
            return Task.CompletedTask;
        });
        return http;
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private sealed record Page;
}
