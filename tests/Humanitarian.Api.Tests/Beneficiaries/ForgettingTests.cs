using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Alerts;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;
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
        Assert.Equal([("REQUEST", null)], await DueAsync(api, aid.Registrar, account));
        Assert.Contains(("dueForgettings", Aid.Text(aid.Registrar.Member)), await AccessLogTests.LooksAsync(api, aid.Administrator, account));
        Assert.True(await HashesAsync(account) > 0);

        ApiServer.Refused(RefusalCode.AccountNotEmpty, await ForgetAsync(counter, aid.Registrar, counter.Accounts[1]));
        ApiServer.Refused(RefusalCode.WrongState, await ForgetAsync(counter, aid.Registrar, account));
        await cast.DoneAsync(protector, "changeCase", cast.Input(("caseId", opened), ("status", "RESOLVED"), ("text", "It will be.")));
        ApiServer.Done(await ForgetAsync(counter, aid.Registrar, account));
        Assert.Equal([("REQUEST", Aid.Text(aid.Registrar.Member))], await DueAsync(api, aid.Registrar, account));
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
        Assert.Empty(await DueAsync(api, aid.Registrar, account));
        Assert.Equal(0, await HashesAsync(account));

        // The looks just now at the account, the case and its texts, by the pseudonym that is on the ledger.
        Assert.Equal(3, (await KeptAsync(account, opened!)).Count(kept => kept.StartsWith("access-log ", StringComparison.Ordinal)));
        Assert.Equal(3, (await KeptAsync(account, opened!)).Count);
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

    [Fact]
    public async Task Beneficiary_whose_retention_has_ended_is_told_of_once_a_day_and_listed_until_two_members_forget_them()
    {
        var time = new ShiftedTime();
        await using var own = new ApiServer { Time = time };
        await own.InitializeAsync();
        var counter = await new Counter(own, "forget due").OpenAsync(Terms);
        var (aid, cast, account) = (counter.Aid, counter.Cast, counter.Accounts[0]);
        var (protector, helper) = (await cast.MemberAsync(aid.Administrator, "PROTECTION"), await cast.MemberAsync(aid.Administrator, "HELP_LINE"));
        await NoticeAsync(account, time.GetUtcNow().AddDays(1));
        await NoticeAsync(counter.Accounts[1], time.GetUtcNow().AddDays(30));
        ApiServer.Done(await counter.RedeemAsync(0, 2_500));
        await cast.DoneAsync(aid.Administrator, "closeAccount", cast.Input(("accountId", account)));
        ApiServer.Refused(RefusalCode.RetentionNotEnded, await EndedAsync(aid.Registrar));
        Assert.Empty(await DueAsync(own, aid.Registrar, account));

        await own.RestartAsync(() => LaterAsync(days: 3));
        foreach (var actor in new[] { aid.Registrar, protector, helper })
        {
            using var client = await SocketClient.OpenAsync(own, actor.Key);
            await client.SubscribeAsync("1", "subscription { alerts(after: \"0\") { kind subjectId detail } }");
            Assert.Equal("""{"kind":"FORGETTING_DUE","subjectId":null,"detail":"1"}""", (await client.EventAsync("1")).GetProperty("alerts").GetRawText());
        }

        Assert.Equal([("RETENTION_ENDED", null)], await DueAsync(own, aid.Registrar, account));
        Assert.Empty(await DueAsync(own, aid.Registrar, counter.Accounts[1]));
        var again = new ForgettingAlerts(own.Services.GetRequiredService<LedgerReader>(), own.Services.GetRequiredService<AlertLog>(), time);
        await again.TellAsync(Cancel);
        Assert.Equal(["1"], await ToldAsync(helper));
        Assert.Empty(await ToldAsync(aid.Finance));
        Assert.Empty(await ToldAsync(aid.Donor));
        await LaterAsync(days: 4);
        await again.TellAsync(Cancel);
        await again.TellAsync(Cancel);
        Assert.Equal(["1", "1"], await ToldAsync(protector));

        ApiServer.Done(await EndedAsync(aid.Registrar));
        Assert.Equal([("RETENTION_ENDED", Aid.Text(aid.Registrar.Member))], await DueAsync(own, helper, account));
        ApiServer.Done(await EndedAsync(protector));
        Assert.Empty(await DueAsync(own, aid.Registrar, account));
        await LaterAsync(days: 5);
        await again.TellAsync(Cancel);
        Assert.Equal(["1", "1"], await ToldAsync(protector));

        Task LaterAsync(int days)
        {
            time.Shift = TimeSpan.FromDays(days);
            return Task.CompletedTask;
        }

        Task NoticeAsync(string of, DateTimeOffset until) => cast.DoneAsync(aid.Registrar, "recordPrivacyNotice", cast.Input(
            ("accountId", of), ("basis", "PUBLIC_INTEREST"), ("version", "2026-1"), ("retainUntil", until.ToString("O"))));

        Task<JsonElement> EndedAsync(Actor by) => own.MutateAsync(by.Key, "forgetPerson", cast.Input(("accountId", account), ("reason", "RETENTION_ENDED")));

        async Task<string?[]> ToldAsync(Actor actor) =>
        [
            .. (await own.QueryAsync(actor.Key, "{ alerts(first: 100) { nodes { kind detail } } }")).GetProperty("alerts").GetProperty("nodes").EnumerateArray()
                .Where(alert => alert.GetProperty("kind").GetString() == "FORGETTING_DUE").Select(alert => alert.GetProperty("detail").GetString()),
        ];
    }

    private static Task<JsonElement> ConsentAsync(Counter counter, string account) => counter.Cast.DoneAsync(counter.Aid.Registrar, "recordPrivacyNotice", counter.Cast.Input(
        ("accountId", account), ("basis", "CONSENT"), ("version", "2026-1"), ("retainUntil", "2100-01-01T00:00:00Z")));

    private Task<JsonElement> ForgetAsync(Counter counter, Actor by, string account) => api.MutateAsync(
        by.Key, "forgetPerson", counter.Cast.Input(("accountId", account), ("reason", "REQUEST")), "forgetting { forgottenBy }");

    private static async Task<(string?, string?)[]> DueAsync(ApiServer api, Actor by, string account) =>
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
