using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Ide;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Humanitarian.Api;

/// <summary>What surrounds every answer: security headers, who else's pages may read it, and what of a fault leaves the house.</summary>
public static class WebSecurity
{
    /// <summary>What an endpoint reads of a request that says nothing else of it, such as the forms of signing in: a few kilobytes.</summary>
    private const long BodyBytesMax = 64 * 1024;

    /// <summary>
    /// Bounds what is read of a request, masks faults, adds security headers to every answer, <c>Strict-Transport-Security</c> where the request came by TLS, takes the client's address
    /// from the proxies that are trusted, and opens the API to the pages of allowed origins. Comes before anything else.
    /// </summary>
    public static void UseHumanitarianSecurity(this IApplicationBuilder application)
    {
        var options = application.ApplicationServices.GetRequiredService<HumanitarianApiOptions>();

        // Without this the web application would put the identity provider before everything here, for every request.
        application.Properties["__AuthenticationMiddlewareSet"] = true;
        if (options.TrustedProxies.Count > 0)
        {
            application.UseForwardedHeaders(Forwarded(options.TrustedProxies));
        }

        application.Use(next => http =>
        {
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            {
                size.MaxRequestBodySize = BodyBytesMax;
            }

            return MaskedAsync(http, next);
        });
        application.UseWhen(
            http => !IdeEndpoints.IsOf(http), api => api.UseSecurityHeaders(new HeaderPolicyCollection().AddDefaultApiSecurityHeaders()));
        application.UseWhen(IdeEndpoints.IsOf, ide => ide.UseSecurityHeaders(
            new HeaderPolicyCollection().AddDefaultApiSecurityHeaders().AddCustomHeader(HeaderNames.ContentSecurityPolicy, IdeEndpoints.ContentSecurityPolicy)));
        if (options.AllowedOrigins.Count > 0)
        {
            // No cookies and no other credentials of a browser: a page sends the key itself.
            application.UseCors(cors => cors.WithOrigins([.. options.AllowedOrigins]).WithMethods(HttpMethods.Get, HttpMethods.Post)
                .WithHeaders("Authorization", "Content-Type", "Content-Digest", "Signature", "Signature-Input").WithExposedHeaders("Retry-After"));
        }
    }

    /// <summary>What fails before its answer has begun is answered with a correlation id alone.</summary>
    private static async Task MaskedAsync(HttpContext http, RequestDelegate next)
    {
        try
        {
            await next(http);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or BadHttpRequestException) && !http.Response.HasStarted)
        {
            var id = http.RequestServices.GetRequiredService<ErrorMask>().Log(fault);
            if (Passing.Is(fault))
            {
                http.Response.Headers.RetryAfter = "1";
                await HttpAnswers.RefuseAsync(http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Retry, "The ledger is moving to another server; ask again in a second.");
                return;
            }

            await HttpAnswers.RefuseAsync(http, StatusCodes.Status500InternalServerError, ApiCode.Internal, $"The request failed; the operator finds it in the log under {id}.");
        }
    }

    // One hop for each that is named: a client that itself stands where a proxy may is not believed.
    private static ForwardedHeadersOptions Forwarded(IReadOnlyList<System.Net.IPNetwork> proxies)
    {
        var forwarded = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = proxies.Count };
        forwarded.KnownIPNetworks.Clear();
        forwarded.KnownProxies.Clear();
        foreach (var proxy in proxies)
        {
            forwarded.KnownIPNetworks.Add(proxy);
        }

        return forwarded;
    }
}
