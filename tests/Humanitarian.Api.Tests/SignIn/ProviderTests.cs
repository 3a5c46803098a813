using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Web;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Humanitarian.Api.Tests.SignIn;

/// <summary>The ledger's own identity provider, asked as any OpenID Connect client would.</summary>
public sealed class ProviderTests(ApiServer api)
{
    private const string Passphrase = "correct horse battery";
    private const string Redirect = "http://127.0.0.1:9/callback";
    private const string Verifier = "a-verifier-of-at-least-forty-three-characters-0123456789";

    private static readonly string Challenge = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));

    [Fact]
    public async Task Metadata_names_the_endpoints_and_publishes_no_private_key()
    {
        var metadata = await api.Http.GetFromJsonAsync<JsonElement>("/.well-known/openid-configuration");
        Assert.Equal(api.Http.BaseAddress!.AbsoluteUri, metadata.GetProperty("issuer").GetString());
        Assert.Equal(["S256"], metadata.GetProperty("code_challenge_methods_supported").EnumerateArray().Select(one => one.GetString()));
        var key = Assert.Single((await api.Http.GetFromJsonAsync<JsonElement>(metadata.GetProperty("jwks_uri").GetString())).GetProperty("keys").EnumerateArray());
        Assert.Equal("ES256", key.GetProperty("alg").GetString());
        Assert.False(key.TryGetProperty("d", out _));
    }

    [Fact]
    public async Task Member_signs_in_with_a_passphrase_and_the_code_counts_once()
    {
        var (cast, member) = await MemberAsync("sign in");
        using var client = Client();
        using var page = await client.GetAsync(AuthorizeUrl());
        Assert.Equal(("text/html", HttpStatusCode.OK), (page.Content.Headers.ContentType!.MediaType, page.StatusCode));
        Assert.Contains("name=\"password\"", await page.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        var code = await CodeAsync(client, member.Member, Passphrase);
        Assert.NotNull(code);
        var (status, first) = await TokenAsync(client, code);
        Assert.True(status == HttpStatusCode.OK, first.ToString());
        var token = first.GetProperty("access_token").GetString()!;
        Assert.Equal(member.Member.ToString(), await MeAsync(token));
        var (again, second) = await TokenAsync(client, code);
        Assert.Equal((HttpStatusCode.BadRequest, "invalid_grant"), (again, second.GetProperty("error").GetString()));

        // An identity token and a code are no keys, and a new passphrase ends what the old one opened.
        Assert.Null(await MeAsync(first.GetProperty("id_token").GetString()!));
        Assert.Null(await MeAsync(code));
        ApiServer.Done(await api.MutateAsync(member.Key, "setPassphrase", cast.Input(("passphrase", "another horse battery"))));
        Assert.Null(await MeAsync(token));
        Assert.Null(await CodeAsync(client, member.Member, Passphrase));
    }

    [Fact]
    public async Task Code_is_given_to_who_asked_for_it_alone()
    {
        var (_, member) = await MemberAsync("code");
        using var client = Client();
        var wrong = new (string Name, string Value)[]
        {
            ("code_verifier", "another-verifier-of-at-least-forty-three-characters-0123"), ("redirect_uri", "http://127.0.0.1:10/callback"), ("client_id", "another"), ("code_verifier", ""),
        };
        foreach (var (name, value) in wrong)
        {
            var (status, answer) = await TokenAsync(client, (await CodeAsync(client, member.Member, Passphrase))!, (name, value));
            Assert.True(status != HttpStatusCode.OK, answer.ToString());
        }
    }

    [Theory]
    [InlineData("https://evil.example/callback", "local", true)]
    [InlineData("http://192.0.2.1/callback", "local", true)]
    [InlineData("http://localhost.evil.example/callback", "local", true)]
    [InlineData("http://127.0.0.1:9/callback", "unknown", true)]
    [InlineData("http://127.0.0.1:9/callback", "local", false)]
    public async Task Request_of_an_unknown_client_or_redirect_or_without_a_challenge_gets_no_page_and_no_redirect_elsewhere(string redirect, string clientId, bool challenge)
    {
        using var client = Client();
        using var response = await client.GetAsync(AuthorizeUrl(redirect, clientId, challenge));
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Null(response.Headers.Location);
    }

    [Fact]
    public async Task Registered_page_gets_the_code_at_its_own_address()
    {
        var (_, member) = await MemberAsync("page");
        await using var door = await Door.OpenAsync(
            api, signIn: settings => settings with { Clients = new Dictionary<string, IReadOnlyList<string>> { ["console"] = ["https://console.example/in"] } });
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = door.Front.Http.BaseAddress };
        Assert.NotNull(await CodeAsync(client, member.Member, Passphrase, "https://console.example/in", "console"));
        using var other = await client.GetAsync(AuthorizeUrl("https://console.example/in/other", "console"));
        Assert.Equal(HttpStatusCode.BadRequest, other.StatusCode);
    }

    [Fact]
    public async Task Passphrase_is_not_guessed_beyond_ten_attempts_even_all_at_once()
    {
        var (_, member) = await MemberAsync("guessed");
        using var client = Client();
        var guesses = await Task.WhenAll(Enumerable.Range(0, Attempts.Most).Select(n => CodeAsync(client, member.Member, $"a wrong passphrase {n}")));
        Assert.All(guesses, Assert.Null);
        Assert.Null(await CodeAsync(client, member.Member, Passphrase));
    }

    [Fact]
    public async Task Text_of_a_request_does_not_become_markup()
    {
        using var client = Client();
        var page = await client.GetStringAsync(AuthorizeUrl() + "&state=" + Uri.EscapeDataString("\"><script>alert(1)</script>"));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Service_gets_a_token_for_its_API_key_that_ends_with_the_key()
    {
        var (cast, member) = await MemberAsync("service");
        using var client = Client();
        var made = await api.Keys.CreateAsync(member.Member, member.Organisation);
        var token = await ServiceAsync(client, member.Member, made.Secret);
        Assert.Equal(member.Member.ToString(), await MeAsync(token!));
        Assert.Null(await ServiceAsync(client, api.Founding.Administrator, made.Secret));
        Assert.Null(await ServiceAsync(client, member.Member, "hum_wrong"));

        var limited = await api.Keys.CreateAsync(member.Member, member.Organisation, limits: new CredentialLimits(["ledger"], false, []));
        var (status, answer) = await SendAsync((await ServiceAsync(client, member.Member, limited.Secret))!, "{ me { id } }");
        Assert.True(status == HttpStatusCode.OK && answer.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString() == RefusalCode.Forbidden, answer.ToString());

        ApiServer.Done(await api.MutateAsync(member.Key, "revokeApiKey", cast.Input(("keyId", made.Key.Hash.ToString()))));
        Assert.Null(await MeAsync(token!));
    }

    [Fact]
    public async Task Token_of_a_member_who_was_deactivated_is_refused()
    {
        var cast = new Cast(api, "deactivated token");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var member = await cast.MemberAsync(administrator, "READER");
        using var client = Client();
        var token = await ServiceAsync(client, member.Member, member.Key);
        await cast.SignedAsync(administrator, "changeMember", cast.Input(("memberId", member.Member.ToString()), ("active", false)));
        Assert.Null(await MeAsync(token!));
    }

    [Fact]
    public async Task Another_ledgers_provider_is_one_that_an_organisation_can_bind()
    {
        // OpenIddict with keys of its own, on another port: to this ledger a provider like any other.
        await using var elsewhere = await Front.StartAsync(api, options => options with { Pepper = Founding.KeyOf("elsewhere") });
        await using var door = await Door.OpenAsync(api);
        var cast = new Cast(api, "elsewhere");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var member = await cast.MemberAsync(administrator, "READER");
        var made = await new ApiKeys(
            api.Files.Side, new SystemRandomSource(), TimeProvider.System, new HumanitarianApiOptions { Pepper = Founding.KeyOf("elsewhere"), MatchingKey = Founding.KeyOf("matching"), DataFolder = "." })
            .CreateAsync(api.Founding.Administrator, api.Founding.OperatorOrganisation);
        var token = (await ServiceAsync(elsewhere.Http, api.Founding.Administrator, made.Secret))!;
        var issuer = new JsonWebToken(token).Issuer;
        ApiServer.Done(await door.MutateAsync(administrator.Key, "bindIssuer", cast.Input(("issuer", issuer), ("audience", "humanitarian"))));
        Assert.Null(await door.MeAsync(token));
        ApiServer.Done(await door.MutateAsync(
            administrator.Key, "bindSignIn", cast.Input(("memberId", member.Member.ToString()), ("issuer", issuer), ("subject", api.Founding.Administrator.ToString()))));
        Assert.Equal(member.Member.ToString(), await door.MeAsync(token));
    }

    private async Task<(Cast Cast, Actor Member)> MemberAsync(string name)
    {
        var cast = new Cast(api, name);
        var member = await cast.OrganisationAsync("NGO", "READER");
        ApiServer.Done(await api.MutateAsync(member.Key, "setPassphrase", cast.Input(("passphrase", Passphrase))));
        return (cast, member);
    }

    private HttpClient Client() => new(new SocketsHttpHandler { AllowAutoRedirect = false, Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = api.Http.BaseAddress };

    private static string AuthorizeUrl(string redirect = Redirect, string client = "local", bool challenge = true) =>
        $"/connect/authorize?response_type=code&scope=openid&client_id={client}&redirect_uri={Uri.EscapeDataString(redirect)}" + (challenge ? $"&code_challenge={Challenge}&code_challenge_method=S256" : "");

    /// <summary>Fills the page's form in; the code that its client would be sent, or null.</summary>
    private static async Task<string?> CodeAsync(HttpClient client, Id member, string passphrase, string redirect = Redirect, string clientId = "local")
    {
        var page = await client.GetStringAsync(AuthorizeUrl(redirect, clientId));
        var fields = System.Text.RegularExpressions.Regex.Matches(page, "type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")
            .ToDictionary(field => field.Groups[1].Value, field => HttpUtility.HtmlDecode(field.Groups[2].Value));
        (fields["username"], fields["password"]) = (member.ToString(), passphrase);
        using var response = await client.PostAsync("/connect/authorize", new FormUrlEncodedContent(fields));
        if (response.StatusCode != HttpStatusCode.Redirect)
        {
            Assert.True(response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests, await response.Content.ReadAsStringAsync());
            return null;
        }

        Assert.StartsWith(redirect + "?", response.Headers.Location!.AbsoluteUri, StringComparison.Ordinal);
        return HttpUtility.ParseQueryString(response.Headers.Location.Query)["code"];
    }

    [Fact]
    public async Task Form_of_a_megabyte_is_not_read()
    {
        using var client = Client();
        using var form = new StringContent("grant_type=client_credentials&client_id=" + new string('a', 1024 * 1024), System.Text.Encoding.ASCII, "application/x-www-form-urlencoded");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form };
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    private static Task<(HttpStatusCode Status, JsonElement Answer)> TokenAsync(HttpClient client, string code, params (string Name, string Value)[] changes)
    {
        var fields = new Dictionary<string, string>
        {
            ["grant_type"] = "authorization_code", ["client_id"] = "local", ["code"] = code, ["redirect_uri"] = Redirect, ["code_verifier"] = Verifier,
        };
        foreach (var (name, value) in changes)
        {
            fields[name] = value;
        }

        return FormAsync(client, fields);
    }

    private static async Task<string?> ServiceAsync(HttpClient client, Id member, string secret)
    {
        var (status, answer) = await FormAsync(client, new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials", ["client_id"] = member.ToString(), ["client_secret"] = secret,
        });
        return status == HttpStatusCode.OK ? answer.GetProperty("access_token").GetString() : null;
    }

    private static async Task<(HttpStatusCode Status, JsonElement Answer)> FormAsync(HttpClient client, Dictionary<string, string> fields)
    {
        using var response = await client.PostAsync("/connect/token", new FormUrlEncodedContent(fields));
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<string?> MeAsync(string credential)
    {
        var (status, answer) = await SendAsync(credential, "{ me { id } }");
        return status is HttpStatusCode.Unauthorized or HttpStatusCode.TooManyRequests ? null : answer.GetProperty("data").GetProperty("me").GetProperty("id").GetString();
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(string credential, string query)
    {
        using var response = await api.SendAsync(credential, HttpMethod.Post, "/graphql", JsonContent.Create(new { query }));
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>());
    }
}
