using System.Text.Json;
using Humanitarian.Api.Tests.Beneficiaries;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Disbursements;

/// <summary>Disbursements made from the terms over HTTP: who is on them, with what, and who is left out.</summary>
public sealed class GenerationTests(ApiServer api)
{
    private const string Fields =
        "disbursement { id lines total { amountMinor } state } list { id rows total { amountMinor } leftOut(first: 100) { nodes { householdId code } } }";

    [Fact]
    public async Task A_disbursement_follows_from_sizes_and_values_and_no_household_gets_a_second()
    {
        var aid = await SetUpAsync("generated");
        var cast = aid.Cast;
        await EnrolAsync(aid, "one", 1, 1);
        await EnrolAsync(aid, "four", 4, 2);
        await EnrolAsync(aid, "nine", 9, 1);

        var input = Input(aid, "2026-11");
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Finance.Key, "generateDisbursement", input, Fields));
        var made = await cast.DoneAsync(aid.Registrar, "generateDisbursement", input, Fields);
        var (disbursement, list) = (made.GetProperty("disbursement"), made.GetProperty("list"));
        Assert.Equal(("4", "17000", "DRAFT"), (Text(disbursement, "lines"), Minor(disbursement, "total"), Text(disbursement, "state")));
        Assert.Equal(("4", "17000"), (Text(list, "rows"), Minor(list, "total")));
        Assert.Empty(LeftOut(list));
        Assert.Equal(made.ToString(), (await cast.DoneAsync(aid.Registrar, "generateDisbursement", input, Fields)).ToString());

        // A newcomer is all that is left for the period, while the first draft stands.
        await EnrolAsync(aid, "late", 2, 1);
        var second = (await cast.DoneAsync(aid.Registrar, "generateDisbursement", Input(aid, "2026-11"), Fields)).GetProperty("list");
        Assert.Equal(("1", "5000"), (Text(second, "rows"), Minor(second, "total")));
        Assert.Equal(Enumerable.Repeat("ALREADY_LISTED", 4), LeftOut(second));
        ApiServer.Refused(RefusalCode.NotEnrolled, await api.MutateAsync(aid.Registrar.Key, "generateDisbursement", Input(aid, "2026-11"), Fields));

        var id = Text(disbursement, "id");
        await cast.DoneAsync(aid.Registrar, "validateDisbursement", cast.Input(("disbursementId", id)));
        await cast.SignedAsync(aid.Approver, "approveDisbursement", cast.Input(("disbursementId", id)));
        await cast.SignedAsync(aid.Releaser, "releaseDisbursement", cast.Input(("disbursementId", id)));
        Assert.Equal("4", Text(await aid.UntilAsync(id, "COMPLETED"), "paidLines"));
        await EnrolAsync(aid, "later", 2, 1, 25);
        var third = (await cast.DoneAsync(aid.Registrar, "generateDisbursement", Input(aid, "2026-11"), Fields)).GetProperty("list");
        Assert.Equal((string[])["ALREADY_ASSISTED", "ALREADY_ASSISTED", "ALREADY_ASSISTED", "ALREADY_ASSISTED", "ALREADY_LISTED"], LeftOut(third));

        await WhoIsLeftOutIsLookedAtAsync(aid, Text(third, "id"));

        // The next period has newer values, and everybody is on it.
        var next = (await cast.DoneAsync(aid.Registrar, "generateDisbursement", Input(aid, "2027-01"), Fields)).GetProperty("list");
        Assert.Equal(("6", "600"), (Text(next, "rows"), Minor(next, "total")));
    }

    private async Task WhoIsLeftOutIsLookedAtAsync(Aid aid, string list)
    {
        var households = (await api.QueryAsync(aid.Finance.Key, "{ households(first: 100) { nodes { id accountIds } } }")).GetProperty("households").GetProperty("nodes")
            .EnumerateArray().ToDictionary(household => Text(household, "id"), household => household.GetProperty("accountIds")[0].GetString()!);
        var seen = await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { list(id: $id) { leftOut(first: 2) { nodes { householdId code } } } }", new { id = list });
        var shown = seen.GetProperty("list").GetProperty("leftOut").GetProperty("nodes").EnumerateArray().Select(one => Text(one, "householdId")).ToArray();
        Assert.Equal(2, shown.Length);
        foreach (var (household, account) in households)
        {
            var looks = await AccessLogTests.LooksAsync(api, aid.Administrator, account);
            Assert.Equal(shown.Contains(household), looks.Contains(("leftOut", Aid.Text(aid.Finance.Member))));
        }
    }

    [Fact]
    public async Task A_day_without_values_a_poor_grant_and_terms_without_the_rule_are_refused()
    {
        var aid = await SetUpAsync("generated poor");
        await EnrolAsync(aid, "poor", 4, 1);
        var early = Input(aid, "2019-Q2");
        ApiServer.Refused(RefusalCode.NotEnrolled, await api.MutateAsync(aid.Registrar.Key, "generateDisbursement", early, Fields));
        var poor = Input(aid, "2026-11");
        poor["grantIds"] = Array.Empty<string>();
        ApiServer.Refused(RefusalCode.InsufficientFunds, await api.MutateAsync(aid.Registrar.Key, "generateDisbursement", poor, Fields));

        var plain = await new Aid(api, "generated plain").SetUpAsync();
        ApiServer.Refused(RefusalCode.NoTransferValue, await api.MutateAsync(plain.Registrar.Key, "generateDisbursement", Input(plain, "2026-11"), Fields));
    }

    private async Task<Aid> SetUpAsync(string name)
    {
        var aid = await new Aid(api, name).SetUpAsync();
        var terms = (await api.QueryAsync(aid.Administrator.Key, "query($id: Id!) { program(id: $id) { terms } }", new { id = Aid.Text(aid.Program) })).GetProperty("program").GetProperty("terms").GetString()!;
        var valued = terms.Insert(terms.LastIndexOf(']'), ""","""
            + """{"rule":"transferValues","values":[{"from":18262,"site":"","sizes":[{"persons":1,"amountMinor":2000},{"persons":5,"amountMinor":5000}]},{"from":20819,"site":"","sizes":[{"persons":1,"amountMinor":100}]}]}""");
        await aid.AmendAsync(valued);
        return aid;
    }

    private static async Task EnrolAsync(Aid aid, string prefix, int size, int count, int? first = null)
    {
        var from = first ?? (size * 10);
        var (_, answer) = await aid.UploadAsync(aid.Registrar, Aid.Rows($"{aid.Cast.Key()} {prefix}", count, from).Replace(",4,25.00", $",{size},25.00", StringComparison.Ordinal));
        await aid.Cast.DoneAsync(
            aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", answer.GetProperty("listId").GetString())));
    }

    private static Dictionary<string, object?> Input(Aid aid, string period) => aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("period", period), ("assistanceKind", "food"), ("grantIds", new[] { Aid.Text(aid.Grant) }), ("inPerson", false));

    private static IEnumerable<string> LeftOut(JsonElement list) =>
        list.GetProperty("leftOut").GetProperty("nodes").EnumerateArray().Select(entry => Text(entry, "code")).Order(StringComparer.Ordinal);

    private static string Minor(JsonElement of, string name) => Text(of.GetProperty(name), "amountMinor");

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
