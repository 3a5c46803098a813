using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace Humanitarian.Api.Provider;

/// <summary>
/// The ledger's own identity provider, so that members sign in where there is no other: OpenIddict without a database, for people with a
/// passphrase (authorization code with PKCE) and services with an API key (client credentials).
/// </summary>
internal static class IdentityProvider
{
    private const string Authorize = "/connect/authorize";
    private const string Token = "/connect/token";

    private static readonly TimeSpan CodeLifetime = TimeSpan.FromMinutes(2);

    public static IServiceCollection AddIdentityProvider(this IServiceCollection services)
    {
        services.AddSingleton<ProviderKeys>();
        services.AddSingleton<OwnTokens>();
        services.AddSingleton<Passphrases>();
        services.AddOpenIddict().AddServer(server =>
        {
            server.EnableDegradedMode(); // Its own word for: the checks of clients are ours.
            server.SetAuthorizationEndpointUris(Authorize).SetTokenEndpointUris(Token);
            server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowClientCredentialsFlow();
            server.SetAuthorizationCodeLifetime(CodeLifetime).DisableAccessTokenEncryption().DisableScopeValidation();
            server.AddEventHandler<ValidateAuthorizationRequestContext>(handler => handler.UseScopedHandler<ClientChecks>());
            server.AddEventHandler<ValidateTokenRequestContext>(handler => handler.UseScopedHandler<ClientChecks>());

            // TLS ends at what stands in front.
            server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableTokenEndpointPassthrough().DisableTransportSecurityRequirement();
        });
        services.AddOptions<OpenIddictServerOptions>().Configure<ProviderKeys, HumanitarianApiOptions>(static (server, keys, options) =>
        {
            server.Issuer = options.SignIn.Issuer;
            server.AccessTokenLifetime = server.IdentityTokenLifetime = options.SignIn.TokenLifetime;
            server.SigningCredentials.Add(new SigningCredentials(keys.Signing, SecurityAlgorithms.EcdsaSha256));
            server.EncryptionCredentials.Add(new EncryptingCredentials(keys.Encryption, SecurityAlgorithms.Aes256KW, SecurityAlgorithms.Aes256CbcHmacSha512));
            server.CodeChallengeMethods.Remove(OpenIddictConstants.CodeChallengeMethods.Plain);
        });
        WithoutDataProtection(services);
        return services;
    }

    /// <summary>Maps the provider's endpoints where it is switched on.</summary>
    public static void MapIdentityProvider(this IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<HumanitarianApiOptions>().SignIn.Provider)
        {
            return;
        }

        // Settings that make no sense are found at start, not by the first who signs in.
        _ = routes.ServiceProvider.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue;
        var provider = routes.CreateApplicationBuilder();
        provider.UseAuthentication();
        provider.Run(http => http.Request.Path.StartsWithSegments(Authorize) ? SignInPage.HandleAsync(http)
            : http.Request.Path.StartsWithSegments(Token) ? TokenEndpoint.HandleAsync(http)
            : NotFoundAsync(http));
        var handler = provider.Build();
        string[] both = [HttpMethods.Get, HttpMethods.Post];
        routes.MapMethods(Authorize, both, handler);
        routes.MapMethods(Token, both, handler);
        routes.MapMethods("/.well-known/openid-configuration", both, handler);
        routes.MapMethods("/.well-known/jwks", both, handler);
    }

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    /// <summary>ASP.NET Core would make keys for cookies in the user's home folder at each start; there are no cookies here.</summary>
    private static void WithoutDataProtection(IServiceCollection services)
    {
        foreach (var hosted in services.Where(service =>
            service.ServiceType == typeof(IHostedService) && !service.IsKeyedService
            && service.ImplementationType?.FullName == "Microsoft.AspNetCore.DataProtection.Internal.DataProtectionHostedService").ToArray())
        {
            services.Remove(hosted);
        }
    }
}
