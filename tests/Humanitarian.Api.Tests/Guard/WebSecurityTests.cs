using System.Net;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Humanitarian.Api.Tests.Guard;

/// <summary>Headers, origins and addresses.</summary>
public sealed class WebSecurityTests(ApiServer api)
{
    private const string Origin = "https://aid.example.org";

    private static object Me => new { query = "{ me { id } }" };

    [Theory]
    [InlineData("POST", "/graphql", true)]
    [InlineData("POST", "/graphql", false)]
    [InlineData("PUT", "/graphql", false)]
    [InlineData("GET", "/nothing", false)]
    public async Task Every_answer_has_security_headers(string method, string path, bool authenticated)
    {
        using var response = await api.SendAsync(authenticated ? api.OperatorKey : null, new HttpMethod(method), path, System.Net.Http.Json.JsonContent.Create(Me));
        string? Header(string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(',', values) : null;
        Assert.Equal("nosniff", Header("X-Content-Type-Options"));
        Assert.Equal("DENY", Header("X-Frame-Options"));
        Assert.Equal("no-referrer", Header("Referrer-Policy"));
        Assert.Contains("default-src 'none'", Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Null(Header("Strict-Transport-Security"));
        Assert.Null(Header("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task A_pepper_that_is_too_short_starts_no_api() => Assert.Contains(
        "Pepper", (await Assert.ThrowsAsync<ArgumentException>(() => Front.StartAsync(api, options => options with { Pepper = new byte[8] }))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task Fault_outside_graphql_is_masked_with_a_correlation_id()
    {
        await using var front = await Front.StartAsync(
            api, map: application => application.MapGet("/broken", Task (Microsoft.AspNetCore.Http.HttpContext _) => throw new InvalidOperationException("secret")));
        using var response = await front.Http.GetAsync("/broken");
        var answer = await response.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Matches("INTERNAL_ERROR", answer);
        Assert.Matches("under [0-9a-f]{32}\\.", answer);
        Assert.DoesNotContain("secret", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", answer, StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
    }

    [Fact]
    public async Task Pages_of_allowed_origins_alone_may_use_the_api()
    {
        await using var front = await Front.StartAsync(api, options => options with { AllowedOrigins = [Origin] });
        async Task<string?> AllowedAsync(HttpMethod method, string origin)
        {
            using var request = new HttpRequestMessage(method, "/graphql");
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Access-Control-Request-Method", "POST");
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type");
            using var response = await front.Http.SendAsync(request);
            return response.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : null;
        }

        Assert.Equal(Origin, await AllowedAsync(HttpMethod.Options, Origin));
        Assert.Equal(Origin, await AllowedAsync(HttpMethod.Get, Origin));
        Assert.Null(await AllowedAsync(HttpMethod.Options, "https://other.example.org"));
        Assert.Null(await AllowedAsync(HttpMethod.Get, "https://other.example.org"));
    }

    [Theory]
    [InlineData(true, "https", true)]
    [InlineData(true, "http", false)]
    [InlineData(false, "https", false)]
    public async Task Browser_is_held_to_tls_where_a_trusted_proxy_speaks_it(bool trusted, string proto, bool held)
    {
        await using var front = await Front.StartAsync(api, options => options with { TrustedProxies = trusted ? [Front.Proxy] : [] });
        var (response, _) = await front.PostAsync(api.OperatorKey, Me, ("Host", "aid.example.org"), ("X-Forwarded-Proto", proto), ("X-Forwarded-For", "192.0.2.1"));
        Assert.Equal(held, response.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task Client_behind_two_trusted_proxies_is_who_the_outer_one_says_whatever_they_say_themselves()
    {
        var time = new ManualTime();
        await using var front = await Front.StartAsync(
            api, options => options with { Limits = new ApiLimits { FailedLogins = 1, FailedLoginsPerSecond = 1 }, TrustedProxies = [Front.Proxy, IPNetwork.Parse("10.4.0.0/16")] }, time);
        Task<(HttpResponseMessage Response, JsonElement Answer)> GuessAsync(string through) => front.PostAsync("hk_wrong", Me, ("X-Forwarded-For", through));
        Assert.Equal("UNAUTHENTICATED", Front.Code((await GuessAsync("198.51.100.7, 192.0.2.1, 10.4.7.8")).Answer));
        Assert.Equal("RATE_LIMITED", Front.Code((await GuessAsync("198.51.100.8, 192.0.2.1, 10.4.1.1")).Answer));
        Assert.Equal("UNAUTHENTICATED", Front.Code((await GuessAsync("192.0.2.1, 10.4.0.9, 10.4.7.8")).Answer));
    }

    [Fact]
    public async Task Address_that_guesses_keys_is_slowed_and_good_keys_from_it_never()
    {
        var time = new ManualTime();
        await using var front = await Front.StartAsync(
            api, options => options with { Limits = new ApiLimits { FailedLogins = 3, FailedLoginsPerSecond = 1 }, TrustedProxies = [Front.Proxy] }, time);
        async Task<(HttpStatusCode Status, double? RetryAfter)> TryAsync(string? key, string from = "192.0.2.1")
        {
            var (response, _) = await front.PostAsync(key, Me, ("X-Forwarded-For", from));
            return (response.StatusCode, response.Headers.RetryAfter?.Delta?.TotalSeconds);
        }

        for (var guess = 0; guess < 3; guess++)
        {
            Assert.Equal((HttpStatusCode.Unauthorized, null), await TryAsync(guess == 0 ? null : $"hum_guess{guess}"));
        }

        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await TryAsync("hum_guess"));
        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await TryAsync(null));
        Assert.Equal((HttpStatusCode.OK, null), await TryAsync(api.OperatorKey));
        Assert.Equal((HttpStatusCode.Unauthorized, null), await TryAsync("hum_guess", "192.0.2.2"));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((HttpStatusCode.Unauthorized, null), await TryAsync("hum_guess"));
        Assert.Equal((HttpStatusCode.TooManyRequests, 1), await TryAsync("hum_guess"));
    }

    [Fact]
    public async Task Addresses_of_one_network_are_one()
    {
        await using var front = await Front.StartAsync(
            api, options => options with { Limits = new ApiLimits { FailedLogins = 1, FailedLoginsPerSecond = 1 }, TrustedProxies = [Front.Proxy] }, new ManualTime());
        async Task<HttpStatusCode> TryAsync(string from) => (await front.PostAsync("hum_guess", Me, ("X-Forwarded-For", from))).Response.StatusCode;
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("2001:db8:0:1::1"));
        Assert.Equal(HttpStatusCode.TooManyRequests, await TryAsync("2001:db8:0:1:ffff::2"));
        Assert.Equal(HttpStatusCode.Unauthorized, await TryAsync("2001:db8:0:2::1"));
    }
}
