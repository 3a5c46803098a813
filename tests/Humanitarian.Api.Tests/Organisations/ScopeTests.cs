using System.Net;
using System.Text.Json;
using Humanitarian.Api.Tests.Cash;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Organisations;

/// <summary>Whose roles are limited to programs or areas reads and decides there alone.</summary>
public sealed class ScopeTests(ApiServer api)
{
    private const string Person = "query($account: Id!, $household: Id!, $program: Id!) { account(id: $account) { id } statement(accountId: $account, first: 1) { nodes { height } } "
        + "household(id: $household) { id } credential(accountId: $account) { pinSetBy } "
        + "enrolments(programId: $program, first: 10) { nodes { accountId } } accounts(first: 50, kind: BENEFICIARY) { nodes { id } } households(first: 50) { nodes { id } } }";

    private const string Program = "query($program: Id!, $disbursement: Id!, $account: Id!, $grant: Id!) { program(id: $program) { id } programs(first: 50) { nodes { id } } "
        + "disbursement(id: $disbursement) { id } disbursements(programId: $program, first: 1) { nodes { id } } programTotals(programId: $program) { __typename } "
        + "enrolments(programId: $program, first: 1) { nodes { id } } vendors(programId: $program, first: 1) { nodes { id } } grant(id: $grant) { id } account(id: $account) { id } }";

    private const string Terms = """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"}]}""";

    // Red without Access.CoversPersonsAsync.
    [Fact]
    public async Task Reader_of_an_area_sees_the_people_of_that_area_alone()
    {
        var aid = await new Aid(api, "read area").SetUpAsync();
        var (north, household) = await SitedAsync(aid, "north");
        var (south, own) = await SitedAsync(aid, "south");
        var reader = await LimitedAsync(aid, "READER", [], ["south"]);
        var registrar = await LimitedAsync(aid, "REGISTRAR", [], ["south"]);
        foreach (var actor in new[] { reader, registrar })
        {
            var seen = await api.QueryAsync(actor.Key, Person, new { account = south, household = own, program = Aid.Text(aid.Program) });
            Assert.Equal((south, own), (Text(seen.GetProperty("account"), "id"), Text(seen.GetProperty("household"), "id")));
            Assert.NotEqual(JsonValueKind.Null, seen.GetProperty("statement").ValueKind);
            var unseen = await api.QueryAsync(actor.Key, Person, new { account = north, household, program = Aid.Text(aid.Program) });
            Assert.All(["account", "statement", "household", "credential"], field => Assert.Equal(JsonValueKind.Null, unseen.GetProperty(field).ValueKind));
            Assert.Equal([south], Nodes(unseen, "enrolments", "accountId"));
            Assert.Equal([south], Nodes(unseen, "accounts", "id"));
            Assert.Equal([own], Nodes(unseen, "households", "id"));
        }

        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(registrar.Key, "setPin", aid.Cast.Input(("accountId", north), ("pin", "730164"))));
        ApiServer.Done(await api.MutateAsync(registrar.Key, "setPin", aid.Cast.Input(("accountId", south), ("pin", "730164"))));
    }

    [Fact]
    public async Task Who_is_limited_to_an_area_neither_approves_nor_reads_a_list_of_all_of_them()
    {
        var aid = await new Aid(api, "decide area").SetUpAsync();
        var list = await aid.ListAsync(2);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: false);
        var drafted = (await aid.Cast.DoneAsync(aid.Registrar, "createDisbursement", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", "1"), ("inPerson", false), ("period", "2026-12"), ("assistanceKind", "food"),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } })), "disbursement { id }")).GetProperty("disbursement");
        var input = aid.Cast.Input(("disbursementId", Text(drafted, "id")));
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", Text(drafted, "id"))));
        var approver = await LimitedAsync(aid, "APPROVER", [], ["south"]);
        ApiServer.Refused(RefusalCode.OutOfScope, await api.SignAsync(approver.Key, approver.Signer, "approveDisbursement", input));
        foreach (var path in new[] { $"/exports/disbursements/{disbursement}", $"/lists/{list}/errors" })
        {
            using var refused = await api.SendAsync(approver.Key, HttpMethod.Get, path);
            using var given = await api.SendAsync(aid.Approver.Key, HttpMethod.Get, path);
            Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK), (refused.StatusCode, given.StatusCode));
        }

        var rows = await api.QueryAsync(approver.Key, "query($id: Id!) { list(id: $id) { rows } listRows(listId: $id, first: 1) { nodes { row } } }", new { id = list });
        Assert.All(["list", "listRows"], field => Assert.Equal(JsonValueKind.Null, rows.GetProperty(field).ValueKind));
    }

    // Red while what had been validated was answered again, whoever asked: its control totals could be found by trying.
    [Fact]
    public async Task Registrar_of_another_program_is_not_told_control_totals()
    {
        var aid = await new Aid(api, "scoped totals").SetUpAsync();
        var list = await aid.ListAsync(1);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: true);
        var elsewhere = await LimitedAsync(aid, "REGISTRAR", [Aid.Text(await aid.Cast.ProgramAsync(aid.Administrator))], []);
        var input = aid.Cast.Input(("disbursementId", disbursement), ("expectedLines", "2"));
        ApiServer.Refused(RefusalCode.OutOfScope, await api.MutateAsync(elsewhere.Key, "validateDisbursement", input));
    }

    // Red without Access.CoveredProgramAsync.
    [Fact]
    public async Task Reader_of_a_program_sees_nothing_of_another()
    {
        var aid = await new Aid(api, "read program").SetUpAsync();
        var (account, _) = await SitedAsync(aid, "north");
        var list = await aid.ListAsync(1);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: false);
        var other = await aid.Cast.ProgramAsync(aid.Administrator);
        var ids = new { program = Aid.Text(aid.Program), disbursement, account, grant = Aid.Text(aid.Grant) };
        var elsewhere = await LimitedAsync(aid, "READER", [Aid.Text(other)], []);
        var unseen = await api.QueryAsync(elsewhere.Key, Program, ids);
        Assert.Equal([Aid.Text(other)], Nodes(unseen, "programs", "id"));
        string[] fields = ["program", "disbursement", "disbursements", "programTotals", "enrolments", "vendors", "grant", "account"];
        Assert.All(fields, field => Assert.Equal(JsonValueKind.Null, unseen.GetProperty(field).ValueKind));

        var here = await LimitedAsync(aid, "READER", [Aid.Text(aid.Program)], []);
        var seen = await api.QueryAsync(here.Key, Program, ids);
        Assert.All(fields, field => Assert.NotEqual(JsonValueKind.Null, seen.GetProperty(field).ValueKind));
    }

    // Red without the limits in EntitlementReads.
    [Fact]
    public async Task Help_line_of_a_program_or_an_area_sees_a_beneficiarys_part_of_no_other()
    {
        var aid = await new Aid(api, "help program").SetUpAsync();
        var list = await aid.ListAsync(1);
        var other = Aid.Text(await aid.Cast.ProgramAsync(aid.Administrator));
        foreach (var program in new[] { Aid.Text(aid.Program), other })
        {
            await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", program), ("listId", list)));
        }

        var account = (await aid.AccountsAsync(list))[0];
        await aid.Cast.DoneAsync(aid.Registrar, "moveEnrolment", aid.Cast.Input(("programId", other), ("accountId", account), ("site", "south")));
        await aid.ReleaseAsync(list, 0, 1, inPerson: false);
        async Task<JsonElement> SeenAsync(Actor by) => (await api.QueryAsync(
            by.Key, "query($id: Id!) { beneficiary(accountId: $id) { enrolments { programId } entitlements { programId } } }", new { id = account })).GetProperty("beneficiary");
        foreach (var limited in new[] { await LimitedAsync(aid, "HELP_LINE", [other], []), await LimitedAsync(aid, "HELP_LINE", [], ["south"]) })
        {
            var part = await SeenAsync(limited);
            Assert.Equal([other], Texts(part.GetProperty("enrolments"), "programId"));
            Assert.Equal(0, part.GetProperty("entitlements").GetArrayLength());
        }

        var all = await SeenAsync(await aid.Cast.MemberAsync(aid.Administrator, "HELP_LINE"));
        Assert.Equal(2, all.GetProperty("enrolments").GetArrayLength());
        Assert.Equal([Aid.Text(aid.Program)], Texts(all.GetProperty("entitlements"), "programId"));
    }

    // Red without the reads of payloads that ask for the scope.
    [Fact]
    public async Task Repeated_call_of_who_is_now_limited_to_another_program_shows_nothing_of_the_first()
    {
        var job = await new CashJob(api, "repeat elsewhere").StartAsync(1, 1_000_000);
        var (aid, cast) = (job.Aid, job.Aid.Cast);
        var other = Aid.Text(await cast.ProgramAsync(aid.Administrator));
        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var manager = await cast.MemberAsync(aid.Administrator, "PROGRAM_MANAGER");
        var account = (await aid.AccountsAsync(list))[0];
        var drafted = Text((await cast.DoneAsync(aid.Registrar, "createDisbursement", cast.Input(
            ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("period", "2026-12"), ("assistanceKind", "food"),
            ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } })), "disbursement { id }")).GetProperty("disbursement"), "id");
        var report = Text(await job.SendAsync($"reference,status\n{(await job.ReferencesAsync())[0]},DELIVERED\n"), "reportId");

        await cast.DoneAsync(aid.Registrar, "validateDisbursement", cast.Input(("disbursementId", drafted)));

        // What can be done once is refused for that before the scope is looked at, and its first outcome told instead.
        var calls = new (Actor By, string Name, Dictionary<string, object?> Input, string[] Shown)[]
        {
            (aid.Finance, "recordReceipt", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(500_000))), ["grant"]),
            (aid.Finance, "recordCost", cast.Input(("grantId", Aid.Text(aid.Grant)), ("budgetLine", "staff"), ("amount", Cast.Money(50_000))), ["grant", "cost"]),
            (aid.Approver, "approveDisbursement", cast.Input(("disbursementId", drafted)), ["disbursement"]),
            (aid.Finance, "reconcileCash", cast.Input(("reportId", report)), ["reconciliation"]),
            (manager, "proposeTerms", cast.Input(("programId", Aid.Text(aid.Program)), ("terms", Terms)), ["program"]),
            (manager, "stopProgram", cast.Input(("programId", Aid.Text(aid.Program)), ("area", "north"), ("reason", "OTHER")), ["stops"]),
            (aid.Registrar, "withdrawEnrolment", cast.Input(("programId", Aid.Text(aid.Program)), ("accountId", account)), ["enrolment"]),
        };
        async Task<string[]> ShownAsync()
        {
            var shown = new List<string>();
            foreach (var (by, name, input, fields) in calls)
            {
                var answer = ApiServer.Done(await api.SignAsync(by.Key, by.Signer, name, input, string.Join(' ', fields.Select(field => $"{field} {{ __typename }}"))));
                shown.AddRange(fields.Where(field => answer.GetProperty(field).ValueKind != JsonValueKind.Null).Select(field => $"{name} {field}"));
            }

            return [.. shown];
        }

        Assert.Equal(calls.Sum(call => call.Shown.Length), (await ShownAsync()).Length);
        foreach (var by in calls.Select(call => call.By).Distinct())
        {
            await cast.SignedAsync(aid.Administrator, "changeMember", cast.Input(("memberId", Aid.Text(by.Member)), ("scope", new { programIds = new[] { other }, areas = Array.Empty<string>() })));
        }

        Assert.Empty(await ShownAsync());
    }

    private async Task<(string Account, string Household)> SitedAsync(Aid aid, string site)
    {
        var (_, answer) = await aid.UploadAsync(aid.Registrar, $"household_id,size,amount,site\n{aid.Cast.Key()},4,25.00,{site}\n");
        var list = Text(answer, "listId");
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var row = (await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { listRows(listId: $id, first: 1) { nodes { accountId householdId } } }", new { id = list }))
            .GetProperty("listRows").GetProperty("nodes")[0];
        return (Text(row, "accountId"), Text(row, "householdId"));
    }

    private static async Task<Actor> LimitedAsync(Aid aid, string role, string[] programIds, string[] areas)
    {
        var member = await aid.Cast.MemberAsync(aid.Administrator, role);
        await aid.Cast.SignedAsync(aid.Administrator, "changeMember", aid.Cast.Input(("memberId", Aid.Text(member.Member)), ("scope", new { programIds, areas })));
        return member;
    }

    private static IEnumerable<string> Nodes(JsonElement of, string list, string field) => Texts(of.GetProperty(list).GetProperty("nodes"), field);

    private static IEnumerable<string> Texts(JsonElement of, string field) => of.EnumerateArray().Select(one => Text(one, field));

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
