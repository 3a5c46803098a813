using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Overlaps;

/// <summary>Two organisations whose lists share households, over HTTP.</summary>
public sealed class OverlapTests(ApiServer api)
{
    private const string Fields = "id householdId isStrong raisedByYou state opinion otherOpinion otherOrganisationId isAppeal";

    [Fact]
    public async Task Two_organisations_find_decide_and_pay_a_shared_household_once()
    {
        var (one, two) = await TwoAsync("overlap once");
        var (first, second) = (await EnrolAsync(one, Rows("one", 12, "D")), await EnrolAsync(two, Rows("two", 12, "D")));

        // Counts come in steps, and nothing is raised by a dry run.
        var dry = (await MatchAsync(one, first, dryRun: true)).GetProperty("run");
        Assert.Equal(("10", "20"), (dry.GetProperty("atLeast").GetString(), dry.GetProperty("fewerThan").GetString()));
        Assert.Empty(await OverlapsAsync(two));

        await MatchAsync(one, first);
        var (own, others) = (await OverlapsAsync(one), await OverlapsAsync(two));
        Assert.Equal((12, 12), (own.Length, others.Length));
        Assert.All(own, overlap => Assert.True(overlap.GetProperty("raisedByYou").GetBoolean() && overlap.GetProperty("isStrong").GetBoolean()));
        Assert.Equal(own.Select(Id).Order(), others.Select(Id).Order());
        Assert.Empty(own.Select(overlap => overlap.GetProperty("householdId").GetString()).Intersect(others.Select(overlap => overlap.GetProperty("householdId").GetString())));
        Assert.All(own.Concat(others), overlap => Assert.Equal(JsonValueKind.Null, overlap.GetProperty("otherOrganisationId").ValueKind));

        // Until it is decided nobody of them is paid; then whoever pays first pays for both.
        Assert.Equal("OVERLAP_SUSPECTED: 1", await PayAsync(one, first, 0));
        foreach (var overlap in own.Select(Id))
        {
            await DecideAsync(one, overlap, "SAME", namesYou: true);
            await DecideAsync(two, overlap, "SAME");
        }

        var seen = (await OverlapsAsync(two))[0];
        Assert.Equal(("SAME", Aid.Text(one.Registrar.Organisation)), (seen.GetProperty("state").GetString(), seen.GetProperty("otherOrganisationId").GetString()));
        Assert.Equal(JsonValueKind.Null, (await OverlapsAsync(one))[0].GetProperty("otherOrganisationId").ValueKind);
        Assert.Equal("", await PayAsync(one, first, 0));
        Assert.Equal("ALREADY_ASSISTED: 1", await PayAsync(two, second, 0));
        Assert.Equal("", await PayAsync(two, second, 1));
        Assert.Equal("ALREADY_ASSISTED: 1", await PayAsync(one, first, 1));
    }

    [Fact]
    public async Task A_shared_telephone_alone_is_suspected_and_paid()
    {
        var (one, two) = await TwoAsync("overlap phone");
        await EnrolAsync(two, Rows("two", 2, "B"));
        var list = await EnrolAsync(one, Rows("one", 2, "A"));
        var run = (await MatchAsync(one, list)).GetProperty("run");
        Assert.Equal(("0", "10"), (run.GetProperty("atLeast").GetString(), run.GetProperty("fewerThan").GetString()));
        var found = await OverlapsAsync(one);
        Assert.Equal(2, found.Length);
        Assert.All(found, overlap => Assert.False(overlap.GetProperty("isStrong").GetBoolean()));
        Assert.Equal("", await PayAsync(one, list, 0));
    }

    [Fact]
    public async Task Suspicion_alerts_the_other_organisation_alone_to_its_id_and_deadline()
    {
        var (one, two) = await TwoAsync("overlap alert");
        using var client = await SocketClient.OpenAsync(api, two.Finance.Key);
        await client.SubscribeAsync("1", "subscription { alerts(after: \"0\") { kind subjectId detail } }");
        var list = await EnrolAsync(one, Rows("one", 1, "D"));
        await EnrolAsync(two, Rows("two", 1, "D"));
        var until = TimeProvider.System.GetUtcNow().AddDays(2);
        await MatchAsync(one, list, until: until);
        var overlap = Id(Assert.Single(await OverlapsAsync(two)));
        var alert = (await client.EventAsync("1")).GetProperty("alerts");
        Assert.Equal(
            $$"""{"kind":"OVERLAP_RAISED","subjectId":"{{overlap}}","detail":"decide until {{until.UtcDateTime:yyyy-MM-ddTHH:mmZ}}"}""", alert.GetRawText());
        Assert.Empty((await api.QueryAsync(one.Finance.Key, "{ alerts(first: 1) { nodes { kind } } }")).GetProperty("alerts").GetProperty("nodes").EnumerateArray());
    }

    [Fact]
    public async Task Undecided_at_the_deadline_both_are_paid()
    {
        var (one, two) = await TwoAsync("overlap deadline");
        var (first, second) = (await EnrolAsync(one, Rows("one", 1, "D")), await EnrolAsync(two, Rows("two", 1, "D")));
        var until = TimeProvider.System.GetUtcNow().AddSeconds(10);
        await MatchAsync(one, first, until: until);
        await DecideAsync(one, Id((await OverlapsAsync(one))[0]), "UNSURE");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while ((await OverlapsAsync(one))[0].GetProperty("state").GetString() != "UNDECIDED")
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }

        Assert.Equal(("", ""), (await PayAsync(one, first, 0), await PayAsync(two, second, 0)));
        var overlap = Id((await OverlapsAsync(one))[0]);
        await DecideAsync(one, overlap, "SAME", "VISITED");
        await DecideAsync(two, overlap, "SAME");
        Assert.Equal("SAME", (await OverlapsAsync(one))[0].GetProperty("state").GetString());
    }

    // Red while the silence of whoever raised a suspicion kept it from being counted.
    [Fact]
    public async Task Matching_ends_for_who_raises_twenty_suspicions_that_are_refuted_and_not_defended()
    {
        var (one, two) = await TwoAsync("overlap ended");
        await EnrolAsync(two, Rows("two", 20, "D"));
        var list = await EnrolAsync(one, Rows("one", 20, "D"));
        await MatchAsync(one, list);
        foreach (var overlap in (await OverlapsAsync(two)).Select(Id))
        {
            Assert.True((await TryMatchAsync(one, list, false, TimeProvider.System.GetUtcNow().AddDays(2))).GetProperty("userErrors").GetArrayLength() == 0);
            await DecideAsync(two, overlap, "DIFFERENT", "VISITED");
        }

        Assert.Equal(RefusalCode.MatchingEnded, Code(await TryMatchAsync(one, list, false, TimeProvider.System.GetUtcNow().AddDays(2))));
        Assert.Equal(RefusalCode.MatchingEnded, Code(await TryMatchAsync(one, list, true, null)));
        Assert.Equal(0, (await TryMatchAsync(two, await EnrolAsync(two, Rows("three", 1, "E")), true, null)).GetProperty("userErrors").GetArrayLength());
    }

    [Fact]
    public async Task It_is_no_oracle_for_whom_nobody_has_enrolled_and_its_use_is_logged()
    {
        var (one, two) = await TwoAsync("overlap oracle");

        // The other organisation has a list and has enrolled nobody; then the asking one has not.
        var list = await EnrolAsync(one, Rows("one", 11, "D"));
        var unenrolled = await UploadAsync(two, Rows("two", 11, "D"));
        Assert.Equal("0", (await MatchAsync(one, list, dryRun: true)).GetProperty("run").GetProperty("atLeast").GetString());
        await MatchAsync(two, unenrolled);
        Assert.Empty(await OverlapsAsync(one));
        Assert.Empty(await OverlapsAsync(two));
        Assert.Equal(RefusalCode.ListUnknown, Code(await TryMatchAsync(two, list, true, null)));
        Assert.Equal(RefusalCode.Forbidden, Code(await api.MutateAsync(one.Approver.Key, "matchList", Input(one, list, true, null))));
        var elsewhere = await one.Cast.SignedAsync(one.Administrator, "addMember", one.Cast.Input(
            ("roles", new[] { "REGISTRAR" }), ("scope", new { programIds = new[] { Aid.Text(one.Grant) }, areas = Array.Empty<string>() })), "member { id }");
        var key = (await api.Keys.CreateAsync(Cast.Id(elsewhere, "member"), one.Administrator.Organisation)).Secret;
        Assert.Equal(RefusalCode.OutOfScope, Code(await api.MutateAsync(key, "matchList", Input(one, list, true, null))));
        Assert.Equal(RefusalCode.InvalidInput, Code(await TryMatchAsync(one, list, false, null)));
        var log = await RunsAsync(one.Administrator.Key);
        Assert.Equal(("11", true), (Assert.Single(log).GetProperty("rows").GetString(), log[0].GetProperty("dryRun").GetBoolean()));
        Assert.Single(await RunsAsync(two.Approver.Key));
        Assert.True((await RunsAsync(api.OperatorKey)).Length >= 2);
    }

    [Fact]
    public async Task More_than_the_days_quota_is_refused_and_the_same_key_answers_the_same()
    {
        var (one, _) = await TwoAsync("overlap quota");
        var list = await EnrolAsync(one, Rows("one", 3, "D"));
        await using var front = await Front.StartAsync(api, options => options with { MatchedRowsPerDay = 100, DryRunsPerDay = 2 });
        async Task<string?> AskAsync(Dictionary<string, object?> input)
        {
            var (_, answer) = await front.PostAsync(one.Registrar.Key, new
            {
                query = "mutation($input: MatchListInput!) { matchList(input: $input) { run { id } userErrors { code } } }", variables = new { input },
            });
            var payload = answer.GetProperty("data").GetProperty("matchList");
            return payload.GetProperty("userErrors").GetArrayLength() > 0 ? payload.GetProperty("userErrors")[0].GetProperty("code").GetString() : payload.GetProperty("run").GetProperty("id").GetString();
        }

        var input = Input(one, list, true, null);
        var first = await AskAsync(input);
        Assert.Equal(first, await AskAsync(input));
        Assert.Equal(RefusalCode.IdempotencyConflict, await AskAsync(new(input) { ["countOnly"] = false, ["decideUntil"] = "2100-01-01T00:00:00Z" }));
        await AskAsync(Input(one, list, true, null));
        Assert.Equal(RefusalCode.MatchQuotaExceeded, await AskAsync(Input(one, list, true, null)));
        await using var small = await Front.StartAsync(api, options => options with { MatchedRowsPerDay = 8, DryRunsPerDay = 100 });
        var (_, refused) = await small.PostAsync(one.Registrar.Key, new
        {
            query = "mutation($input: MatchListInput!) { matchList(input: $input) { userErrors { code } } }", variables = new { input = Input(one, list, true, null) },
        });
        Assert.Equal(RefusalCode.MatchQuotaExceeded, refused.GetProperty("data").GetProperty("matchList").GetProperty("userErrors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Deadline_out_of_range_is_refused_alike_whether_or_not_there_is_a_match()
    {
        var (one, two) = await TwoAsync("overlap out of range");
        await EnrolAsync(two, Rows("two", 1, "D"));
        var (shared, own) = (await EnrolAsync(one, Rows("one", 1, "D")), await EnrolAsync(one, Rows("own", 1, "E", "nobody else's")));
        foreach (var days in new[] { -1, 15 })
        {
            foreach (var list in new[] { own, shared })
            {
                Assert.Equal(RefusalCode.InvalidInput, Code(await TryMatchAsync(one, list, false, TimeProvider.System.GetUtcNow().AddDays(days))));
            }
        }

        Assert.Empty(await OverlapsAsync(one));
    }

    [Fact]
    public async Task An_appeal_opens_a_decision_again_and_a_stranger_sees_nothing()
    {
        var (one, two) = await TwoAsync("overlap appeal");
        await EnrolAsync(two, Rows("two", 1, "D"));
        await MatchAsync(one, await EnrolAsync(one, Rows("one", 1, "D")));
        var overlap = Id((await OverlapsAsync(one))[0]);
        var refused = await api.SignAsync(one.Approver.Key, one.Approver.Signer, "decideOverlap", one.Cast.Input(("overlapId", overlap), ("opinion", "DIFFERENT")));
        Assert.Equal(RefusalCode.InvalidInput, Code(refused));
        Assert.Equal(RefusalCode.SignatureRequired, Code(await api.MutateAsync(one.Approver.Key, "decideOverlap", one.Cast.Input(("overlapId", overlap), ("opinion", "SAME")))));
        await DecideAsync(one, overlap, "DIFFERENT", "VISITED");
        await DecideAsync(two, overlap, "DIFFERENT", "VISITED");
        var appealed = await two.Cast.SignedAsync(
            two.Approver, "appealOverlap",
            two.Cast.Input(("overlapId", overlap), ("reason", "NEW_DOCUMENTS"), ("decideUntil", TimeProvider.System.GetUtcNow().AddDays(3).ToString("O"))), $"overlap {{ {Fields} }}");
        Assert.Equal(("OPEN", true), (appealed.GetProperty("overlap").GetProperty("state").GetString(), appealed.GetProperty("overlap").GetProperty("isAppeal").GetBoolean()));

        var stranger = await one.Cast.OrganisationAsync("NGO", "ADMINISTRATOR", "APPROVER");
        Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(stranger.Key, $"query($id: Id!) {{ overlap(id: $id) {{ {Fields} }} }}", new { id = overlap })).GetProperty("overlap").ValueKind);
        Assert.Equal(RefusalCode.NotFound, Code(await api.MutateAsync(stranger.Key, "decideOverlap", one.Cast.Input(("overlapId", overlap), ("opinion", "SAME")))));
    }

    private async Task<(Aid One, Aid Two)> TwoAsync(string name) => (await new Aid(api, $"{name} one").SetUpAsync(), await new Aid(api, $"{name} two").SetUpAsync());

    /// <summary>Rows whose telephones are the same in every list of a test, and whose documents begin with a letter.</summary>
    private static string Rows(string register, int count, string document, [System.Runtime.CompilerServices.CallerMemberName] string test = "") =>
        "household_id,size,amount,phone,national_id\n" + string.Concat(Enumerable.Range(0, count).Select(n =>
            $"{register}-{StableHash(test):X}-{n},4,25.00,+2549{(Math.Abs(StableHash(test)) % 90_000) + 10_000:D5}{n:D2}1,{document}{StableHash(test):X}{n:D3}\n"));

    private static int StableHash(string text) => text.Aggregate(17, (hash, c) => unchecked((hash * 31) + c)) & 0x7fffffff;

    private static async Task<string> UploadAsync(Aid aid, string rows)
    {
        var (_, answer) = await aid.UploadAsync(aid.Registrar, rows);
        return answer.GetProperty("listId").GetString()!;
    }

    private static async Task<string> EnrolAsync(Aid aid, string rows)
    {
        var list = await UploadAsync(aid, rows);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        return list;
    }

    private static Dictionary<string, object?> Input(Aid aid, string list, bool dryRun, DateTimeOffset? until) => aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("listId", list), ("countOnly", dryRun), ("decideUntil", until?.ToString("O")));

    private Task<JsonElement> TryMatchAsync(Aid aid, string list, bool dryRun, DateTimeOffset? until) =>
        api.MutateAsync(aid.Registrar.Key, "matchList", Input(aid, list, dryRun, until), "run { id rows atLeast fewerThan dryRun }");

    private async Task<JsonElement> MatchAsync(Aid aid, string list, bool dryRun = false, DateTimeOffset? until = null) =>
        ApiServer.Done(await TryMatchAsync(aid, list, dryRun, dryRun ? null : until ?? TimeProvider.System.GetUtcNow().AddDays(2)));

    private async Task<JsonElement[]> OverlapsAsync(Aid aid) =>
        [.. (await api.QueryAsync(aid.Approver.Key, $"{{ overlaps(first: 100) {{ nodes {{ {Fields} }} }} }}")).GetProperty("overlaps").GetProperty("nodes").EnumerateArray()];

    private async Task<JsonElement[]> RunsAsync(string key) =>
        [.. (await api.QueryAsync(key, "{ matchingRuns(first: 100) { nodes { rows dryRun } } }")).GetProperty("matchingRuns").GetProperty("nodes").EnumerateArray()];

    private static Task<JsonElement> DecideAsync(Aid aid, string overlap, string opinion, string? reason = null, bool namesYou = false) => aid.Cast.SignedAsync(
        aid.Approver, "decideOverlap", aid.Cast.Input(("overlapId", overlap), ("opinion", opinion), ("reason", reason), ("namesYou", namesYou)), $"overlap {{ {Fields} }}");

    /// <summary>Pays one row and answers why it was not paid.</summary>
    private async Task<string> PayAsync(Aid aid, string list, int row)
    {
        var id = await aid.ReleaseAsync(list, row, 1, inPerson: false);
        await aid.UntilAsync(id, "COMPLETED");
        var unpaid = (await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { disbursement(id: $id) { unpaid { code lines } } }", new { id })).GetProperty("disbursement").GetProperty("unpaid");
        return string.Join(", ", unpaid.EnumerateArray().Select(reason => $"{reason.GetProperty("code").GetString()}: {reason.GetProperty("lines").GetString()}"));
    }

    private static string Id(JsonElement overlap) => overlap.GetProperty("id").GetString()!;

    private static string? Code(JsonElement payload) => payload.GetProperty("userErrors")[0].GetProperty("code").GetString();
}
