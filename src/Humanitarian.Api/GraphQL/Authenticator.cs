using Humanitarian.Api.Keys;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>The only door: a request without a living key of an active member goes no further.</summary>
internal static class Authenticator
{
    private const string Scheme = "Bearer ";

    /// <summary>Runs the handler as the member behind the bearer token, or answers 401.</summary>
    public static RequestDelegate Require(RequestDelegate handler) => async http =>
    {
        Caller? known;
        try
        {
            known = await CallerOfAsync(http);
        }
        catch (Exception fault) when (Passing.Is(fault))
        {
            http.Response.Headers.RetryAfter = "1";
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Retry, "The ledger is moving to another server; ask again in a second.");
            return;
        }

        if (known is not { } caller)
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

        http.RequestServices.GetRequiredService<CallerScope>().Caller = caller;
        await handler(http);
    };

    private static async Task<Caller?> CallerOfAsync(HttpContext http)
    {
        var header = http.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var services = http.RequestServices;
        var key = await services.GetRequiredService<ApiKeys>().AuthenticateAsync(header[Scheme.Length..].Trim(), http.RequestAborted);
        if (key is null)
        {
            return null;
        }

        var member = await services.GetRequiredService<LedgerReader>().FindAsync<MemberRecord>(RecordKind.Member, key.Principal, http.RequestAborted);
        return member.Record is { Active: true } record && record.Organisation == key.Organisation ? new Caller(record, member.Version) : null;
    }
}
