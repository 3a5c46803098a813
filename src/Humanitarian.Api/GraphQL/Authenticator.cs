using Humanitarian.Api.Audit;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Signatures;
using Humanitarian.Domain;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.GraphQL;

/// <summary>The only door: a request without a living credential of an active member goes no further.</summary>
internal static class Authenticator
{
    private const string Advice = "Send an API key or a token as 'Authorization: Bearer ...'. It must not be expired or revoked, and its member must be active.";

    /// <summary>Runs the handler as the member behind the credential, or answers 401.</summary>
    /// <param name="operation">The name by which a credential may be limited to it; null where each root field has its own.</param>
    /// <param name="changes">True for what changes anything.</param>
    public static RequestDelegate Require(RequestDelegate handler, string? operation = null, bool changes = false) => async http =>
    {
        Session? known;
        string? refused;
        try
        {
            (known, refused) = await OpenAsync(http);
        }
        catch (Exception fault) when (Passing.Is(fault))
        {
            http.Response.Headers.RetryAfter = "1";
            await HttpAnswers.RefuseAsync(
                http, StatusCodes.Status503ServiceUnavailable, RefusalCode.Retry, "The ledger is moving to another server; ask again in a second.");
            return;
        }
        catch (BadHttpRequestException bad)
        {
            await HttpAnswers.RefuseAsync(http, bad.StatusCode, ApiCode.TooLarge, "A signed request may not be so long.");
            return;
        }

        if (known is null)
        {
            await RefuseAsync(http, refused);
            return;
        }

        var scope = http.RequestServices.GetRequiredService<CallerScope>();
        (scope.Caller, scope.Session) = (known.Caller, known);
        var done = false;
        try
        {
            await (operation is null ? handler(http) : EnterAsync(http, known.Caller, operation, changes, handler));
            done = true;
        }
        finally
        {
            await AuditExecution.RecordAsync(http, known.Caller, done ? http.Response.StatusCode : StatusCodes.Status500InternalServerError);
        }
    };

    /// <summary>What has no root fields is refused here for what they would refuse, and costs a budget the same whatever it is.</summary>
    private static Task EnterAsync(HttpContext http, Caller caller, string operation, bool changes, RequestDelegate handler)
    {
        if (caller.Person is not null || !caller.Limits.Allow(operation, changes))
        {
            return HttpAnswers.RefuseAsync(
                http, StatusCodes.Status403Forbidden, RefusalCode.Forbidden, caller.Person is null ? "This key is not for this." : "This is for members.");
        }

        var cost = http.RequestServices.GetRequiredService<HumanitarianApiOptions>().Limits.FileCost;
        if (http.RequestServices.GetRequiredService<Allowances<Id>>().Take(caller.Principal, cost) is { Taken: false } wait)
        {
            http.Response.Headers.RetryAfter = wait.RetryAfterSeconds;
            return HttpAnswers.RefuseAsync(
                http, StatusCodes.Status429TooManyRequests, ApiCode.RateLimited,
                $"Your budget has {wait.Remaining} left and this costs {cost}; ask again in {wait.RetryAfterSeconds} s.");
        }

        return handler(http);
    }

    private static async Task<(Session? Session, string? Refused)> OpenAsync(HttpContext http)
    {
        var services = http.RequestServices;
        var signed = SignedRequests.IsSigned(http.Request)
            ? await services.GetRequiredService<SignedRequests>().CheckAsync(http.Request, http.RequestAborted)
            : new SignedRequest(
                await services.GetRequiredService<Credentials>().FindAsync(http.Request.Headers.Authorization, http.Connection.RemoteIpAddress, http.RequestAborted), null);
        return (await Session.OpenAsync(services, signed.Credential, http.RequestAborted), signed.Code);
    }

    /// <param name="code">Why a signed request does not count; null for others.</param>
    private static Task RefuseAsync(HttpContext http, string? code)
    {
        if (http.RequestServices.GetRequiredService<LoginThrottle>().Failed(http.Connection.RemoteIpAddress) is { Taken: false } wait)
        {
            http.Response.Headers.RetryAfter = wait.RetryAfterSeconds;
            return HttpAnswers.RefuseAsync(
                http, StatusCodes.Status429TooManyRequests, ApiCode.RateLimited, "Too many requests of this address came without a good key, token or signature.");
        }

        http.Response.Headers.WWWAuthenticate = "Bearer";
        return HttpAnswers.RefuseAsync(http, StatusCodes.Status401Unauthorized, code ?? ApiCode.Unauthenticated, code switch
        {
            ApiCode.RequestExpired => "The signature's time has passed, has not begun, or is longer than five minutes; set the clock and sign again.",
            ApiCode.RequestReplayed => "This signed request came before; sign it again with another nonce. The same idempotency key is answered its first outcome.",
            RefusalCode.SignatureInvalid => "The signature does not hold for this method, target and body, or its key is not known.",
            _ => Advice,
        });
    }
}
