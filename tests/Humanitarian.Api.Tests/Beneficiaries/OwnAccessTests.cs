using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Beneficiaries;

/// <summary>A beneficiary signs in and sees, disputes, blocks and takes back what is their own, and nothing else.</summary>
public sealed class OwnAccessTests(ApiServer api)
{
    private const string Terms =
        """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"},{"rule":"refunds","days":7}]}""";

    [Fact]
    public async Task Code_of_a_registrar_signs_in_once_and_shows_what_is_kept_and_who_has_looked()
    {
        var counter = await new Counter(api, "own access").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var helper = await cast.MemberAsync(aid.Administrator, "HELP_LINE");
        await cast.DoneAsync(aid.Registrar, "recordPrivacyNotice", cast.Input(
            ("accountId", counter.Accounts[0]), ("basis", "CONSENT"), ("version", "2026-1"), ("retainUntil", "2100-01-01T00:00:00Z")));
        ApiServer.Done(await counter.RedeemAsync(0, 700));
        await api.QueryAsync(helper.Key, "query($id: Id!) { beneficiary(accountId: $id) { status } }", new { id = counter.Accounts[0] });

        var visitor = new Visitor(api, counter.Accounts[0]);
        var code = await visitor.CodeAsync(cast, aid.Registrar);
        var (token, _, _) = await visitor.EnterAsync(new { accountId = visitor.Account, code });
        Assert.NotNull(token);
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await RefusalAsync(visitor, new { accountId = visitor.Account, code }));

        var seen = await visitor.SeenAsync(token, """
            balances { available { amountMinor } } history(first: 10) { kind } notice { basis withdrawnAt } credential { loginGivenBy }
            enrolments { programId active } households { size } entitlements { state reason period amount { amountMinor } paid { amountMinor } } looks(first: 100) { memberId what }
            """);
        Assert.Equal("1800", seen.GetProperty("balances")[0].GetProperty("available").GetProperty("amountMinor").GetString());
        Assert.Equal(["REDEMPTION", "DISBURSEMENT_CHUNK"], Texts(seen.GetProperty("history"), "kind"));
        Assert.Equal("CONSENT", seen.GetProperty("notice").GetProperty("basis").GetString());
        Assert.Equal(Aid.Text(aid.Registrar.Member), seen.GetProperty("credential").GetProperty("loginGivenBy").GetString());
        Assert.Equal([Aid.Text(aid.Program)], Texts(seen.GetProperty("enrolments"), "programId"));
        Assert.Equal(1, seen.GetProperty("households").GetArrayLength());
        var entitlement = Assert.Single(seen.GetProperty("entitlements").EnumerateArray());
        Assert.Equal(("CREDITED", "2500"), (entitlement.GetProperty("state").GetString(), entitlement.GetProperty("paid").GetProperty("amountMinor").GetString()));
        Assert.Equal([Aid.Text(aid.Registrar.Member), Aid.Text(helper.Member), visitor.Account], Texts(seen.GetProperty("looks"), "memberId"));
        Assert.Equal(["listRows", "beneficiary", "sign-in"], Texts(seen.GetProperty("looks"), "what"));
        var log = await api.QueryAsync(token, "query($id: Id!) { accessLog(accountId: $id, first: 1) { nodes { what } } }", new { id = visitor.Account });
        Assert.Equal(["listRows"], Texts(log.GetProperty("accessLog").GetProperty("nodes"), "what"));
    }

    [Fact]
    public async Task Beneficiary_reaches_nothing_that_is_not_their_own()
    {
        var counter = await new Counter(api, "own only").OpenAsync(Terms);
        var (_, token) = await Visitor.InAsync(api, counter, 0);
        var (own, other, program) = (counter.Accounts[0], counter.Accounts[1], Aid.Text(counter.Aid.Program));
        foreach (var (query, id) in new[]
        {
            ("beneficiary(accountId: $id) { status }", other), ("accessLog(accountId: $id, first: 1) { nodes { what } }", other), ("account(id: $id) { id }", own),
            ("statement(accountId: $id, first: 1) { nodes { number } }", own), ("program(id: $id) { id }", program), ("member(id: $id) { id }", Aid.Text(counter.Aid.Registrar.Member)),
            ("organisation(id: $id) { name }", Aid.Text(counter.Aid.Registrar.Organisation)), ("disbursements(programId: $id, first: 1) { nodes { id } }", program),
        })
        {
            Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(token, $"query($id: Id!) {{ seen: {query} }}", new { id })).GetProperty("seen").ValueKind);
        }

        Assert.Equal(RefusalCode.Forbidden, (await api.ExecuteAsync(token, "{ me { id } }")).GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString());
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(token, "openCase", counter.Cast.Input(("accountId", other), ("kind", "QUESTION"), ("text", "Whose is this?"))));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(token, "blockCard", counter.Cast.Input(("accountId", other))));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(token, "setPin", counter.Cast.Input(("accountId", own), ("pin", "730164"))));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(token, "setPassphrase", counter.Cast.Input(("passphrase", "a passphrase of some length"))));
        using var export = await api.SendAsync(token, HttpMethod.Get, $"/exports/statements/{own}");
        Assert.Equal(HttpStatusCode.Forbidden, export.StatusCode);
    }

    [Fact]
    public async Task Pin_signs_in_who_has_a_login_and_wrong_ones_are_counted_as_at_a_till()
    {
        var counter = await new Counter(api, "own pin").OpenAsync();
        ApiServer.Done(await counter.SetPinAsync(0, "730164"));
        var visitor = new Visitor(api, counter.Accounts[0]);
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await RefusalAsync(visitor, new { accountId = visitor.Account, pin = "730164" }));
        await visitor.CodeAsync(counter.Cast, counter.Aid.Registrar);
        Assert.NotNull((await visitor.EnterAsync(new { accountId = visitor.Account, pin = "730164" })).Token);
        for (var attempt = 0; attempt < new PinLimits().AttemptsAtTill; attempt++)
        {
            Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await RefusalAsync(visitor, new { accountId = visitor.Account, pin = "730165" }));
        }

        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await RefusalAsync(visitor, new { accountId = visitor.Account, pin = "730164" }));
        ApiServer.Done(await counter.RedeemAsync(0, 100, "730164"));
    }

    [Fact]
    public async Task Card_signs_in_once_by_a_challenge_and_a_blocked_one_no_more()
    {
        var counter = await new Counter(api, "own card").OpenAsync();
        var card = counter.Card("own");
        ApiServer.Done(await counter.IssueAsync(0, card));
        var (visitor, token) = await Visitor.InAsync(api, counter, 0);
        api.Founding.AddressOf(counter.Card("another"));
        var proof = new { accountId = visitor.Account, card = await AnswerAsync(visitor.Account, card) };
        Assert.NotNull((await visitor.EnterAsync(proof)).Token);
        Assert.Equal((HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await RefusalAsync(visitor, proof));
        Assert.Equal(
            (HttpStatusCode.Unauthorized, ApiCode.Unauthenticated),
            await RefusalAsync(visitor, new { accountId = visitor.Account, card = await AnswerAsync(visitor.Account, counter.Card("another")) }));

        ApiServer.Done(await api.MutateAsync(token, "blockCard", counter.Cast.Input(("accountId", visitor.Account))));
        Assert.Equal(
            (HttpStatusCode.Unauthorized, ApiCode.Unauthenticated), await RefusalAsync(visitor, new { accountId = visitor.Account, card = await AnswerAsync(visitor.Account, card) }));
        ApiServer.Refused(RefusalCode.CardBlocked, await counter.RedeemAsync(0, 100, card: await counter.AnswerAsync(0, 100, card)));
    }

    [Fact]
    public async Task Beneficiary_disputes_an_entry_and_who_gave_the_login_does_not_answer()
    {
        var counter = await new Counter(api, "own dispute").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var giver = await cast.MemberAsync(aid.Administrator, "REGISTRAR", "HELP_LINE");
        var helper = await cast.MemberAsync(aid.Administrator, "HELP_LINE");
        var (visitor, token) = await Visitor.InAsync(api, counter, 0, giver);
        const string Said = "I did not get this.";
        var input = cast.Input(("accountId", visitor.Account), ("kind", "DISPUTE"), ("text", Said), ("entryNumber", "1"), ("sensitive", true));
        var opened = ApiServer.Done(await api.MutateAsync(token, "openCase", input, "reference case { id entryNumber texts { text } }"));
        Assert.Equal(Said, opened.GetProperty("case").GetProperty("texts")[0].GetProperty("text").GetString());
        input["idempotencyKey"] = cast.Key();
        input["entryNumber"] = "2";
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(token, "openCase", input));
        input["entryNumber"] = "1";
        input["sensitive"] = false;
        var second = ApiServer.Done(await api.MutateAsync(token, "openCase", input, "case { id }")).GetProperty("case").GetProperty("id").GetString();
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.MutateAsync(giver.Key, "changeCase", cast.Input(("caseId", second), ("status", "CLOSED"), ("text", "No."))));
        await cast.DoneAsync(helper, "changeCase", cast.Input(("caseId", second), ("status", "RESOLVED"), ("text", "It was paid again.")));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(token, "changeCase", cast.Input(("caseId", second), ("status", "CLOSED"), ("text", "Yes."))));
        var cases = (await visitor.SeenAsync(token, "cases { status sensitive texts { text } }")).GetProperty("cases");
        Assert.Equal(["OPEN", "RESOLVED"], Texts(cases, "status").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Consent_is_taken_back_once_and_only_where_it_was_the_ground()
    {
        var counter = await new Counter(api, "own consent").OpenAsync(Terms);
        var (visitor, token) = await Visitor.InAsync(api, counter, 0);
        async Task<JsonElement> WithdrawAsync() => await api.MutateAsync(token, "withdrawConsent", counter.Cast.Input(("accountId", visitor.Account)));
        async Task TellAsync(string basis) => await counter.Cast.DoneAsync(counter.Aid.Registrar, "recordPrivacyNotice", counter.Cast.Input(
            ("accountId", visitor.Account), ("basis", basis), ("version", "2026-1"), ("retainUntil", "2100-01-01T00:00:00Z")));
        await TellAsync("LEGAL_OBLIGATION");
        ApiServer.Refused(RefusalCode.WrongState, await WithdrawAsync());
        await TellAsync("CONSENT");
        ApiServer.Done(await WithdrawAsync());
        ApiServer.Refused(RefusalCode.WrongState, await WithdrawAsync());
        Assert.NotEqual(JsonValueKind.Null, (await visitor.SeenAsync(token, "notice { withdrawnAt }")).GetProperty("notice").GetProperty("withdrawnAt").ValueKind);
        await TellAsync("CONSENT");
        Assert.Equal(JsonValueKind.Null, (await visitor.SeenAsync(token, "notice { withdrawnAt }")).GetProperty("notice").GetProperty("withdrawnAt").ValueKind);
    }

    [Fact]
    public async Task Token_ends_with_the_login_and_another_code_ends_the_one_before()
    {
        var counter = await new Counter(api, "own end").OpenAsync(Terms);
        var (visitor, token) = await Visitor.InAsync(api, counter, 0);
        var unused = await visitor.CodeAsync(counter.Cast, counter.Aid.Registrar);
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(token));
        var (second, _, _) = await visitor.EnterAsync(new { accountId = visitor.Account, code = unused });
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(second!));
        ApiServer.Done(await api.MutateAsync(second!, "endLogin", counter.Cast.Input(("accountId", visitor.Account))));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(second!));
        ApiServer.Refused(RefusalCode.WrongState, await api.MutateAsync(counter.Aid.Registrar.Key, "endLogin", counter.Cast.Input(("accountId", visitor.Account))));
    }

    [Fact]
    public async Task Repeated_call_gives_no_second_code_and_another_organisation_none()
    {
        var counter = await new Counter(api, "own serve").OpenAsync();
        var (aid, cast) = (counter.Aid, counter.Cast);
        var input = cast.Input(("accountId", counter.Accounts[0]));
        var first = await cast.DoneAsync(aid.Registrar, "giveLogin", input, "code");
        var again = await cast.DoneAsync(aid.Registrar, "giveLogin", input, "code");
        Assert.Equal((JsonValueKind.String, JsonValueKind.Null, true), (first.GetProperty("code").ValueKind, again.GetProperty("code").ValueKind, again.GetProperty("replayed").GetBoolean()));
        var visitor = new Visitor(api, counter.Accounts[0]);
        Assert.NotNull((await visitor.EnterAsync(new { accountId = visitor.Account, code = first.GetProperty("code").GetString() })).Token);
        var stranger = await cast.OrganisationAsync("NGO", "REGISTRAR");
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Key, "giveLogin", cast.Input(("accountId", counter.Accounts[0]))));
    }

    private static IEnumerable<string?> Texts(JsonElement of, string name) => of.EnumerateArray().Select(one => one.GetProperty(name).GetString());

    private static async Task<(HttpStatusCode, string?)> RefusalAsync(Visitor visitor, object proof)
    {
        var (token, status, code) = await visitor.EnterAsync(proof);
        Assert.Null(token);
        return (status, code);
    }

    private async Task<HttpStatusCode> StatusAsync(string token)
    {
        using var response = await api.SendAsync(token, HttpMethod.Post, "/graphql", JsonContent.Create(new { query = "{ ledger { height } }" }));
        return response.StatusCode;
    }

    private async Task<object> AnswerAsync(string account, Id card)
    {
        using var response = await api.SendAsync(null, HttpMethod.Post, "/person/challenge", JsonContent.Create(new { accountId = account }));
        var made = await response.Content.ReadFromJsonAsync<JsonElement>();
        var (challenge, until) = (made.GetProperty("challenge").GetString()!, made.GetProperty("until").GetString()!);
        using var toSign = JsonDocument.Parse(made.GetProperty("toSign").GetString()!);
        Assert.Equal("PersonSignIn", toSign.RootElement.GetProperty("primaryType").GetString());
        var digest = SignedObjects.PersonSignInDigest(api.Founding.Identity.Domain, Id.Parse(account), Id.Parse(challenge), long.Parse(until, CultureInfo.InvariantCulture));
        return new { challenge, until, signature = api.Founding.Sign(card, digest).ToString() };
    }
}
