using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Beneficiaries;

/// <summary>Two members delete what is kept of a beneficiary, and nothing of it is read afterwards.</summary>
public sealed class ForgettingTests(ApiServer api)
{
    private const string Terms =
        """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"},{"rule":"refunds","days":7}]}""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Forgotten_beneficiary_is_read_by_no_path_and_the_account_stays()
    {
        var counter = await new Counter(api, "forget").OpenAsync(Terms);
        var (aid, cast, account) = (counter.Aid, counter.Cast, counter.Accounts[0]);
        var protector = await cast.MemberAsync(aid.Administrator, "PROTECTION");
        var (visitor, token) = await Visitor.InAsync(api, counter, 0);
        ApiServer.Done(await counter.SetPinAsync(0, "730164"));
        await ConsentAsync(counter, account);
        ApiServer.Done(await counter.RedeemAsync(0, 2_500));
        ApiServer.Refused(RefusalCode.RetentionNotEnded, await ForgetAsync(counter, aid.Registrar, account));
        var opened = (await cast.DoneAsync(protector, "openCase", cast.Input(("accountId", account), ("kind", "DATA"), ("text", "Delete all of it.")), "case { id }"))
            .GetProperty("case").GetProperty("id").GetString();
        ApiServer.Done(await api.MutateAsync(token, "withdrawConsent", cast.Input(("accountId", account))));
        Assert.Equal([("REQUEST", null)], await DueAsync(aid.Registrar, account));
        Assert.Contains(("dueForgettings", Aid.Text(aid.Registrar.Member)), await AccessLogTests.LooksAsync(api, aid.Administrator, account));
        Assert.True(await HashesAsync(account) > 0);

        ApiServer.Refused(RefusalCode.AccountNotEmpty, await ForgetAsync(counter, aid.Registrar, counter.Accounts[1]));
        ApiServer.Refused(RefusalCode.WrongState, await ForgetAsync(counter, aid.Registrar, account));
        await cast.DoneAsync(protector, "changeCase", cast.Input(("caseId", opened), ("status", "RESOLVED"), ("text", "It will be.")));
        ApiServer.Done(await ForgetAsync(counter, aid.Registrar, account));
        Assert.Equal([("REQUEST", Aid.Text(aid.Registrar.Member))], await DueAsync(aid.Registrar, account));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await ForgetAsync(counter, aid.Registrar, account));
        ApiServer.Refused(RefusalCode.WrongState, await ForgetAsync(counter, protector, account));
        await cast.DoneAsync(aid.Administrator, "closeAccount", cast.Input(("accountId", account)));
        var done = ApiServer.Done(await ForgetAsync(counter, protector, account));
        Assert.Equal(Aid.Text(protector.Member), done.GetProperty("forgetting").GetProperty("forgottenBy").GetString());

        Assert.Empty(await KeptAsync(account, opened!));
        using var refused = await api.SendAsync(token, HttpMethod.Post, "/graphql", JsonContent.Create(new { query = "{ ledger { height } }" }));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await visitor.EnterAsync(new { accountId = account, pin = "730164" })).Status);
        foreach (var query in new[] { "beneficiary(accountId: $id) { status }", "accessLog(accountId: $id, first: 1) { nodes { what } }", "credential(accountId: $id) { pinSetAt }" })
        {
            Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(aid.Administrator.Key, $"query($id: Id!) {{ seen: {query} }}", new { id = account })).GetProperty("seen").ValueKind);
        }

        var seen = await api.QueryAsync(protector.Key, "query($id: Id!) { case(id: $id) { texts { text } } }", new { id = opened });
        Assert.Equal(0, seen.GetProperty("case").GetProperty("texts").GetArrayLength());
        Assert.Equal("CLOSED", (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { account(id: $id) { status } }", new { id = account })).GetProperty("account").GetProperty("status").GetString());
        Assert.Empty(await DueAsync(aid.Registrar, account));
        Assert.Equal(0, await HashesAsync(account));
        foreach (var (by, name, input) in new[]
        {
            (aid.Registrar, "setPin", cast.Input(("accountId", account), ("pin", "730164"))), (aid.Registrar, "giveLogin", cast.Input(("accountId", account))),
            (protector, "openCase", cast.Input(("accountId", account), ("kind", "QUESTION"), ("text", "Who is this?"))),
        })
        {
            ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(by.Key, name, input));
        }
    }

    [Fact]
    public async Task What_a_crash_or_a_backup_has_left_of_who_is_forgotten_is_deleted_and_of_others_nothing()
    {
        var counter = await new Counter(api, "forget left").OpenAsync(Terms);
        var (aid, account, other) = (counter.Aid, Id.Parse(counter.Accounts[0]), counter.Accounts[1]);
        var protector = await counter.Cast.MemberAsync(aid.Administrator, "PROTECTION");
        ApiServer.Done(await counter.SetPinAsync(1, "730164"));
        ApiServer.Done(await counter.RedeemAsync(0, 2_500));
        ApiServer.Done(await ForgetAsync(counter, aid.Registrar, counter.Accounts[0]));
        await counter.Cast.DoneAsync(aid.Administrator, "closeAccount", counter.Cast.Input(("accountId", counter.Accounts[0])));
        ApiServer.Done(await ForgetAsync(counter, protector, counter.Accounts[0]));

        var (vault, store, erasure) = (
            api.Services.GetRequiredService<PersonalVault>(), api.Services.GetRequiredService<ISideStore>(), api.Services.GetRequiredService<PersonErasure>());
        Assert.True(await store.PutAsync(await vault.SealAsync(account, "pin", "left", aid.Registrar.Organisation, 0, new byte[3], Cancel), Cancel));
        await erasure.IntendAsync(Id.Parse(other), aid.Registrar.Organisation, Cancel);
        await erasure.FinishAsync(Cancel);
        Assert.Null(await vault.OpenAsync(account, (await store.FindAsync("pin", "left", Cancel))!, Cancel));
        Assert.True(await vault.HasKeyAsync(Id.Parse(other), Cancel));
    }

    private static Task<JsonElement> ConsentAsync(Counter counter, string account) => counter.Cast.DoneAsync(counter.Aid.Registrar, "recordPrivacyNotice", counter.Cast.Input(
        ("accountId", account), ("basis", "CONSENT"), ("version", "2026-1"), ("retainUntil", "2100-01-01T00:00:00Z")));

    private Task<JsonElement> ForgetAsync(Counter counter, Actor by, string account) => api.MutateAsync(
        by.Key, "forgetPerson", counter.Cast.Input(("accountId", account), ("reason", "REQUEST")), "forgetting { forgottenBy }");

    private async Task<(string?, string?)[]> DueAsync(Actor by, string account) =>
    [
        .. (await api.QueryAsync(by.Key, "{ dueForgettings(first: 100) { nodes { accountId reason proposedBy } } }")).GetProperty("dueForgettings").GetProperty("nodes").EnumerateArray()
            .Where(due => due.GetProperty("accountId").GetString() == account).Select(due => (due.GetProperty("reason").GetString(), due.GetProperty("proposedBy").GetString())),
    ];

    private async Task<int> HashesAsync(string account)
    {
        var count = 0;
        await foreach (var entry in api.Services.GetRequiredService<IMatchingStore>().AllAsync(Cancel))
        {
            count += entry.Person.Account.ToString() == account ? 1 : 0;
        }

        return count;
    }

    /// <summary>Documents of the person; alone the rows of lists, by the pseudonym, are no document.</summary>
    private async Task<List<string>> KeptAsync(string account, string opened)
    {
        var kept = new List<string>();
        await foreach (var entry in api.Services.GetRequiredService<ISideStore>().AllAsync(Cancel))
        {
            if (entry.Document is { } document && (document.Key.StartsWith(account, StringComparison.Ordinal) || document.Key.StartsWith(opened, StringComparison.Ordinal)))
            {
                kept.Add($"{document.Kind} {document.Key}");
            }
        }

        return kept;
    }
}
