using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api;

/// <summary>What surrounds every answer: security headers, and who else's pages may read it.</summary>
public static class WebSecurity
{
    /// <summary>
    /// Adds security headers to every answer, <c>Strict-Transport-Security</c> where the request came by TLS, takes the client's address
    /// from the proxies that are trusted, and opens the API to the pages of allowed origins. Comes before anything else.
    /// </summary>
    public static void UseHumanitarianSecurity(this IApplicationBuilder application)
    {
        var options = application.ApplicationServices.GetRequiredService<HumanitarianApiOptions>();
        if (options.TrustedProxies.Count > 0)
        {
            application.UseForwardedHeaders(Forwarded(options.TrustedProxies));
        }

        application.UseSecurityHeaders(new HeaderPolicyCollection().AddDefaultApiSecurityHeaders());
        if (options.AllowedOrigins.Count > 0)
        {
            // No cookies and no other credentials of a browser: a page sends the key itself.
            application.UseCors(cors => cors.WithOrigins([.. options.AllowedOrigins]).WithMethods(HttpMethods.Get, HttpMethods.Post)
                .WithHeaders("Authorization", "Content-Type").WithExposedHeaders("Retry-After"));
        }
    }

    private static ForwardedHeadersOptions Forwarded(IReadOnlyList<IPAddress> proxies)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = proxies.Count };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var proxy in proxies)
        {
            forwarded.KnownProxies.Add(proxy);
        }

        return forwarded;
    }
}
