using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Reading;

/// <summary>Lists in parts: in either order, through filters, without gap or repeat.</summary>
public sealed class ConnectionTests(ApiServer api)
{
    [Fact]
    public async Task Parts_in_either_order_are_the_whole_list_and_every_edge_is_a_place_to_go_on_from()
    {
        var aid = await new Aid(api, "connections").SetUpAsync();
        for (var more = 0; more < 4; more++)
        {
            await aid.Cast.ProgramAsync(aid.Administrator);
        }

        var oldest = await AllAsync(aid.Administrator, "programs(first: 2, after: $after)");
        var newest = await AllAsync(aid.Administrator, "programs(first: 2, after: $after, order: NEWEST_FIRST)");
        Assert.Equal(5, oldest.Count);
        Assert.Equal(oldest.Distinct().Order(StringComparer.Ordinal), oldest);
        Assert.Equal(oldest.Reverse<string>(), newest);

        var whole = await PartAsync(aid.Administrator, "programs(first: 5, after: $after, order: NEWEST_FIRST)", null);
        Assert.Equal((false, false), Ends(whole));
        foreach (var (edge, index) in whole.GetProperty("edges").EnumerateArray().Select((edge, index) => (edge, index)))
        {
            var rest = await PartAsync(aid.Administrator, "programs(first: 5, after: $after, order: NEWEST_FIRST)", edge.GetProperty("cursor").GetString());
            Assert.Equal(newest.Skip(index + 1), Ids(rest));
            Assert.Equal((true, false), Ends(rest));
        }
    }

    [Fact]
    public async Task Filters_let_through_what_they_name()
    {
        var aid = await new Aid(api, "Filters").SetUpAsync();
        var reader = await aid.Cast.MemberAsync(aid.Administrator, "READER");
        await aid.Cast.SignedAsync(aid.Administrator, "changeMember", aid.Cast.Input(("memberId", Aid.Text(reader.Member)), ("active", false)));
        async Task<int> CountAsync(Actor actor, string field) => Ids(await PartAsync(actor, field, null)).Length;
        Assert.Equal(1, await CountAsync(aid.Finance, "programs(first: 9, after: $after, name: \"FILTER\", unit: \"KES\", active: true)"));
        Assert.Equal(0, await CountAsync(aid.Finance, "programs(first: 9, after: $after, name: \"elsewhere\")"));
        Assert.Equal(0, await CountAsync(aid.Finance, "programs(first: 9, after: $after, active: false)"));
        Assert.Equal(1, await CountAsync(aid.Finance, "grants(first: 9, after: $after, active: true)"));
        Assert.Equal(1, await CountAsync(aid.Donor, $"grants(first: 9, after: $after, programId: \"{aid.Program}\")"));
        Assert.Equal(0, await CountAsync(aid.Donor, "grants(first: 9, after: $after, earmark: \"north\")"));
        Assert.Equal(0, await CountAsync(aid.Till, "grants(first: 9, after: $after)"));
        Assert.Equal(1, await CountAsync(aid.Finance, $"vendors(programId: \"{aid.Program}\", first: 9, after: $after, category: \"food\", active: true)"));
        Assert.Equal(0, await CountAsync(aid.Finance, $"vendors(programId: \"{aid.Program}\", first: 9, after: $after, category: \"tools\")"));
        Assert.Equal(1, await CountAsync(aid.Till, "accounts(first: 9, after: $after, kind: VENDOR, status: OPEN, tag: \"shop\")"));
        Assert.Equal(0, await CountAsync(aid.Till, "accounts(first: 9, after: $after, kind: DONOR)"));
        Assert.Equal(1, await CountAsync(aid.Cast.Operator, "organisations(first: 9, after: $after, name: \"filters ngo\", kind: NGO, active: true)"));
        var found = (await api.QueryAsync(aid.Till.Key, "{ directory(first: 9, name: \"filters ngo\", kind: NGO, active: true) { nodes { organisationId name } } }")).GetProperty("directory");
        Assert.Equal(Aid.Text(aid.Finance.Organisation), Assert.Single(found.GetProperty("nodes").EnumerateArray()).GetProperty("organisationId").GetString());

        var members = await api.QueryAsync(
            aid.Finance.Key, "query($id: Id!) { organisation(id: $id) { all: members(first: 100) { nodes { id } } gone: members(first: 100, active: false) { nodes { id } } finance: members(first: 100, role: FINANCE) { nodes { id } } } }",
            new { id = Aid.Text(aid.Finance.Organisation) });
        Assert.Equal([Aid.Text(reader.Member)], Ids(members.GetProperty("organisation").GetProperty("gone")));
        Assert.Equal([Aid.Text(aid.Finance.Member)], Ids(members.GetProperty("organisation").GetProperty("finance")));
        Assert.Equal(7, Ids(members.GetProperty("organisation").GetProperty("all")).Length);
    }

    [Fact]
    public async Task Disbursements_households_and_settlements_are_found_by_what_they_are()
    {
        var aid = await new Aid(api, "searched").SetUpAsync();
        var list = await aid.ListAsync(4);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var done = await aid.ReleaseAsync(list, 0, 2, inPerson: false);
        await aid.UntilAsync(done, "COMPLETED");
        var open = await aid.ReleaseAsync(list, 2, 2, inPerson: true);
        string InProgram(string filter) => $"disbursements(programId: \"{aid.Program}\", first: 9, after: $after{filter})";
        Assert.Equal([done, open], Ids(await PartAsync(aid.Registrar, InProgram(""), null)));
        Assert.Equal([open, done], Ids(await PartAsync(aid.Registrar, InProgram(", order: NEWEST_FIRST, period: \"2026-11\", assistanceKind: \"food\", purpose: REGULAR"), null)));
        Assert.Equal([done], Ids(await PartAsync(aid.Registrar, InProgram(", state: COMPLETED"), null)));
        Assert.Empty(Ids(await PartAsync(aid.Registrar, InProgram(", period: \"2026-12\""), null)));
        Assert.Equal(4, Ids(await PartAsync(aid.Registrar, "households(first: 9, after: $after, merged: false, sizeFrom: 4)", null)).Length);
        Assert.Empty(Ids(await PartAsync(aid.Registrar, "households(first: 9, after: $after, sizeFrom: 5)", null)));
        Assert.Empty(Ids(await PartAsync(aid.Registrar, "households(first: 9, after: $after, merged: true)", null)));

        await aid.Cast.DoneAsync(aid.Till, "redeemVoucher", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", (await aid.AccountsAsync(list))[0]), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(900)),
            ("categories", new[] { "food" }), ("receiptHash", $"0x{new string('1', 64)}")));
        var settlements = new List<string>();
        for (var part = 0; part < 3; part++)
        {
            settlements.Add(Cast.Id(await aid.Cast.DoneAsync(aid.Till, "settleVendor", aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(300)),
                ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "settlement { id }"), "settlement").ToString());
        }

        await aid.Cast.DoneAsync(aid.Till, "releaseSettlement", aid.Cast.Input(("settlementId", settlements[1])));
        string OfTill(string filter) => $"settlements(vendorAccountId: \"{aid.VendorAccount}\", first: 9, after: $after{filter})";
        Assert.Equal(settlements.Order(StringComparer.Ordinal), Ids(await PartAsync(aid.Till, OfTill(""), null)));
        Assert.Equal([settlements[1]], Ids(await PartAsync(aid.Till, OfTill($", state: RELEASED, programId: \"{aid.Program}\""), null)));

        // Without an account: those of the organisation's vendors and those in its programs, and nobody else's.
        string InAll(string filter) => $"settlements(first: 2, after: $after{filter})";
        foreach (var actor in new[] { aid.Till, aid.Finance })
        {
            var first = await PartAsync(actor, InAll($", programId: \"{aid.Program}\""), null);
            var second = await PartAsync(actor, InAll($", programId: \"{aid.Program}\""), first.GetProperty("pageInfo").GetProperty("endCursor").GetString());
            Assert.Equal(settlements.Order(StringComparer.Ordinal), Ids(first).Concat(Ids(second)));
            Assert.Equal([settlements[1]], Ids(await PartAsync(actor, InAll(", state: RELEASED"), null)));
            Assert.Equal(settlements.Order(StringComparer.Ordinal).Reverse().Take(2), Ids(await PartAsync(actor, InAll(", order: NEWEST_FIRST"), null)));
        }

        var stranger = await aid.Cast.OrganisationAsync("NGO", "ADMINISTRATOR");
        Assert.Empty(Ids(await PartAsync(stranger, InAll($", programId: \"{aid.Program}\""), null)));
        Assert.Empty(Ids(await PartAsync(stranger, InAll(""), null)));

        // The program's finance finds them with its vendors.
        var vendors = await api.QueryAsync(
            aid.Finance.Key, "query($id: Id!) { vendors(programId: $id, first: 9) { nodes { accountId account { id } settlements(first: 9, state: OPEN) { nodes { id } } } } }",
            new { id = Aid.Text(aid.Program) });
        var vendor = Assert.Single(vendors.GetProperty("vendors").GetProperty("nodes").EnumerateArray());
        Assert.Equal(JsonValueKind.Null, vendor.GetProperty("account").ValueKind);
        Assert.Equal(2, Ids(vendor.GetProperty("settlements")).Length);
    }

    [Fact]
    public async Task Filter_that_lets_few_through_ends_a_part_early_and_goes_on_from_there()
    {
        var aid = await new Aid(api, "sparse").SetUpAsync();
        var list = await aid.ListAsync(RecordLists.LookedAtMost + 500);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        const string Nowhere = "households(first: 50, after: $after, sizeFrom: 99)";
        var first = await PartAsync(aid.Registrar, Nowhere, null);
        Assert.Empty(Ids(first));
        Assert.Equal((false, true), Ends(first));
        var rest = await PartAsync(aid.Registrar, Nowhere, first.GetProperty("pageInfo").GetProperty("endCursor").GetString());
        Assert.Empty(Ids(rest));
        Assert.Equal((true, false), Ends(rest));
    }

    [Fact]
    public async Task Statement_is_searched_by_time_and_kind_and_parted_without_gap_or_repeat()
    {
        var aid = await new Aid(api, "statement").SetUpAsync();
        var pool = (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { program(id: $id) { poolAccountId } }", new { id = Aid.Text(aid.Program) }))
            .GetProperty("program").GetProperty("poolAccountId").GetString();
        for (var more = 1; more <= 6; more++)
        {
            var (name, line) = more % 3 == 0 ? ("recordCost", "staff") : ("recordReceipt", null);
            var input = aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(more)));
            if (line is not null)
            {
                input["budgetLine"] = line;
            }

            await aid.Cast.DoneAsync(aid.Finance, name, input);
        }

        string Of(string filter, int first = 100) => $"statement(accountId: \"{pool}\", first: {first}, after: $after{filter})";
        async Task<JsonElement[]> EntriesAsync(string field) => [.. (await PartAsync(aid.Finance, field, null, "number kind at")).GetProperty("nodes").EnumerateArray()];
        var all = await EntriesAsync(Of(""));
        Assert.Equal(7, all.Length);
        Assert.Equal(all.Select(Number), await AllAsync(aid.Finance, Of("", first: 2), "number", "number"));
        Assert.Equal(all.Where(entry => Text(entry, "kind") == "COST").Select(Number), (await EntriesAsync(Of(", kinds: [COST]"))).Select(Number));
        Assert.Empty(await EntriesAsync(Of(", kinds: [TRANSFER]")));
        foreach (var entry in all)
        {
            var at = entry.GetProperty("at").GetDateTimeOffset();
            Assert.Equal(
                all.Where(one => one.GetProperty("at").GetDateTimeOffset() >= at).Select(Number), (await EntriesAsync(Of($", from: \"{at:O}\""))).Select(Number));
            Assert.Equal(
                all.Where(one => one.GetProperty("at").GetDateTimeOffset() < at).Select(Number), (await EntriesAsync(Of($", until: \"{at:O}\""))).Select(Number));
        }
    }

    [Theory]
    [InlineData("programs(first: 1, after: \"AAAA\") { nodes { id } }")]
    [InlineData("statement(accountId: \"00000000000000000000000000000001\", first: 0) { nodes { number } }")]
    [InlineData("accounts(first: 101) { nodes { id } }")]
    [InlineData("programs(first: 1, after: \"?\") { nodes { id } }")]
    [InlineData("grants(first: -1) { nodes { id } }")]
    public async Task Bad_cursor_or_size_is_refused(string field) =>
        Assert.Equal(RefusalCode.InvalidInput, Front.Code(await api.ExecuteAsync((await new Cast(api, field).OrganisationAsync("NGO", "READER")).Key, $"{{ {field} }}")));

    private async Task<JsonElement> PartAsync(Actor actor, string field, string? after, string fields = "id") => (await api.QueryAsync(
        actor.Key, $"query($after: String) {{ part: {field} {{ nodes {{ {fields} }} edges {{ cursor node {{ __typename }} }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}",
        new { after })).GetProperty("part");

    private async Task<List<string>> AllAsync(Actor actor, string field, string fields = "id", string name = "id")
    {
        var all = new List<string>();
        for (string? after = null; ;)
        {
            var part = await PartAsync(actor, field, after, fields);
            all.AddRange(part.GetProperty("nodes").EnumerateArray().Select(node => Text(node, name)));
            if (!Ends(part).Next)
            {
                return all;
            }

            after = part.GetProperty("pageInfo").GetProperty("endCursor").GetString();
        }
    }

    private static string[] Ids(JsonElement part) => [.. part.GetProperty("nodes").EnumerateArray().Select(node => Text(node, "id"))];

    private static (bool Previous, bool Next) Ends(JsonElement part) =>
        (part.GetProperty("pageInfo").GetProperty("hasPreviousPage").GetBoolean(), part.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean());

    private static string Number(JsonElement entry) => Text(entry, "number");

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
