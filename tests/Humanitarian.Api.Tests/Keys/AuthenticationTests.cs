using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Keys;

public sealed class AuthenticationTests(ApiServer api)
{
    private const string Me = "{ me { id roles } }";

    private static HttpContent Body => JsonContent.Create(new { query = Me });

    [Theory]
    [InlineData(null)]
    [InlineData("hum_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("not a key")]
    public async Task Request_without_a_living_key_is_refused(string? key)
    {
        foreach (var (method, path) in new[] { (HttpMethod.Post, "/graphql"), (HttpMethod.Post, "/lists"), (HttpMethod.Get, $"/lists/{Id.None}/errors") })
        {
            using var response = await api.SendAsync(key, method, path, method == HttpMethod.Post ? Body : null);
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal("UNAUTHENTICATED", answer.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString());
        }
    }

    [Fact]
    public async Task Key_of_a_member_authenticates_that_member()
    {
        var data = await api.QueryAsync(api.OperatorKey, Me);
        Assert.Equal(api.Founding.Administrator.ToString(), data.GetProperty("me").GetProperty("id").GetString());
    }

    [Fact]
    public async Task Key_is_stored_as_a_hash_only()
    {
        var made = await api.Keys.CreateAsync(api.Founding.Administrator, api.Founding.OperatorOrganisation);
        var stored = await api.Files.Side.FindAsync("apikey", made.Key.Hash.ToString());
        Assert.NotNull(stored);
        Assert.DoesNotContain(made.Secret[ApiKeys.Prefix.Length..], stored.Json, StringComparison.Ordinal);
        Assert.DoesNotContain(made.Secret, made.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row_planted_without_the_pepper_authenticates_nobody()
    {
        // The planter knows everything about the rows but the pepper: first with a pepper of their own, then by moving a true row's seal.
        var planters = new HumanitarianApiOptions { Pepper = Founding.KeyOf("another pepper"), MatchingKey = Founding.KeyOf("matching"), DataFolder = "." };
        var planted = await new ApiKeys(api.Files.Side, new SystemRandomSource(), TimeProvider.System, planters)
            .CreateAsync(api.Founding.Administrator, api.Founding.OperatorOrganisation);
        Assert.Null(await api.Keys.AuthenticateAsync(planted.Secret));

        var cast = new Cast(api, "planted");
        var vendor = await cast.OrganisationAsync("VENDOR", "VENDOR");
        var own = await api.Keys.CreateAsync(vendor.Member, vendor.Organisation);
        var row = (await api.Files.Side.FindAsync("apikey", own.Key.Hash.ToString()))!;
        var raised = row with { Json = row.Json.Replace(vendor.Member.ToString(), api.Founding.Administrator.ToString(), StringComparison.Ordinal) };
        Assert.NotEqual(row.Json, raised.Json);
        Assert.True(await api.Files.Side.PutAsync(raised));
        Assert.Null(await api.Keys.AuthenticateAsync(own.Secret));
    }

    [Fact]
    public async Task Expired_key_is_refused()
    {
        var past = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() - 1;
        var made = await api.Keys.CreateAsync(api.Founding.Administrator, api.Founding.OperatorOrganisation, past);
        Assert.Null(await api.Keys.AuthenticateAsync(made.Secret));
    }

    [Fact]
    public async Task Administrator_makes_a_key_that_is_shown_once_and_revokes_it()
    {
        var cast = new Cast(api, "keys");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var member = await cast.MemberAsync(administrator, "READER");
        var input = cast.Input(("memberId", member.Member.ToString()));
        var made = await cast.DoneAsync(administrator, "createApiKey", input, "secret keyId");
        var secret = made.GetProperty("secret").GetString()!;
        Assert.Equal(member.Member.ToString(), (await api.QueryAsync(secret, Me)).GetProperty("me").GetProperty("id").GetString());

        var again = ApiServer.Refused(RefusalCode.AlreadyExists, await api.MutateAsync(administrator.Key, "createApiKey", input, "secret"));
        Assert.Equal(JsonValueKind.Null, again.GetProperty("secret").ValueKind);

        await cast.DoneAsync(administrator, "revokeApiKey", cast.Input(("keyId", made.GetProperty("keyId").GetString())));
        using var response = await api.SendAsync(secret, HttpMethod.Post, "/graphql", Body);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Fact]
    public async Task Nobody_makes_or_revokes_keys_of_another_organisation()
    {
        var cast = new Cast(api, "foreign keys");
        var ours = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var theirs = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(ours.Key, "createApiKey", cast.Input(("memberId", theirs.Member.ToString())), "secret"));
        var key = await api.Keys.CreateAsync(theirs.Member, theirs.Organisation);
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(ours.Key, "revokeApiKey", cast.Input(("keyId", key.Key.Hash.ToString()))));
        Assert.NotNull(await api.Keys.AuthenticateAsync(key.Secret));
    }

    [Fact]
    public async Task Key_of_a_member_who_was_deactivated_is_refused()
    {
        var cast = new Cast(api, "deactivated");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var member = await cast.MemberAsync(administrator, "READER");
        await cast.SignedAsync(administrator, "changeMember", cast.Input(("memberId", member.Member.ToString()), ("active", false)));
        using var response = await api.SendAsync(member.Key, HttpMethod.Post, "/graphql", Body);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
