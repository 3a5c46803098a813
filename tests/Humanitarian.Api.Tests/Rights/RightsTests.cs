using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Rights;

/// <summary>Who sees and does what. Not there and not allowed look alike.</summary>
public sealed class RightsTests(ApiServer api)
{
    [Fact]
    public async Task Each_reads_what_is_theirs_and_nothing_else()
    {
        var aid = await new Aid(api, "matrix").SetUpAsync();
        var stranger = await new Aid(api, "matrix stranger").SetUpAsync();
        var list = await aid.ListAsync(2);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var beneficiary = (await aid.AccountsAsync(list))[0];
        var disbursement = await aid.ReleaseAsync(list, 0, 2, inPerson: false);

        var actors = new Dictionary<string, Actor>
        {
            ["ngo"] = aid.Finance, ["agent"] = aid.Agent, ["donor"] = aid.Donor, ["vendor"] = aid.Till, ["operator"] = aid.Cast.Operator,
            ["stranger"] = stranger.Finance, ["other donor"] = stranger.Donor,
        };
        var reads = new (string Query, string Id, string[] SeenBy)[]
        {
            ("account(id: $id) { id }", beneficiary, ["ngo"]),
            ("statement(accountId: $id, first: 10) { nodes { number } }", beneficiary, ["ngo"]),
            ("account(id: $id) { id }", Aid.Text(aid.VendorAccount), ["vendor"]),
            ("statement(accountId: $id, first: 10) { nodes { number } }", Aid.Text(aid.VendorAccount), ["vendor"]),
            ("program(id: $id) { id }", Aid.Text(aid.Program), ["ngo", "agent", "donor", "vendor"]),
            ("grant(id: $id) { id }", Aid.Text(aid.Grant), ["ngo", "donor"]),
            ("donationTrace(grantId: $id) { label }", Aid.Text(aid.Grant), ["ngo", "donor"]),
            ("disbursement(id: $id) { id }", disbursement, ["ngo", "agent"]),
            ("disbursements(programId: $id, first: 10) { nodes { id } }", Aid.Text(aid.Program), ["ngo", "agent"]),
            ("list(id: $id) { id }", list, ["ngo"]),
            ("listRows(listId: $id, first: 1) { nodes { accountId } }", list, ["ngo"]),
            ("organisation(id: $id) { name }", Aid.Text(aid.Finance.Organisation), ["ngo", "agent", "operator"]),
        };
        foreach (var (query, id, seenBy) in reads)
        {
            foreach (var (name, actor) in actors)
            {
                var data = await api.QueryAsync(actor.Key, $"query($id: Id!) {{ seen: {query} }}", new { id });
                Assert.True(
                    seenBy.Contains(name) == (data.GetProperty("seen").ValueKind != JsonValueKind.Null), $"{name} on {query}: {data}");
            }
        }
    }

    [Fact]
    public async Task Strangers_ids_are_not_found_by_mutations()
    {
        var aid = await new Aid(api, "foreign").SetUpAsync();
        var stranger = await new Aid(api, "foreign stranger").SetUpAsync();
        var list = await aid.ListAsync(1);
        var cast = stranger.Cast;
        var attempts = new (Actor Actor, string Name, Dictionary<string, object?> Input, string Code)[]
        {
            (stranger.Administrator, "freezeAccount", cast.Input(("accountId", Aid.Text(aid.VendorAccount))), RefusalCode.NotFound),
            (stranger.Administrator, "closeAccount", cast.Input(("accountId", Aid.Text(aid.VendorAccount))), RefusalCode.NotFound),
            (stranger.Administrator, "proposeTerms", cast.Input(("programId", Aid.Text(aid.Program)), ("preset", "voucher")), RefusalCode.NotFound),
            (stranger.Administrator, "changeMember", cast.Input(("memberId", Aid.Text(aid.Finance.Member)), ("active", false)), RefusalCode.NotFound),
            (stranger.Administrator, "revokeDevice", cast.Input(("deviceId", Aid.Text(aid.Device))), RefusalCode.NotFound),
            (stranger.Finance, "recordReceipt", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1))), RefusalCode.NotFound),
            (stranger.Finance, "returnGrant", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1))), RefusalCode.NotFound),
            (stranger.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(stranger.Program)), ("listId", list)), RefusalCode.ListUnknown),
            (stranger.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)), RefusalCode.NotFound),
            (stranger.Till, "settleVendor", cast.Input(("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(1)), ("until", "2100-01-01T00:00:00Z")), RefusalCode.NotFound),
            (stranger.Agent, "creditBeneficiary", cast.Input(("deviceId", Aid.Text(aid.Device)), ("disbursementId", Aid.Text(aid.Program)), ("accountId", Aid.Text(aid.Program)), ("amount", Cast.Money(1)), ("occurredAt", "1"), ("deadline", "2"), ("counter", "1")), RefusalCode.DeviceUnknown),
        };
        foreach (var (actor, name, input, code) in attempts)
        {
            ApiServer.Refused(code, await api.MutateAsync(actor.Key, name, input));
        }
    }

    [Fact]
    public async Task Member_without_the_role_is_refused()
    {
        var aid = await new Aid(api, "roles").SetUpAsync();
        var cast = aid.Cast;
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Agent.Key, "recordReceipt", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1)))));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Administrator.Key, "defineUnit", cast.Input(("code", "XXX"), ("exponent", 2))));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Finance.Key, "createApiKey", cast.Input(("memberId", Aid.Text(aid.Agent.Member)))));
    }

    [Fact]
    public async Task Member_who_lost_the_role_is_refused_before_an_outcome_is_told_again_and_learns_it_with_the_role()
    {
        var aid = await new Aid(api, "lost role").SetUpAsync();
        var finance = await aid.Cast.MemberAsync(aid.Administrator, "FINANCE");
        async Task GiveAsync(string role) => await aid.Cast.SignedAsync(
            aid.Administrator, "changeMember", aid.Cast.Input(("memberId", Aid.Text(finance.Member)), ("roles", new[] { role })));
        var input = aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(100)));
        var first = ApiServer.Done(await api.MutateAsync(finance.Key, "recordReceipt", input));

        await GiveAsync("READER");
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(finance.Key, "recordReceipt", input));
        await GiveAsync("FINANCE");
        var repeated = ApiServer.Done(await api.MutateAsync(finance.Key, "recordReceipt", input));
        Assert.True(repeated.GetProperty("replayed").GetBoolean());
        Assert.Equal(first.GetProperty("transaction").ToString(), repeated.GetProperty("transaction").ToString());
    }

    [Fact]
    public async Task Amount_in_another_currency_is_a_unit_mismatch()
    {
        var aid = await new Aid(api, "mismatch").SetUpAsync();
        ApiServer.Refused(
            RefusalCode.UnitMismatch,
            await api.MutateAsync(aid.Finance.Key, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1, "USD")))));
    }

    [Fact]
    public async Task Same_key_with_other_content_is_a_conflict_and_with_the_same_a_replay()
    {
        var aid = await new Aid(api, "idempotency").SetUpAsync();
        var input = aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(100)));
        var first = ApiServer.Done(await api.MutateAsync(aid.Finance.Key, "recordReceipt", input, "grant { received { amountMinor } }"));
        var second = ApiServer.Done(await api.MutateAsync(aid.Finance.Key, "recordReceipt", input, "grant { received { amountMinor } }"));
        Assert.Equal((false, true), (first.GetProperty("replayed").GetBoolean(), second.GetProperty("replayed").GetBoolean()));
        Assert.Equal(first.GetProperty("transaction").ToString(), second.GetProperty("transaction").ToString());
        Assert.Equal("500100", second.GetProperty("grant").GetProperty("received").GetProperty("amountMinor").GetString());

        input["amount"] = Cast.Money(101);
        ApiServer.Refused(RefusalCode.IdempotencyConflict, await api.MutateAsync(aid.Finance.Key, "recordReceipt", input));
        input["idempotencyKey"] = "";
        ApiServer.Refused(RefusalCode.IdempotencyKeyInvalid, await api.MutateAsync(aid.Finance.Key, "recordReceipt", input));
        input["idempotencyKey"] = new string('k', 256);
        ApiServer.Refused(RefusalCode.IdempotencyKeyInvalid, await api.MutateAsync(aid.Finance.Key, "recordReceipt", input));
    }

    [Fact]
    public async Task Signature_of_another_is_refused_with_the_words_to_sign()
    {
        var aid = await new Aid(api, "signature").SetUpAsync();
        var input = aid.Cast.Input(("address", null), ("roles", new[] { "READER" }));
        var forged = await api.SignAsync(aid.Administrator.Key, aid.Finance.Signer, "addMember", input, "member { id }");
        ApiServer.Refused(RefusalCode.SignatureInvalid, forged);
        using var json = JsonDocument.Parse(forged.GetProperty("toSign").GetProperty("json").GetString()!);
        Assert.Equal("Authorisation", json.RootElement.GetProperty("primaryType").GetString());
        Assert.Equal(JsonValueKind.Null, forged.GetProperty("member").ValueKind);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task Page_size_outside_1_to_100_is_refused(int first)
    {
        var answer = await api.ExecuteAsync(api.OperatorKey, $"{{ programs(first: {first}) {{ nodes {{ id }} }} }}");
        Assert.Equal(RefusalCode.InvalidInput, answer.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString());
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_repeat()
    {
        var aid = await new Aid(api, "pages").SetUpAsync();
        for (var more = 0; more < 4; more++)
        {
            await aid.Cast.ProgramAsync(aid.Administrator);
        }

        var seen = new List<string?>();
        string? after = null;
        do
        {
            var page = (await api.QueryAsync(
                aid.Administrator.Key, "query($after: String) { programs(first: 2, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }", new { after }))
                .GetProperty("programs");
            seen.AddRange(page.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("id").GetString()));
            after = page.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean() ? page.GetProperty("pageInfo").GetProperty("endCursor").GetString() : null;
        }
        while (after is not null);
        Assert.Equal(5, seen.Count);
        Assert.Equal(seen.Distinct().Order(StringComparer.Ordinal), seen);
    }
}
