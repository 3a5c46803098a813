using Humanitarian.Api.Audit;
using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>The only door: a request without a living key of an active member goes no further.</summary>
internal static class Authenticator
{
    /// <summary>Runs the handler as the member behind the bearer token, or answers 401.</summary>
    public static RequestDelegate Require(RequestDelegate handler) => async http =>
    {
        Session? known;
        try
        {
            known = await Session.OpenAsync(http.RequestServices, http.Request.Headers.Authorization, http.RequestAborted);
        }
        catch (Exception fault) when (Passing.Is(fault))
        {
            http.Response.Headers.RetryAfter = "1";
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Retry, "The ledger is moving to another server; ask again in a second.");
            return;
        }

        if (known is null)
        {
            if (http.RequestServices.GetRequiredService<LoginThrottle>().Failed(http.Connection.RemoteIpAddress) is { Taken: false } wait)
            {
                http.Response.Headers.RetryAfter = wait.RetryAfterSeconds;
                await HttpAnswers.RefuseAsync(
                    http, StatusCodes.Status429TooManyRequests, ApiCode.RateLimited, "Too many requests of this address came without a good API key.");
                return;
            }

            http.Response.Headers.WWWAuthenticate = "Bearer";
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status401Unauthorized, ApiCode.Unauthenticated,
                "Send an API key as 'Authorization: Bearer hum_...'. It must not be expired or revoked, and its member must be active.");
            return;
        }

        var scope = http.RequestServices.GetRequiredService<CallerScope>();
        (scope.Caller, scope.Session) = (known.Caller, known);
        var done = false;
        try
        {
            await handler(http);
            done = true;
        }
        finally
        {
            await AuditExecution.RecordAsync(http, known.Caller, done ? http.Response.StatusCode : StatusCodes.Status500InternalServerError);
        }
    };
}
