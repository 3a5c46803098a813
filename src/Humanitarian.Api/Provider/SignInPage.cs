using System.Security.Claims;
using System.Text;
using System.Text.Encodings.Web;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Api.SignIn;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;

namespace Humanitarian.Api.Provider;

/// <summary>The page on which a member signs in. It has no script, no style and no cookie: each program that asks shows it anew.</summary>
internal static class SignInPage
{
    /// <summary>Claim of a code that makes it count once.</summary>
    public const string CodeId = "code_id";

    // OpenIddict leaves what has the second name out of its logs.
    private const string MemberField = OpenIddictConstants.Parameters.Username;
    private const string PassphraseField = OpenIddictConstants.Parameters.Password;

    /// <summary>The request has been checked: its client may have a code.</summary>
    public static async Task HandleAsync(HttpContext http)
    {
        var request = http.GetOpenIddictServerRequest()!;
        var given = HttpMethods.IsPost(http.Request.Method) ? (string?)request[MemberField] : null;
        if (given is null)
        {
            await ShowAsync(http, request, null);
            return;
        }

        if (await CheckAsync(http, given, (string?)request[PassphraseField] ?? "") is not { } principal)
        {
            var wait = http.RequestServices.GetRequiredService<LoginThrottle>().Failed(http.Connection.RemoteIpAddress);
            http.Response.StatusCode = wait.Taken ? StatusCodes.Status401Unauthorized : StatusCodes.Status429TooManyRequests;
            await ShowAsync(http, request, "These do not belong together, or there were too many attempts. Wait a quarter of an hour, or ask your administrator for a new API key.");
            return;
        }

        principal.SetScopes(request.GetScopes());
        await http.SignInAsync(OpenIddictServerAspNetCoreDefaults.AuthenticationScheme, principal);
    }

    /// <summary>A token's principal for a member.</summary>
    public static ClaimsPrincipal PrincipalOf(Id member, string claim, string value)
    {
        var identity = new ClaimsIdentity("Humanitarian", OpenIddictConstants.Claims.Subject, OpenIddictConstants.Claims.Role);
        identity.SetClaim(OpenIddictConstants.Claims.Subject, member.ToString()).SetClaim(claim, value);
        var principal = new ClaimsPrincipal(identity);
        principal.SetResources(SignInOptions.Audience);
        principal.SetDestinations(static one => one.Type == CodeId ? [] : [OpenIddictConstants.Destinations.AccessToken]);
        return principal;
    }

    private static async Task<ClaimsPrincipal?> CheckAsync(HttpContext http, string given, string passphrase)
    {
        var services = http.RequestServices;
        if (!Id.TryParse(given.Trim(), out var member)
            || await services.GetRequiredService<Passphrases>().CheckAsync(member, passphrase, http.RequestAborted) is not { } set
            || (await services.GetRequiredService<LedgerReader>().FindAsync<MemberRecord>(RecordKind.Member, member, http.RequestAborted)).Record is not { Active: true })
        {
            return null;
        }

        var code = new byte[Hash32.Size];
        services.GetRequiredService<IRandomSource>().Fill(code);
        var principal = PrincipalOf(member, OwnTokens.Passphrase, set.Value.Stamp());
        principal.SetClaim(CodeId, Convert.ToHexStringLower(code));
        return principal;
    }

    private static async Task ShowAsync(HttpContext http, OpenIddictRequest request, string? wrong)
    {
        var name = (await http.RequestServices.GetRequiredService<LedgerInfo>().RecordAsync()).Name;
        var page = new StringBuilder($"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Sign in</title><h1>Sign in to {Html(name)}</h1>");
        if (wrong is not null)
        {
            page.Append($"<p role=\"alert\">{Html(wrong)}</p>");
        }

        page.Append("<form method=\"post\">");
        foreach (var (parameter, value) in request.GetParameters().Where(one => one.Key is not (MemberField or PassphraseField)))
        {
            page.Append($"<input type=\"hidden\" name=\"{Html(parameter)}\" value=\"{Html((string?)value ?? "")}\">");
        }

        page.Append($"<p><label>Member id <input name=\"{MemberField}\" autocomplete=\"username\" required maxlength=\"64\"></label>"
            + $"<p><label>Passphrase <input name=\"{PassphraseField}\" type=\"password\" autocomplete=\"current-password\" required maxlength=\"{Passphrases.CharsMax}\"></label><p><button>Sign in</button></form>");
        http.Response.ContentType = "text/html; charset=utf-8";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.WriteAsync(page.ToString(), http.RequestAborted);
    }

    private static string Html(string text) => HtmlEncoder.Default.Encode(text);
}
