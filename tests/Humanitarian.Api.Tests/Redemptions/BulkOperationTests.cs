using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Bulk;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Files of commands that are taken at once and worked on by themselves.</summary>
public sealed class BulkOperationTests(ApiServer api)
{
    private const string Fields = "id mutation state lines done refused failed resultBytes resultPath endedAt stopAskedAt";

    /// <summary>The key of a file that is answered at once, which needs none.</summary>
    internal const string AtOnce = "at once";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task Taken_file_is_worked_on_by_itself_and_its_answers_are_downloaded_in_parts()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "operation", 30);
        var inputs = accounts.Select(account => DryRunTests.Redemption(aid, account, 1_000)).ToArray();
        inputs[4]["amount"] = Cast.Money(9_999);
        string[] lines = [.. inputs.Select(input => JsonSerializer.Serialize(input)), "", "{"];
        var id = await TakenAsync(api, aid.Till, lines, "operation 1");
        var ended = await EndedAsync(api, aid.Till, id);
        Assert.Equal("COMPLETED 31 29 1 1", Counts(ended));
        Assert.Equal("redeemVoucher", ended.GetProperty("mutation").GetString());
        Assert.Equal(29_000, await ReceivedAsync(api, aid));

        var (whole, state) = await ResultsAsync(api, aid.Till, id, null);
        Assert.Equal((ended.GetProperty("resultBytes").GetString(), "COMPLETED"), (whole.Length.ToString(CultureInfo.InvariantCulture), state));
        var answers = Encoding.UTF8.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToArray();
        Assert.Equal(Enumerable.Range(0, 31), answers.Select(answer => answer.GetProperty("index").GetInt32()));
        Assert.Equal(RefusalCode.InsufficientFunds, answers[4].GetProperty("answer").GetProperty("data").GetProperty("redeemVoucher").GetProperty("userErrors")[0].GetProperty("code").GetString());

        // A download that broke off goes on; what lies behind the end is none.
        foreach (var (from, to) in new (long?, long?)[] { (0, 99), (100, null), (null, 70), (whole.Length - 1, null) })
        {
            var (part, _) = await ResultsAsync(api, aid.Till, id, new RangeHeaderValue(from, to), HttpStatusCode.PartialContent);
            var start = from ?? whole.Length - to!.Value;
            Assert.Equal(whole[(int)start..(from is null || to is null ? whole.Length : (int)to.Value + 1)], part);
        }

        await ResultsAsync(api, aid.Till, id, new RangeHeaderValue(whole.Length, null), HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task The_same_key_is_the_same_operation_and_only_its_caller_sees_it()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "operation own", 2);
        string[] lines = [.. accounts.Select(account => JsonSerializer.Serialize(DryRunTests.Redemption(aid, account, 500)))];
        var id = await TakenAsync(api, aid.Till, lines, "own");
        Assert.Equal(id, await TakenAsync(api, aid.Till, lines, "own"));
        await EndedAsync(api, aid.Till, id);
        Assert.Equal(id, await TakenAsync(api, aid.Till, lines, "own"));
        Assert.Equal("COMPLETED 2 2 0 0", Counts(await EndedAsync(api, aid.Till, id)));
        using var other = await PostAsync(api, aid.Till, lines[..1], "own");
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        using var none = await PostAsync(api, aid.Till, lines, null);
        Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        Assert.NotEqual(id, await TakenAsync(api, aid.Finance, lines, "own"));

        Assert.Equal(JsonValueKind.Null, (await SeenAsync(api, aid.Administrator, id)).ValueKind);
        await ResultsAsync(api, aid.Administrator, id, null, HttpStatusCode.NotFound);
        var listed = await api.QueryAsync(aid.Till.Key, "{ bulkOperations(first: 10) { nodes { id nodeId done } } }");
        var mine = Assert.Single(listed.GetProperty("bulkOperations").GetProperty("nodes").EnumerateArray());
        Assert.Equal(id, mine.GetProperty("id").GetString());
        var node = await api.QueryAsync(aid.Till.Key, "query($id: ID!) { node(id: $id) { ... on BulkOperation { done } } }", new { id = mine.GetProperty("nodeId").GetString() });
        Assert.Equal("2", node.GetProperty("node").GetProperty("done").GetString());

        // What a member may not do is refused line by line.
        var forbidden = await EndedAsync(api, aid.Finance, (await api.QueryAsync(aid.Finance.Key, "{ bulkOperations(first: 1) { nodes { id } } }")).GetProperty("bulkOperations").GetProperty("nodes")[0].GetProperty("id").GetString()!);
        Assert.Equal("COMPLETED 2 0 2 0", Counts(forbidden));
        Assert.Equal(1_000, await ReceivedAsync(api, aid));
    }

    [Fact]
    public async Task Restart_goes_on_where_it_was_and_does_nothing_twice()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        var (aid, accounts) = await DryRunTests.VouchersAsync(own, "operation restart", 2);
        string[] lines = [.. Enumerable.Range(0, 3_000).Select(number => JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[number % 2], 1)))];
        var id = await TakenAsync(own, aid.Till, lines, "restart");
        for (var restarts = 0; restarts < 2; restarts++)
        {
            var before = long.Parse((await SeenAsync(own, aid.Till, id)).GetProperty("done").GetString()!, CultureInfo.InvariantCulture);
            await UntilAsync(own, aid.Till, id, seen => long.Parse(seen.GetProperty("done").GetString()!, CultureInfo.InvariantCulture) > before);
            Assert.Equal("RUNNING", (await SeenAsync(own, aid.Till, id)).GetProperty("state").GetString());
            await own.RestartAsync();
        }

        Assert.Equal("COMPLETED 3000 3000 0 0", Counts(await EndedAsync(own, aid.Till, id)));
        Assert.Equal(3_000, await ReceivedAsync(own, aid));
        var (whole, _) = await ResultsAsync(own, aid.Till, id, null);
        var answers = Encoding.UTF8.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToArray();
        Assert.Equal(Enumerable.Range(0, 3_000), answers.Select(answer => answer.GetProperty("index").GetInt32()));
    }

    [Fact]
    public async Task Revoked_key_stops_it_and_it_says_what_was_done()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "operation revoked", 1);
        var made = await aid.Cast.DoneAsync(aid.Till, "createApiKey", aid.Cast.Input(("memberId", Aid.Text(aid.Till.Member))), "keyId secret");
        var key = aid.Till with { Key = made.GetProperty("secret").GetString()! };
        string[] lines = [.. Enumerable.Range(0, 2_400).Select(_ => JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[0], 1)))];
        var id = await TakenAsync(api, key, lines, "revoked");
        await UntilAsync(api, aid.Till, id, seen => seen.GetProperty("done").GetString() != "0");
        await aid.Cast.DoneAsync(aid.Till, "revokeApiKey", aid.Cast.Input(("keyId", made.GetProperty("keyId").GetString())));
        var ended = await EndedAsync(api, aid.Till, id);
        Assert.Equal("STOPPED", ended.GetProperty("state").GetString());
        Assert.Equal(ended.GetProperty("done").GetString(), (await ReceivedAsync(api, aid)).ToString(CultureInfo.InvariantCulture));
        Assert.NotEqual("2400", ended.GetProperty("done").GetString());
    }

    [Fact]
    public async Task Progress_is_followed_until_the_end()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "operation live", 3);
        var id = await TakenAsync(api, aid.Till, [.. accounts.Select(account => JsonSerializer.Serialize(DryRunTests.Redemption(aid, account, 1)))], "live");
        using var response = await api.SendAsync(
            aid.Till.Key, HttpMethod.Post, "/graphql",
            JsonContent.Create(new { query = $"subscription {{ bulkProgress(operationId: \"{id}\") {{ state done }} }}" }), "text/event-stream");
        var events = await response.Content.ReadAsStringAsync().WaitAsync(Patience);
        Assert.Contains("\"state\":\"COMPLETED\",\"done\":\"3\"", events, StringComparison.Ordinal);
        Assert.Contains("event: complete", events, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Key_that_is_revoked_within_the_last_lines_stops_it_before_those_that_were_not_tried()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        var (aid, accounts) = await DryRunTests.VouchersAsync(own, "operation last lines", 1);
        var made = await own.Keys.CreateAsync(aid.Till.Member, aid.Till.Organisation);
        string[] lines = [.. Enumerable.Range(0, 200).Select(_ => JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[0], 1)))];

        // All turns are taken, each by somebody else, and given back one by one until a line was done.
        var turns = own.Services.GetRequiredService<TurnQueues>().Usual;
        var held = new Queue<IDisposable>();
        for (var holder = 0; holder < TurnLimits.Default.Alone; holder++)
        {
            held.Enqueue((await turns.EnterAsync(Founding.IdOf($"holder {holder}"), default))!);
        }

        var id = await TakenAsync(own, aid.Till with { Key = made.Secret }, lines, "last lines");
        for (var next = TurnLimits.Default.Alone; await ReceivedAsync(own, aid) == 0; next++)
        {
            var turn = turns.EnterAsync(Founding.IdOf($"holder {next}"), default).AsTask();
            held.Dequeue().Dispose();
            held.Enqueue((await turn.WaitAsync(Patience))!);
        }

        Assert.True(await own.Keys.RevokeAsync(made.Key.Hash));
        foreach (var one in held)
        {
            one.Dispose();
        }

        var ended = await EndedAsync(own, aid.Till, id);
        Assert.Equal("STOPPED", ended.GetProperty("state").GetString());
        Assert.Equal(ended.GetProperty("done").GetString(), (await ReceivedAsync(own, aid)).ToString(CultureInfo.InvariantCulture));
        var answers = Encoding.UTF8.GetString((await ResultsAsync(own, aid.Till, id, null)).Bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(answers.Length, 1, 199);
        Assert.DoesNotContain(ApiCode.Unauthenticated, answers[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Line_that_finds_no_turn_is_asked_again()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        var caller = new Caller(new MemberRecord(Founding.IdOf("no turn"), Founding.IdOf("no turns"), default, Roles.None, true), 1, TimeProvider.System);
        using var leaving = new CancellationTokenSource();
        var turns = own.Services.GetRequiredService<TurnQueues>().Usual;
        while (turns.EnterAsync(caller.Organisation, leaving.Token).AsTask() is var turn && !(turn.IsCompleted && await turn is null))
        {
        }

        var lines = new BulkLines(own.Services, BulkLines.DocumentOf("transfer")!, _ => Task.FromResult<Caller?>(caller));
        var input = new { idempotencyKey = "1", programId = new string('3', 32), payerAccountId = new string('1', 32), payeeAccountId = new string('2', 32), amount = Cast.Money(1) };
        var answer = await lines.RunAsync(0, JsonSerializer.Serialize(input), null, TestContext.Current.CancellationToken);
        await leaving.CancelAsync();
        Assert.Contains($"\"code\":\"{RefusalCode.Busy}\"", answer.Line, StringComparison.Ordinal);
        Assert.Equal((BulkEnd.Failed, true), (answer.End, answer.Passes));
    }

    [Fact]
    public async Task File_without_lines_has_an_empty_answer()
    {
        var aid = await new Aid(api, "operation empty").SetUpAsync();
        var id = await TakenAsync(api, aid.Till, ["", ""], "empty");
        Assert.Equal("COMPLETED 0 0 0 0", Counts(await EndedAsync(api, aid.Till, id)));
        var (whole, state) = await ResultsAsync(api, aid.Till, id, null);
        Assert.Equal((0, "COMPLETED"), (whole.Length, state));
        await ResultsAsync(api, aid.Till, id, new RangeHeaderValue(0, null), HttpStatusCode.RequestedRangeNotSatisfiable);
    }

    [Fact]
    public async Task Of_different_files_that_come_under_one_key_at_once_one_is_taken()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "operation race", 1);
        var files = Enumerable.Range(0, 4).Select(file =>
            Enumerable.Range(0, 40).Select(_ => JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[0], 1 + file))).ToArray()).ToArray();
        var responses = await Task.WhenAll(files.Select(file => PostAsync(api, aid.Till, file, "race")));
        Assert.Equal(
            [HttpStatusCode.Accepted, HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], responses.Select(response => response.StatusCode).Order());
        var taken = Array.FindIndex(responses, response => response.StatusCode == HttpStatusCode.Accepted);
        var id = (await responses[taken].Content.ReadFromJsonAsync<JsonElement>()).GetProperty("operationId").GetString()!;
        Assert.Equal("COMPLETED 40 40 0 0", Counts(await EndedAsync(api, aid.Till, id)));
        Assert.Equal(40 * (1 + taken), await ReceivedAsync(api, aid));
    }

    internal static Task<HttpResponseMessage> PostAsync(ApiServer api, Actor actor, string[] lines, string? key, string query = "")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/bulk/redeemVoucher" + query) { Content = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/jsonl") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", actor.Key);
        if (key != AtOnce)
        {
            request.Headers.Add("Prefer", "respond-async");
        }

        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return api.Http.SendAsync(request);
    }

    internal static async Task<string> TakenAsync(ApiServer api, Actor actor, string[] lines, string key, string query = "")
    {
        using var response = await PostAsync(api, actor, lines, key, query);
        Assert.Equal((HttpStatusCode.Accepted, "respond-async"), (response.StatusCode, response.Headers.GetValues("Preference-Applied").Single()));
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("operationId").GetString()!;
    }

    internal static async Task<JsonElement> SeenAsync(ApiServer api, Actor actor, string id) =>
        (await api.QueryAsync(actor.Key, $"query($id: Id!) {{ bulkOperation(id: $id) {{ {Fields} }} }}", new { id })).GetProperty("bulkOperation");

    internal static Task<JsonElement> EndedAsync(ApiServer api, Actor actor, string id) => UntilAsync(api, actor, id, seen => seen.GetProperty("state").GetString() != "RUNNING");

    internal static async Task<JsonElement> UntilAsync(ApiServer api, Actor actor, string id, Func<JsonElement, bool> holds)
    {
        using var enough = new CancellationTokenSource(Patience);
        while (true)
        {
            var seen = await SeenAsync(api, actor, id);
            if (holds(seen))
            {
                return seen;
            }

            await Task.Delay(50, enough.Token);
        }
    }

    internal static async Task<(byte[] Bytes, string? State)> ResultsAsync(ApiServer api, Actor actor, string id, RangeHeaderValue? range, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/bulk/operations/{id}/results");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", actor.Key);
        request.Headers.Range = range;
        using var response = await api.Http.SendAsync(request);
        Assert.Equal(expected, response.StatusCode);
        return (await response.Content.ReadAsByteArrayAsync(), response.Headers.TryGetValues("Bulk-State", out var state) ? state.Single() : null);
    }

    internal static string Counts(JsonElement seen) => string.Join(' ', new[] { "state", "lines", "done", "refused", "failed" }.Select(name => seen.GetProperty(name).GetString()));

    internal static async Task<long> ReceivedAsync(ApiServer api, Aid aid)
    {
        var balances = (await api.QueryAsync(
            aid.Till.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }", new { id = Aid.Text(aid.VendorAccount) })).GetProperty("account").GetProperty("balances");
        return balances.EnumerateArray().Sum(balance => long.Parse(balance.GetProperty("available").GetProperty("amountMinor").GetString()!, CultureInfo.InvariantCulture));
    }
}
