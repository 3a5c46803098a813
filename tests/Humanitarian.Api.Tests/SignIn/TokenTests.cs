using System.Text;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Humanitarian.Api.Tests.SignIn;

/// <summary>Tokens of an identity provider that an organisation has bound.</summary>
public sealed class TokenTests(ApiServer api)
{
    [Fact]
    public async Task Token_of_a_bound_issuer_stands_for_the_member_whom_its_subject_is_bound_to()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        var (cast, administrator, member) = await BoundAsync(door, issuer, "token", "anna@example.org");
        Assert.Equal(member.Member.ToString(), await door.MeAsync(issuer.Token("anna@example.org")));
        Assert.Null(await door.MeAsync(issuer.Token("nobody@example.org")));

        // Nothing that is stored names the subject.
        Assert.DoesNotContain(
            await api.Files.Side.ListAsync("sign-in", administrator.Organisation.ToString(), null, 100),
            row => row.Json.Contains("anna", StringComparison.Ordinal) || row.Key.Contains("anna", StringComparison.Ordinal));

        ApiServer.Done(await door.MutateAsync(administrator.Key, "unbindSignIn", cast.Input(("issuer", issuer.Url), ("subject", "anna@example.org"))));
        Assert.Null(await door.MeAsync(issuer.Token("anna@example.org")));
    }

    [Fact]
    public async Task Token_that_is_not_for_this_ledger_now_by_a_key_of_the_issuer_is_refused()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var other = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        await BoundAsync(door, issuer, "bad token", "ben");
        var now = TimeProvider.System.GetUtcNow().UtcDateTime;
        var publicKey = Encoding.UTF8.GetBytes(Convert.ToBase64String(issuer.Key.Rsa.ExportSubjectPublicKeyInfo()));
        var bad = new Dictionary<string, string>
        {
            ["expired"] = issuer.Token("ben", one => (one.NotBefore, one.Expires) = (now.AddMinutes(-10), now.AddSeconds(-1))),
            ["not yet valid"] = issuer.Token("ben", one => (one.NotBefore, one.Expires) = (now.AddMinutes(5), now.AddMinutes(10))),
            ["without expiry"] = issuer.Token("ben", one => one.Expires = null),
            ["for another audience"] = issuer.Token("ben", one => one.Audience = "another"),
            ["without audience"] = issuer.Token("ben", one => one.Audience = null),
            ["of another issuer's name"] = issuer.Token("ben", one => one.Issuer = other.Url),
            ["without issuer"] = issuer.Token("ben", one => one.Issuer = null),
            ["of another key"] = other.Token("ben", one => one.Issuer = issuer.Url),
            ["of another key under this one's name"] = other.Token("ben", one =>
            {
                one.Issuer = issuer.Url;
                one.SigningCredentials = new SigningCredentials(new RsaSecurityKey(other.Key.Rsa) { KeyId = issuer.Key.KeyId }, SecurityAlgorithms.RsaSha256);
            }),
            ["unsigned"] = issuer.Token("ben", one => one.SigningCredentials = null),
            ["signed with the public key as a secret"] = issuer.Token("ben", one => one.SigningCredentials = new SigningCredentials(
                new SymmetricSecurityKey(publicKey) { KeyId = issuer.Key.KeyId }, SecurityAlgorithms.HmacSha256)),
            ["cut"] = issuer.Token("ben")[..^10],
            ["of three empty parts"] = "..",
            ["of no JSON"] = "e30.e30.e30",
        };
        Assert.NotNull(await door.MeAsync(issuer.Token("ben")));
        foreach (var (what, token) in bad)
        {
            Assert.True(await door.MeAsync(token) is null, $"A token {what} was taken.");
        }
    }

    [Fact]
    public async Task Issuer_that_took_another_key_is_asked_again_and_its_old_tokens_end()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        var (_, _, member) = await BoundAsync(door, issuer, "turned", "cleo");
        Assert.Equal(member.Member.ToString(), await door.MeAsync(issuer.Token("cleo")));
        issuer.Turn();
        await UntilAsync(async () => await door.MeAsync(issuer.Token("cleo")) == member.Member.ToString());
    }

    [Fact]
    public async Task Issuer_is_one_organisations_alone_and_speaks_for_its_members_alone()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        var (cast, administrator, member) = await BoundAsync(door, issuer, "one organisation", "dora");
        var stranger = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        ApiServer.Refused(RefusalCode.AlreadyExists, await door.MutateAsync(stranger.Key, "bindIssuer", Bind(cast, issuer)));
        ApiServer.Refused(RefusalCode.NotFound, await door.MutateAsync(stranger.Key, "unbindIssuer", cast.Input(("issuer", issuer.Url))));
        ApiServer.Refused(RefusalCode.NotFound, await door.MutateAsync(stranger.Key, "bindSignIn", BindSubject(cast, issuer, stranger, "eve")));
        ApiServer.Refused(RefusalCode.NotFound, await door.MutateAsync(stranger.Key, "bindSignIn", BindSubject(cast, issuer, member, "eve")));
        ApiServer.Refused(RefusalCode.NotFound, await door.MutateAsync(stranger.Key, "unbindSignIn", cast.Input(("issuer", issuer.Url), ("subject", "dora"))));
        ApiServer.Refused(RefusalCode.NotFound, await door.MutateAsync(administrator.Key, "bindSignIn", BindSubject(cast, issuer, stranger, "eve")));

        // One subject is one member.
        var second = await cast.MemberAsync(administrator, "READER");
        ApiServer.Refused(RefusalCode.AlreadyExists, await door.MutateAsync(administrator.Key, "bindSignIn", BindSubject(cast, issuer, second, "dora")));
        ApiServer.Done(await door.MutateAsync(administrator.Key, "bindSignIn", BindSubject(cast, issuer, member, "dora")));
        Assert.Equal(member.Member.ToString(), await door.MeAsync(issuer.Token("dora")));

        // An operator can free the issuer, which ends its tokens.
        ApiServer.Done(await door.MutateAsync(api.OperatorKey, "unbindIssuer", cast.Input(("issuer", issuer.Url))));
        Assert.Null(await door.MeAsync(issuer.Token("dora")));
        ApiServer.Done(await door.MutateAsync(stranger.Key, "bindIssuer", Bind(cast, issuer)));
        Assert.Null(await door.MeAsync(issuer.Token("dora")));
    }

    [Fact]
    public async Task Issuer_without_metadata_under_its_own_name_or_on_a_private_address_is_not_bound()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        await using var strict = await Door.OpenAsync(api, signIn: settings => settings with { Outgoing = new() });
        var cast = new Cast(api, "unbound");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        issuer.Claimed = "https://accounts.example.org";
        ApiServer.Refused(ApiCode.IssuerUnreachable, await door.MutateAsync(administrator.Key, "bindIssuer", Bind(cast, issuer)));
        issuer.Claimed = null;
        ApiServer.Refused(RefusalCode.InvalidInput, await strict.MutateAsync(administrator.Key, "bindIssuer", Bind(cast, issuer)));
        ApiServer.Refused(
            ApiCode.IssuerUnreachable,
            await strict.MutateAsync(administrator.Key, "bindIssuer", cast.Input(("issuer", issuer.Url.Replace("http:", "https:", StringComparison.Ordinal)), ("audience", TestIssuer.Audience))));
        ApiServer.Done(await door.MutateAsync(administrator.Key, "bindIssuer", Bind(cast, issuer)));
        var (_, answer) = await door.Front.PostAsync(administrator.Key, new { query = "{ issuers { issuer audience } }" });
        Assert.Equal(issuer.Url, Assert.Single(answer.GetProperty("data").GetProperty("issuers").EnumerateArray()).GetProperty("issuer").GetString());
    }

    [Fact]
    public async Task Binding_planted_without_the_pepper_authenticates_nobody()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        var (_, administrator, member) = await BoundAsync(door, issuer, "planted sign-in", "fay");
        var row = Assert.Single(await api.Files.Side.ListAsync("sign-in", administrator.Organisation.ToString(), null, 10));
        var raised = row with { Json = row.Json.Replace(member.Member.ToString(), administrator.Member.ToString(), StringComparison.Ordinal) };
        Assert.NotEqual(row.Json, raised.Json);
        Assert.True(await api.Files.Side.PutAsync(raised));
        Assert.Null(await door.MeAsync(issuer.Token("fay")));
    }

    [Fact]
    public async Task Socket_is_closed_when_its_token_expires()
    {
        await using var issuer = await TestIssuer.StartAsync();
        await using var door = await Door.OpenAsync(api);
        await BoundAsync(door, issuer, "socket", "gus");
        var token = issuer.Token("gus", one => one.Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(10));
        using var client = await SocketClient.ConnectAsync(door.Front.Http.BaseAddress!);
        await client.SendAsync(new { type = "connection_init", payload = new { authorization = $"Bearer {token}" } });
        Assert.Equal("connection_ack", SocketClient.Type(await client.NextAsync()));
        await client.SubscribeAsync("1", "{ me { id } }");
        await client.EventAsync("1");
        Assert.Equal(4403, await client.ClosedAsync());
        Assert.True(TimeProvider.System.GetUtcNow().UtcDateTime >= new JsonWebToken(token).ValidTo, "It was closed before.");
    }

    private async Task<(Cast Cast, Actor Administrator, Actor Member)> BoundAsync(Door door, TestIssuer issuer, string name, string subject)
    {
        var cast = new Cast(api, name);
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        var member = await cast.MemberAsync(administrator, "READER");
        ApiServer.Done(await door.MutateAsync(administrator.Key, "bindIssuer", Bind(cast, issuer)));
        ApiServer.Done(await door.MutateAsync(administrator.Key, "bindSignIn", BindSubject(cast, issuer, member, subject)));
        return (cast, administrator, member);
    }

    private static Dictionary<string, object?> Bind(Cast cast, TestIssuer issuer) => cast.Input(("issuer", issuer.Url), ("audience", TestIssuer.Audience));

    private static Dictionary<string, object?> BindSubject(Cast cast, TestIssuer issuer, Actor member, string subject) =>
        cast.Input(("memberId", member.Member.ToString()), ("issuer", issuer.Url), ("subject", subject));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (!await holds())
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }
    }
}
