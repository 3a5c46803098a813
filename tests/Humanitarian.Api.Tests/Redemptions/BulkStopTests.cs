using System.Net;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Files of commands that their sender stops.</summary>
public sealed class BulkStopTests(ApiServer api)
{
    [Fact]
    public async Task Stopped_file_begins_nothing_more_and_the_same_file_under_another_key_does_the_rest()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "stopped", 1);
        string[] lines = [.. Enumerable.Range(0, 2_000).Select(_ => JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[0], 1)))];
        var id = await BulkOperationTests.TakenAsync(api, aid.Till, lines, "stopped");
        await BulkOperationTests.UntilAsync(api, aid.Till, id, seen => seen.GetProperty("done").GetString() != "0");
        var asked = ApiServer.Done(await StopAsync(api, aid, aid.Till, id)).GetProperty("operation");
        Assert.NotEqual(JsonValueKind.Null, asked.GetProperty("stopAskedAt").ValueKind);

        // What is done is told, without a gap; what is not has no answer.
        var ended = await BulkOperationTests.EndedAsync(api, aid.Till, id);
        var done = (int)await BulkOperationTests.ReceivedAsync(api, aid);
        Assert.Equal($"STOPPED 2000 {done} 0 0", BulkOperationTests.Counts(ended));
        Assert.InRange(done, 1, 1_999);
        var (whole, state) = await BulkOperationTests.ResultsAsync(api, aid.Till, id, null);
        var answers = Encoding.UTF8.GetString(whole).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToArray();
        Assert.Equal("STOPPED", state);
        Assert.Equal(Enumerable.Range(0, done), answers.Select(answer => answer.GetProperty("index").GetInt32()));

        // Its key is the stopped one's for good; another key goes on and pays nothing twice.
        Assert.Equal(id, await BulkOperationTests.TakenAsync(api, aid.Till, lines, "stopped"));
        Assert.Equal(BulkOperationTests.Counts(ended), BulkOperationTests.Counts(await BulkOperationTests.SeenAsync(api, aid.Till, id)));
        var rest = await BulkOperationTests.TakenAsync(api, aid.Till, lines, "the rest");
        Assert.Equal("COMPLETED 2000 2000 0 0", BulkOperationTests.Counts(await BulkOperationTests.EndedAsync(api, aid.Till, rest)));
        Assert.Equal(2_000, await BulkOperationTests.ReceivedAsync(api, aid));
    }

    [Fact]
    public async Task Colleague_who_sends_the_same_file_is_told_of_it_and_does_it_again_only_when_asked()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "stopped twice", 1);
        var colleague = await aid.Cast.MemberAsync(aid.Till, "VENDOR");
        string[] lines = [JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[0], 1))];
        await BulkOperationTests.EndedAsync(api, aid.Till, await BulkOperationTests.TakenAsync(api, aid.Till, lines, "first"));
        foreach (var key in new[] { "second", BulkOperationTests.AtOnce })
        {
            using var refused = await BulkOperationTests.PostAsync(api, colleague, lines, key);
            Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
            Assert.Contains(ApiCode.FileSentBefore, await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        // Their own keys know what was done, and another organisation is told nothing.
        Assert.Equal("COMPLETED 1 1 0 0", BulkOperationTests.Counts(await BulkOperationTests.EndedAsync(api, aid.Till, await BulkOperationTests.TakenAsync(api, aid.Till, lines, "third"))));
        await BulkOperationTests.EndedAsync(api, aid.Finance, await BulkOperationTests.TakenAsync(api, aid.Finance, lines, "stranger"));
        Assert.Equal(1, await BulkOperationTests.ReceivedAsync(api, aid));
        await BulkOperationTests.EndedAsync(api, colleague, await BulkOperationTests.TakenAsync(api, colleague, lines, "again", "?again=true"));
        Assert.Equal(2, await BulkOperationTests.ReceivedAsync(api, aid));
        await BulkOperationTests.EndedAsync(api, aid.Till, await BulkOperationTests.TakenAsync(api, aid.Till, lines, "fourth"));
        Assert.Equal(2, await BulkOperationTests.ReceivedAsync(api, aid));
    }

    [Fact]
    public async Task Only_its_sender_stops_it_and_only_while_it_runs()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "stopping", 1);
        string[] lines = [JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[0], 1))];
        var id = await BulkOperationTests.TakenAsync(api, aid.Till, lines, "stopping");
        await BulkOperationTests.EndedAsync(api, aid.Till, id);
        foreach (var other in new[] { aid.Administrator, aid.Finance })
        {
            ApiServer.Refused(RefusalCode.NotFound, await StopAsync(api, aid, other, id));
        }

        ApiServer.Refused(RefusalCode.WrongState, await StopAsync(api, aid, aid.Till, id));
        Assert.Equal("COMPLETED 1 1 0 0", BulkOperationTests.Counts(await BulkOperationTests.SeenAsync(api, aid.Till, id)));
    }

    [Fact]
    public async Task File_that_waits_behind_another_is_stopped_at_once_and_again_changes_nothing()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        var (aid, accounts) = await DryRunTests.VouchersAsync(own, "stop waiting", 1);
        await using var turns = await HeldTurns.AllAsync(own);
        var (running, waiting) = (await TakenAsync("running"), await TakenAsync("waiting"));
        ApiServer.Done(await StopAsync(own, aid, aid.Till, waiting));
        Assert.Equal("STOPPED 200 0 0 0", BulkOperationTests.Counts(await BulkOperationTests.EndedAsync(own, aid.Till, waiting)));
        Assert.Equal("RUNNING", (await BulkOperationTests.SeenAsync(own, aid.Till, running)).GetProperty("state").GetString());
        await turns.DisposeAsync();
        var again = ApiServer.Done(await StopAsync(own, aid, aid.Till, waiting));
        Assert.Equal((true, "STOPPED"), (again.GetProperty("replayed").GetBoolean(), again.GetProperty("operation").GetProperty("state").GetString()));
        await BulkOperationTests.EndedAsync(own, aid.Till, running);
        Assert.Equal(200, await BulkOperationTests.ReceivedAsync(own, aid));

        Task<string> TakenAsync(string key) => BulkOperationTests.TakenAsync(own, aid.Till, Many(aid, accounts[0]), key);
    }

    [Fact]
    public async Task Restart_does_not_go_on_with_a_stopped_file()
    {
        await using var own = new ApiServer();
        await own.InitializeAsync();
        var (aid, accounts) = await DryRunTests.VouchersAsync(own, "stop restart", 1);
        await using var turns = await HeldTurns.AllAsync(own);
        var id = await BulkOperationTests.TakenAsync(own, aid.Till, Many(aid, accounts[0]), "stop restart");
        ApiServer.Done(await StopAsync(own, aid, aid.Till, id));
        Assert.Equal("RUNNING", (await BulkOperationTests.SeenAsync(own, aid.Till, id)).GetProperty("state").GetString());
        await own.RestartAsync();
        Assert.Equal("STOPPED 200 0 0 0", BulkOperationTests.Counts(await BulkOperationTests.EndedAsync(own, aid.Till, id)));
        Assert.Equal(0, await BulkOperationTests.ReceivedAsync(own, aid));
    }

    private static string[] Many(Aid aid, string account) =>
        [.. Enumerable.Range(0, 200).Select(_ => JsonSerializer.Serialize(DryRunTests.Redemption(aid, account, 1)))];

    private static Task<JsonElement> StopAsync(ApiServer api, Aid aid, Actor actor, string id) =>
        api.MutateAsync(actor.Key, "stopBulkOperation", aid.Cast.Input(("operationId", id)), "operation { state stopAskedAt }");

    /// <summary>Every turn of a server, each held by somebody else, so that no line of a file is done.</summary>
    private sealed class HeldTurns(List<IDisposable> held) : IAsyncDisposable
    {
        public static async Task<HeldTurns> AllAsync(ApiServer api)
        {
            var turns = api.Services.GetRequiredService<TurnQueues>().Usual;
            var held = new List<IDisposable>();
            for (var holder = 0; holder < TurnLimits.Default.Alone; holder++)
            {
                held.Add((await turns.EnterAsync(Founding.IdOf($"holder {holder}"), default))!);
            }

            return new HeldTurns(held);
        }

        public ValueTask DisposeAsync()
        {
            held.ForEach(turn => turn.Dispose());
            return ValueTask.CompletedTask;
        }
    }
}
