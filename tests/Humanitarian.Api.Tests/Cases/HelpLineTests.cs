using System.Text.Json;
using Humanitarian.Api.Beneficiaries;
using Humanitarian.Api.Tests.Beneficiaries;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Cases;

/// <summary>A help-line member acts for a beneficiary.</summary>
public sealed class HelpLineTests(ApiServer api)
{
    private const string Terms =
        """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"},{"rule":"refunds","days":7}]}""";

    private const string Beneficiary =
        """
        query($id: Id!) { beneficiary(accountId: $id) { balances { available { amountMinor } } history(first: 10) { kind } notice { basis version }
          cases { id reference status kind redemptionId } looks(first: 100) { memberId what } } }
        """;

    [Fact]
    public async Task Help_line_sees_a_beneficiary_and_every_look_is_written_down()
    {
        var counter = await new Counter(api, "help").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var helper = await cast.MemberAsync(aid.Administrator, "HELP_LINE");
        await cast.DoneAsync(aid.Registrar, "recordPrivacyNotice", cast.Input(
            ("accountId", counter.Accounts[0]), ("basis", "VITAL_INTERESTS"), ("version", "2026-1"), ("retainUntil", "2100-01-01T00:00:00Z")));
        ApiServer.Done(await counter.RedeemAsync(0, 700));
        Assert.Null(await SeenAsync(aid.Agent, counter.Accounts[0]));
        Assert.Null(await SeenAsync(await cast.OrganisationAsync("NGO", "HELP_LINE"), counter.Accounts[0]));

        var seen = (await SeenAsync(helper, counter.Accounts[0]))!.Value;
        Assert.Equal("1800", seen.GetProperty("balances")[0].GetProperty("available").GetProperty("amountMinor").GetString());
        Assert.Equal(["REDEMPTION", "DISBURSEMENT_CHUNK"], seen.GetProperty("history").EnumerateArray().Select(entry => entry.GetProperty("kind").GetString()));
        Assert.Equal("VITAL_INTERESTS", seen.GetProperty("notice").GetProperty("basis").GetString());
        Assert.Equal([Aid.Text(aid.Registrar.Member), Aid.Text(helper.Member)], seen.GetProperty("looks").EnumerateArray().Select(look => look.GetProperty("memberId").GetString()));

        await SeenAsync(helper, counter.Accounts[0]);
        var first = await LogAsync(aid.Administrator, counter.Accounts[0], 1, null);
        Assert.True(first.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean());
        var second = await LogAsync(aid.Administrator, counter.Accounts[0], 5, first.GetProperty("pageInfo").GetProperty("endCursor").GetString());
        Assert.Equal(3, first.GetProperty("nodes").GetArrayLength() + second.GetProperty("nodes").GetArrayLength());
        Assert.Equal("listRows", Assert.Single((await LogAsync(aid.Administrator, counter.Accounts[1], 5, null)).GetProperty("nodes").EnumerateArray()).GetProperty("what").GetString());
        Assert.Equal(JsonValueKind.Null, (await LogAsync(helper, counter.Accounts[0], 1, null)).ValueKind);
    }

    [Fact]
    public async Task Beneficiary_who_has_left_a_household_is_shown_none_of_it_and_of_a_merged_one_what_it_lives_on_as()
    {
        var counter = await new Counter(api, "help household").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var helper = await cast.MemberAsync(aid.Administrator, "HELP_LINE");
        async Task<JsonElement[]> SeenAsync(int person) => [.. (await api.QueryAsync(
            helper.Key, "query($id: Id!) { beneficiary(accountId: $id) { households { id accountIds } } }", new { id = counter.Accounts[person] }))
            .GetProperty("beneficiary").GetProperty("households").EnumerateArray()];
        var left = Assert.Single(await SeenAsync(0)).GetProperty("id").GetString();
        await cast.DoneAsync(aid.Registrar, "withdrawEnrolment", cast.Input(("programId", Aid.Text(aid.Program)), ("accountId", counter.Accounts[0])));
        await cast.DoneAsync(aid.Registrar, "addHouseholdMember", cast.Input(("householdId", left)));
        await cast.DoneAsync(aid.Registrar, "splitHousehold", cast.Input(("householdId", left), ("accountIds", new[] { counter.Accounts[0] }), ("size", 1)));
        Assert.Empty(await SeenAsync(0));

        var merged = Assert.Single(await SeenAsync(1)).GetProperty("id").GetString();
        var union = (await cast.DoneAsync(aid.Registrar, "mergeHouseholds", cast.Input(("householdIds", new[] { left, merged })), "household { id }")).GetProperty("household");
        Assert.Equal(union.GetProperty("id").GetString(), Assert.Single(await SeenAsync(1)).GetProperty("id").GetString());
        Assert.Empty(await SeenAsync(0));
    }

    [Fact]
    public async Task Dispute_of_a_redemption_is_opened_answered_and_closed()
    {
        var counter = await new Counter(api, "dispute").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var helper = await cast.MemberAsync(aid.Administrator, "HELP_LINE");
        var redemption = ApiServer.Done(await api.MutateAsync(aid.Till.Key, "redeemVoucher", counter.Input(0, 700), "redemptionId")).GetProperty("redemptionId").GetString();
        const string Said = "She was asked for a second card at the counter.";
        var input = cast.Input(("accountId", counter.Accounts[0]), ("kind", "DISPUTE"), ("text", Said), ("redemptionId", redemption));
        var opened = await cast.DoneAsync(helper, "openCase", input, "reference case { id status }");
        var again = await cast.DoneAsync(helper, "openCase", input, "reference");
        Assert.True(again.GetProperty("replayed").GetBoolean());
        Assert.Equal(opened.GetProperty("reference").GetString(), again.GetProperty("reference").GetString());
        var id = opened.GetProperty("case").GetProperty("id").GetString();
        await cast.DoneAsync(helper, "changeCase", cast.Input(("caseId", id), ("status", "CLOSED"), ("text", "The till gave it back.")));

        var found = (await api.QueryAsync(helper.Key, "query($id: Id!) { case(id: $id) { status redemptionId texts { text hash } } }", new { id })).GetProperty("case");
        Assert.Equal(("CLOSED", redemption), (found.GetProperty("status").GetString(), found.GetProperty("redemptionId").GetString()));
        Assert.Equal([Said, "The till gave it back."], found.GetProperty("texts").EnumerateArray().Select(text => text.GetProperty("text").GetString()));
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(
            helper.Key, "openCase", cast.Input(("accountId", counter.Accounts[1]), ("kind", "DISPUTE"), ("text", Said), ("redemptionId", redemption))));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Agent.Key, "openCase", input));
        await foreach (var entry in api.Services.GetRequiredService<ISideStore>().AllAsync(TestContext.Current.CancellationToken))
        {
            Assert.DoesNotContain(Said, entry.Document?.Json ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Sensitive_case_goes_past_field_staff()
    {
        var counter = await new Counter(api, "sensitive").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var (helper, protector) = (await cast.MemberAsync(aid.Administrator, "HELP_LINE"), await cast.MemberAsync(aid.Administrator, "PROTECTION"));
        var opened = await cast.DoneAsync(
            helper, "openCase", cast.Input(("accountId", counter.Accounts[0]), ("kind", "COMPLAINT"), ("text", "About a member of staff."), ("sensitive", true)), "reference case { id }");
        Assert.Equal(JsonValueKind.Null, opened.GetProperty("case").ValueKind);
        Assert.Equal(0, (await SeenAsync(helper, counter.Accounts[0]))!.Value.GetProperty("cases").GetArrayLength());
        var found = Assert.Single((await SeenAsync(protector, counter.Accounts[0]))!.Value.GetProperty("cases").EnumerateArray());
        Assert.Equal(opened.GetProperty("reference").GetString(), found.GetProperty("reference").GetString());
        var id = found.GetProperty("id").GetString();
        foreach (var actor in new[] { helper, aid.Registrar, aid.Agent })
        {
            Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(actor.Key, "query($id: Id!) { case(id: $id) { status } }", new { id })).GetProperty("case").ValueKind);
        }

        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(helper.Key, "changeCase", cast.Input(("caseId", id), ("status", "CLOSED"), ("text", "Nothing."))));
        await cast.DoneAsync(protector, "changeCase", cast.Input(("caseId", id), ("status", "IN_PROGRESS"), ("text", "Taken up.")));
        await api.QueryAsync(aid.Administrator.Key, "query($id: Id!) { case(id: $id) { texts { text } } }", new { id });
        var log = await LogAsync(aid.Administrator, counter.Accounts[0], 100, null);
        Assert.Contains(log.GetProperty("nodes").EnumerateArray(), look => look.GetProperty("what").GetString()!.StartsWith("case ", StringComparison.Ordinal));

        foreach (var name in new[] { "READER", "AUDITOR" })
        {
            Assert.Equal(["listRows", "beneficiary", "beneficiary"], (await AccessLogTests.LooksAsync(api, await cast.MemberAsync(aid.Administrator, name), counter.Accounts[0])).Select(look => look.What));
        }

        var helped = (await SeenAsync(helper, counter.Accounts[0]))!.Value.GetProperty("looks").EnumerateArray().Select(look => look.GetProperty("what").GetString());
        Assert.Equal(["listRows", "beneficiary", "beneficiary", "beneficiary"], helped);
        var (visitor, token) = await Visitor.InAsync(api, counter, 0);
        var own = (await visitor.SeenAsync(token, "looks(first: 100) { what }")).GetProperty("looks").EnumerateArray().Select(look => look.GetProperty("what").GetString());
        Assert.Contains($"case {opened.GetProperty("reference").GetString()}", own);

        Assert.True(await api.Services.GetRequiredService<PersonalVault>().ForgetAsync(Id.Parse(counter.Accounts[0]), TestContext.Current.CancellationToken));
        var forgotten = (await api.QueryAsync(protector.Key, "query($id: Id!) { case(id: $id) { status texts { text } } }", new { id })).GetProperty("case");
        Assert.Equal(("IN_PROGRESS", 0), (forgotten.GetProperty("status").GetString(), forgotten.GetProperty("texts").GetArrayLength()));
    }

    [Fact]
    public async Task Who_reads_a_case_or_its_texts_is_in_the_log_and_pages_without_cases_have_no_gaps()
    {
        var counter = await new Counter(api, "case looks").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var helper = await cast.MemberAsync(aid.Administrator, "HELP_LINE");
        var opened = await cast.DoneAsync(
            helper, "openCase", cast.Input(("accountId", counter.Accounts[0]), ("kind", "QUESTION"), ("text", "When is it paid?")), "reference case { id }");
        var (id, name) = (opened.GetProperty("case").GetProperty("id").GetString(), $"case {opened.GetProperty("reference").GetString()}");
        await api.QueryAsync(helper.Key, "query($id: Id!) { case(id: $id) { status } }", new { id });
        Assert.Equal([name, "listRows"], await WhatAsync(aid.Administrator));
        await api.QueryAsync(helper.Key, "query($id: Id!) { case(id: $id) { texts { text } } }", new { id });
        Assert.Equal([name, name, $"{name} texts", "listRows"], await WhatAsync(aid.Administrator));
        await api.QueryAsync(aid.Administrator.Key, "query($id: Id!) { statement(accountId: $id, first: 1) { nodes { number } } }", new { id = counter.Accounts[0] });

        var auditor = await cast.MemberAsync(aid.Administrator, "AUDITOR");
        var first = await LogAsync(auditor, counter.Accounts[0], 1, null);
        Assert.Equal(("listRows", true), (first.GetProperty("nodes")[0].GetProperty("what").GetString(), first.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean()));
        var second = await LogAsync(auditor, counter.Accounts[0], 1, first.GetProperty("pageInfo").GetProperty("endCursor").GetString());
        Assert.Equal(("statement", false), (second.GetProperty("nodes")[0].GetProperty("what").GetString(), second.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean()));

        async Task<IEnumerable<string?>> WhatAsync(Actor by) => (await AccessLogTests.LooksAsync(api, by, counter.Accounts[0])).Select(look => look.What).Order(StringComparer.Ordinal);
    }

    private async Task<JsonElement?> SeenAsync(Actor by, string account) =>
        (await api.QueryAsync(by.Key, Beneficiary, new { id = account })).GetProperty("beneficiary") is { ValueKind: not JsonValueKind.Null } seen ? seen : null;

    private async Task<JsonElement> LogAsync(Actor by, string account, int first, string? after) => (await api.QueryAsync(
        by.Key, "query($id: Id!, $first: Int!, $after: String) { accessLog(accountId: $id, first: $first, after: $after) { nodes { memberId what } pageInfo { endCursor hasNextPage } } }",
        new { id = account, first, after })).GetProperty("accessLog");
}
