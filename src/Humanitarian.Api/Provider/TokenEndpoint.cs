using System.Security.Claims;
using Humanitarian.Api.Keys;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using OpenIddict.Abstractions;
using OpenIddict.Server.AspNetCore;
using static OpenIddict.Abstractions.OpenIddictConstants;

namespace Humanitarian.Api.Provider;

/// <summary>Gives a token for a code that counts once, or for a service's API key.</summary>
internal static class TokenEndpoint
{
    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;

    /// <summary>The request has been checked: its client, its code with redirect URI and verifier, or its secret.</summary>
    public static async Task HandleAsync(HttpContext http)
    {
        var request = http.GetOpenIddictServerRequest()!;
        var principal = request.IsAuthorizationCodeGrantType() ? await OfCodeAsync(http) : await OfServiceAsync(http, request);
        if (principal is not null)
        {
            await http.SignInAsync(Scheme, principal);
            return;
        }

        await http.ForbidAsync(Scheme, new AuthenticationProperties(new Dictionary<string, string?>
        {
            [OpenIddictServerAspNetCoreConstants.Properties.Error] = Errors.InvalidGrant,
            [OpenIddictServerAspNetCoreConstants.Properties.ErrorDescription] = "The code was used before, or the key has ended.",
        }));
    }

    private static async Task<ClaimsPrincipal?> OfCodeAsync(HttpContext http) =>
        (await http.AuthenticateAsync(Scheme)).Principal is { } principal && principal.GetClaim(SignInPage.CodeId) is { } code && principal.GetExpirationDate() is { } expires
        && await http.RequestServices.GetRequiredService<SpentOnce>().SpendAsync($"code {code}", expires, http.RequestAborted)
            ? principal
            : null;

    private static async Task<ClaimsPrincipal?> OfServiceAsync(HttpContext http, OpenIddictRequest request)
    {
        var services = http.RequestServices;
        if (await ClientChecks.ServiceAsync(services.GetRequiredService<ApiKeys>(), request, http.Connection.RemoteIpAddress, http.RequestAborted) is not { } key)
        {
            return null;
        }

        var principal = SignInPage.PrincipalOf(key.Principal, OwnTokens.Key, key.Hash.ToString());
        principal.SetScopes(request.GetScopes());
        var left = key.ExpiresAt - services.GetRequiredService<TimeProvider>().GetUtcNow().ToUnixTimeMilliseconds();
        if (left < services.GetRequiredService<HumanitarianApiOptions>().SignIn.TokenLifetime.TotalMilliseconds)
        {
            principal.SetAccessTokenLifetime(TimeSpan.FromMilliseconds(Math.Max(left, 1)));
        }

        return principal;
    }
}
