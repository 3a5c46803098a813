using System.Net;
using System.Text.Json;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Beneficiaries;

/// <summary>Looks of members at persons' accounts are in the log that the person and the auditor read.</summary>
public sealed class AccessLogTests(ApiServer api)
{
    [Fact]
    public async Task Every_way_to_look_at_a_person_is_in_the_log_by_the_time_it_is_answered()
    {
        var counter = await new Counter(api, "looks").OpenAsync();
        var (aid, account, cast) = (counter.Aid, counter.Accounts[0], counter.Cast);
        var auditor = await cast.MemberAsync(aid.Administrator, "AUDITOR");
        ApiServer.Done(await counter.SetPinAsync(0, "730164"));
        var program = Aid.Text(aid.Program);
        var enrolments = (await api.QueryAsync(
            aid.Finance.Key, "query($id: Id!) { enrolments(programId: $id, first: 100) { nodes { id accountId householdId } } }", new { id = program })).GetProperty("enrolments").GetProperty("nodes");
        var enrolment = enrolments.EnumerateArray().Single(one => one.GetProperty("accountId").GetString() == account);
        foreach (var (query, id) in new[]
        {
            ("account(id: $id) { id }", account), ("statement(accountId: $id, first: 1) { nodes { number } }", account), ("accounts(first: 100) { nodes { id } }", account),
            ("enrolment(id: $id) { id }", enrolment.GetProperty("id").GetString()!), ("household(id: $id) { size }", enrolment.GetProperty("householdId").GetString()!),
            ("households(first: 100) { nodes { size } }", account), ("credential(accountId: $id) { pinSetAt }", account),
        })
        {
            var variables = query.Contains("$id", StringComparison.Ordinal) ? "query($id: Id!) " : "";
            Assert.NotEqual(JsonValueKind.Null, (await api.QueryAsync(aid.Administrator.Key, $"{variables}{{ seen: {query} }}", new { id })).GetProperty("seen").ValueKind);
            Assert.Contains((query[..query.IndexOf('(', StringComparison.Ordinal)], Aid.Text(aid.Administrator.Member)), await LooksAsync(api, auditor, account));
        }

        await GetAsync(aid.Finance, $"/exports/statements/{account}");
        Assert.Contains(("export of the statement", Aid.Text(aid.Finance.Member)), await LooksAsync(api, auditor, account));
        var disbursement = (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { disbursements(programId: $id, first: 1) { nodes { id } } }", new { id = program }))
            .GetProperty("disbursements").GetProperty("nodes")[0].GetProperty("id").GetString();
        await GetAsync(aid.Finance, $"/exports/disbursements/{disbursement}");
        Assert.Contains(($"export of disbursement {disbursement}", Aid.Text(aid.Finance.Member)), await LooksAsync(api, auditor, account));
        Assert.Contains(($"export of disbursement {disbursement}", Aid.Text(aid.Finance.Member)), await LooksAsync(api, auditor, counter.Accounts[1]));
        var (visitor, token) = await Visitor.InAsync(api, counter, 0);
        Assert.Contains("statement", (await visitor.SeenAsync(token, "looks(first: 100) { what }")).GetProperty("looks").EnumerateArray().Select(look => look.GetProperty("what").GetString()));
    }

    [Fact]
    public async Task Looks_at_shops_and_what_payments_answer_are_not_logged()
    {
        var counter = await new Counter(api, "no looks").OpenAsync(
            """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"}]}""");
        var before = await LooksAsync(api, counter.Aid.Administrator, counter.Accounts[0]);
        ApiServer.Done(await counter.RedeemAsync(0, 100));
        await api.QueryAsync(counter.Aid.Till.Key, "query($id: Id!) { account(id: $id) { id } statement(accountId: $id, first: 1) { nodes { number } } }", new { id = Aid.Text(counter.Aid.VendorAccount) });
        Assert.Equal(before, await LooksAsync(api, counter.Aid.Administrator, counter.Accounts[0]));
    }

    /// <summary>What was looked at, and by whom, as a member reads it.</summary>
    internal static async Task<(string? What, string? Member)[]> LooksAsync(ApiServer api, Actor by, string account)
    {
        var nodes = (await api.QueryAsync(by.Key, "query($id: Id!) { accessLog(accountId: $id, first: 100) { nodes { memberId what } } }", new { id = account })).GetProperty("accessLog").GetProperty("nodes");
        return [.. nodes.EnumerateArray().Select(look => (look.GetProperty("what").GetString(), look.GetProperty("memberId").GetString()))];
    }

    private async Task GetAsync(Actor by, string path)
    {
        using var response = await api.SendAsync(by.Key, HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
