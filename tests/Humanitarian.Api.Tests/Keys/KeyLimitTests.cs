using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Keys;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Keys;

/// <summary>Keys that are for less than their member may do, and keys in the place of others.</summary>
public sealed class KeyLimitTests(ApiServer api)
{
    [Fact]
    public async Task Key_for_some_operations_does_nothing_else()
    {
        var aid = await new Aid(api, "limited key").SetUpAsync();
        var key = await MakeAsync(aid, aid.Finance, ("operations", new[] { "recordReceipt", "account" }));
        ApiServer.Done(await api.MutateAsync(key, "recordReceipt", Receipt(aid)));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(key, "returnGrant", Receipt(aid)));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(key, "rotateApiKey", aid.Cast.Input(("keyId", $"0x{new string('1', 64)}"))));
        await api.QueryAsync(key, "query($id: Id!) { account(id: $id) { id } }", new { id = Aid.Text(aid.VendorAccount) });
        Assert.Equal(RefusalCode.Forbidden, Front.Code(await api.ExecuteAsync(key, "{ me { id } }")));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(key, HttpMethod.Get, $"/exports/statements/{aid.VendorAccount}"));
        using var stream = await EventReader.OpenAsync(api, key, "subscription { blocks(after: \"0\") { height } }");
        Assert.Contains(RefusalCode.Forbidden, (await stream.ResultAsync()).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_with_limits_and_administrator_of_some_programs_make_no_other_way_in()
    {
        var aid = await new Aid(api, "makes access").SetUpAsync();
        var limited = await MakeAsync(aid, aid.Administrator, ("networks", new[] { "127.0.0.0/8" }));
        var member = await aid.Cast.SignedAsync(aid.Administrator, "addMember", aid.Cast.Input(
            ("address", api.Founding.AddressOf(aid.DeviceSigner).ToChecksumText()), ("roles", new[] { "ADMINISTRATOR" }),
            ("scope", new { programIds = new[] { Aid.Text(aid.Program) }, areas = Array.Empty<string>() })), "member { id }");
        var scoped = (await api.Keys.CreateAsync(Cast.Id(member, "member"), aid.Administrator.Organisation)).Secret;
        foreach (var (key, code) in new[] { (limited, RefusalCode.Forbidden), (scoped, RefusalCode.OutOfScope) })
        {
            ApiServer.Refused(code, await api.MutateAsync(key, "createApiKey", aid.Cast.Input(("memberId", Aid.Text(aid.Finance.Member)))));
            ApiServer.Refused(code, await api.MutateAsync(key, "addRequestKey", aid.Cast.Input(("memberId", Aid.Text(aid.Finance.Member)), ("publicKey", new string('A', 43)))));
            ApiServer.Refused(code, await api.MutateAsync(key, "requireSecondFactor", aid.Cast.Input(("required", false))));
            ApiServer.Refused(code, await api.MutateAsync(key, "createWebhook", aid.Cast.Input(("url", "https://hooks.example.org/"), ("topics", new[] { new { @event = "ALERTS" } }))));
        }

        var another = await api.Keys.CreateAsync(aid.Finance.Member, aid.Administrator.Organisation);
        ApiServer.Refused(RefusalCode.OutOfScope, await api.MutateAsync(scoped, "rotateApiKey", aid.Cast.Input(("keyId", another.Key.Hash.ToString()))));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(limited, "setPassphrase", aid.Cast.Input(("passphrase", "correct horse battery staple"))));
    }

    [Fact]
    public async Task Key_that_only_reads_changes_nothing_over_any_door()
    {
        var aid = await new Aid(api, "reading key").SetUpAsync();
        var key = await MakeAsync(aid, aid.Registrar, ("readOnly", true));
        await api.QueryAsync(key, "{ me { id } }");
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(key, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", Aid.Text(aid.Program)))));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(key, HttpMethod.Post, $"/lists?program={aid.Program}"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(key, HttpMethod.Post, $"/disbursements/{aid.Program}/reports"));
        using var client = await SocketClient.OpenAsync(api, key);
        await client.SubscribeAsync("1", "mutation { setPassphrase(input: {idempotencyKey: \"p\", passphrase: \"correct horse battery\"}) { userErrors { code } } }");
        Assert.Equal(RefusalCode.Forbidden, (await client.EventAsync("1")).GetProperty("setPassphrase").GetProperty("userErrors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Key_of_a_network_counts_from_there_alone()
    {
        var aid = await new Aid(api, "network key").SetUpAsync();
        var here = await MakeAsync(aid, aid.Finance, ("networks", new[] { "192.0.2.0/24", "127.0.0.0/8" }));
        var elsewhere = await MakeAsync(aid, aid.Finance, ("networks", new[] { "192.0.2.0/24" }));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(here, HttpMethod.Post, "/graphql"));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(elsewhere, HttpMethod.Post, "/graphql"));
        using var client = await SocketClient.ConnectAsync(api);
        await client.SendAsync(new { type = "connection_init", payload = new { authorization = $"Bearer {elsewhere}" } });
        Assert.Equal(4403, await client.ClosedAsync());
    }

    [Theory]
    [InlineData("operations", "payEverybody")]
    [InlineData("networks", "192.0.2.0/33")]
    [InlineData("networks", "here")]
    public async Task Limit_that_names_nothing_is_refused(string name, string value)
    {
        var cast = new Cast(api, $"wrong limit {value}");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        foreach (var list in new[] { new[] { value }, [] })
        {
            ApiServer.Refused(
                RefusalCode.InvalidInput, await api.MutateAsync(administrator.Key, "createApiKey", cast.Input(("memberId", administrator.Member.ToString()), (name, list)), "secret"));
        }
    }

    [Fact]
    public async Task Limits_of_a_row_cannot_be_lifted_without_the_pepper()
    {
        var made = await api.Keys.CreateAsync(api.Founding.Administrator, api.Founding.OperatorOrganisation, limits: new CredentialLimits([], true, []));
        var row = (await api.Files.Side.FindAsync("apikey", made.Key.Hash.ToString()))!;
        Assert.NotNull(await api.Keys.AuthenticateAsync(made.Secret));
        Assert.True(await api.Files.Side.PutAsync(row with { Json = row.Json.Replace("\"ReadOnly\":true", "\"ReadOnly\":false", StringComparison.Ordinal) }));
        Assert.Null(await api.Keys.FindAsync(made.Key.Hash));
    }

    [Fact]
    public async Task Command_that_is_retried_with_the_rotated_key_pays_once()
    {
        var aid = await new Aid(api, "rotation").SetUpAsync();
        var old = await api.Keys.CreateAsync(aid.Finance.Member, aid.Finance.Organisation);
        var input = Receipt(aid);
        var first = ApiServer.Done(await api.MutateAsync(old.Secret, "recordReceipt", input));

        var rotated = ApiServer.Done(await api.MutateAsync(old.Secret, "rotateApiKey", aid.Cast.Input(("keyId", old.Key.Hash.ToString()), ("oldUntil", "2020-01-01T00:00:00Z")), "secret keyId"));
        var fresh = rotated.GetProperty("secret").GetString()!;
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(old.Secret, HttpMethod.Post, "/graphql"));
        var second = ApiServer.Done(await api.MutateAsync(fresh, "recordReceipt", input, "grant { received { amountMinor } }"));
        Assert.True(second.GetProperty("replayed").GetBoolean());
        Assert.Equal(first.GetProperty("transaction").ToString(), second.GetProperty("transaction").ToString());
        Assert.Equal("500100", second.GetProperty("grant").GetProperty("received").GetProperty("amountMinor").GetString());
    }

    [Fact]
    public async Task Rotated_key_keeps_limits_and_end_and_the_old_one_counts_as_long_as_was_asked()
    {
        var aid = await new Aid(api, "overlap").SetUpAsync();
        var ends = TimeProvider.System.GetUtcNow().AddDays(1);
        var old = await api.Keys.CreateAsync(
            aid.Finance.Member, aid.Finance.Organisation, ends.ToUnixTimeMilliseconds(), new CredentialLimits(["rotateApiKey"], false, ["127.0.0.0/8"]));
        async Task<ApiKey> RotateAsync(string by, ApiKey key, DateTimeOffset expires, DateTimeOffset oldUntil)
        {
            var rotated = ApiServer.Done(await api.MutateAsync(
                by, "rotateApiKey", aid.Cast.Input(("keyId", key.Hash.ToString()), ("expiresAt", expires.ToString("O")), ("oldUntil", oldUntil.ToString("O"))), "keyId"));
            return (await api.Keys.FindAsync(Hash32.Parse(rotated.GetProperty("keyId").GetString()!)))!;
        }

        // A limited key replaces itself alone. The member cannot make it live longer; an administrator can.
        var another = await api.Keys.CreateAsync(aid.Finance.Member, aid.Finance.Organisation);
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(old.Secret, "rotateApiKey", aid.Cast.Input(("keyId", another.Key.Hash.ToString()))));
        var own = await RotateAsync(old.Secret, old.Key, ends.AddDays(1), ends.AddHours(-1));
        Assert.Equal((old.Key.ExpiresAt, old.Key.Principal), (own.ExpiresAt, own.Principal));
        Assert.Equal(JsonSerializer.Serialize(old.Key.Limits), JsonSerializer.Serialize(own.Limits));
        Assert.Equal(ends.AddHours(-1).ToUnixTimeMilliseconds(), (await api.Keys.FindAsync(old.Key.Hash))!.ExpiresAt);
        Assert.NotNull(await api.Keys.AuthenticateAsync(old.Secret));
        var longer = await RotateAsync(aid.Administrator.Key, own, ends.AddDays(1), ends.AddDays(-2));
        Assert.Equal(ends.AddDays(1).ToUnixTimeMilliseconds(), longer.ExpiresAt);
        Assert.Null(await api.Keys.LivingAsync(own.Hash));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(aid.Till.Key, "rotateApiKey", aid.Cast.Input(("keyId", longer.Hash.ToString()))));
    }

    private static Dictionary<string, object?> Receipt(Aid aid) => aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(100)));

    private static async Task<string> MakeAsync(Aid aid, Actor member, (string Name, object? Value) limit) =>
        (await aid.Cast.DoneAsync(aid.Administrator, "createApiKey", aid.Cast.Input(("memberId", Aid.Text(member.Member)), limit), "secret")).GetProperty("secret").GetString()!;

    private async Task<HttpStatusCode> StatusAsync(string key, HttpMethod method, string path)
    {
        using var response = await api.SendAsync(key, method, path, method == HttpMethod.Post ? JsonContent.Create(new { query = "{ me { id } }" }) : null);
        return response.StatusCode;
    }
}
