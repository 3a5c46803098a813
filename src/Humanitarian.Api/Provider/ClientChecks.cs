using System.Net;
using Humanitarian.Api.Keys;
using Humanitarian.Api.SignIn;
using Humanitarian.Domain;
using Microsoft.AspNetCore;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Abstractions.OpenIddictConstants;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Humanitarian.Api.Provider;

/// <summary>Which programs may ask the own provider for a token: pages with a registered redirect URI, programs on the member's machine, services with an API key.</summary>
internal sealed class ClientChecks(HumanitarianApiOptions options, ApiKeys keys, LoginThrottle throttle)
    : IOpenIddictServerHandler<ValidateAuthorizationRequestContext>, IOpenIddictServerHandler<ValidateTokenRequestContext>
{
    public ValueTask HandleAsync(ValidateAuthorizationRequestContext context)
    {
        if (!MayReturnTo(context.ClientId, context.RedirectUri))
        {
            context.Reject(Errors.InvalidRequest, "This client is not registered with this redirect URI.");
        }

        return default;
    }

    public async ValueTask HandleAsync(ValidateTokenRequestContext context)
    {
        if (context.Request.IsAuthorizationCodeGrantType() && !IsKnown(context.ClientId))
        {
            context.Reject(Errors.InvalidClient, "There is no such client.");
        }
        else if (context.Request.IsClientCredentialsGrantType())
        {
            var http = context.Transaction.GetHttpRequest()!.HttpContext;
            if (await ServiceAsync(keys, context.Request, http.Connection.RemoteIpAddress, http.RequestAborted) is null)
            {
                throttle.Failed(http.Connection.RemoteIpAddress);
                context.Reject(Errors.InvalidClient, "client_id is a member's id, client_secret one of the member's living API keys.");
            }
        }
    }

    /// <summary>The API key that a service shows as its secret, or null.</summary>
    public static async Task<ApiKey?> ServiceAsync(ApiKeys keys, OpenIddictRequest request, IPAddress? from, CancellationToken cancellationToken) =>
        Id.TryParse(request.ClientId, out var member) && request.ClientSecret is { } secret
        && await keys.AuthenticateAsync(secret, cancellationToken) is { } key && key.Principal == member && key.Limits.AllowFrom(from)
            ? key
            : null;

    private bool IsKnown(string? client) => client == SignInOptions.LocalClient || (client is not null && options.SignIn.Clients.ContainsKey(client));

    private bool MayReturnTo(string? client, string? redirect) =>
        client == SignInOptions.LocalClient ? IsLoopback(redirect)
        : client is not null && redirect is not null && options.SignIn.Clients.TryGetValue(client, out var registered) && registered.Contains(redirect, StringComparer.Ordinal);

    /// <summary>On any port, as RFC 8252 has it for programs that listen on one of their own.</summary>
    private static bool IsLoopback(string? redirect) =>
        Uri.TryCreate(redirect, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.UserInfo.Length == 0
        && IPAddress.TryParse(uri.Host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address);
}
