using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Subscriptions;

/// <summary>What subscriptions deliver: nothing missed, in order, and only to those who may see it.</summary>
public sealed class FollowingTests(ApiServer api)
{
    private const string Entries = """
        subscription($id: Id!, $after: UInt64String) {
          accountEntries(accountId: $id, after: $after) { number entries { number kind available { amountMinor currency exponent } held { amountMinor } height position at } }
        }
        """;

    private const string Progress = """
        subscription($id: Id!, $after: UInt64String) {
          disbursementProgress(disbursementId: $id, after: $after) { height disbursement { state paidLines paid { amountMinor } unpaid { code lines } } }
        }
        """;

    private const string TotalFields = "height available { amountMinor } held { amountMinor } disbursed { amountMinor } redeemed { amountMinor } settled { amountMinor } expired { amountMinor } delivered { amountMinor }";
    private const string Totals = $"subscription($id: Id!, $after: UInt64String) {{ programTotals(programId: $id, after: $after) {{ {TotalFields} }} }}";

    [Fact]
    public async Task Every_entry_arrives_once_and_in_order_while_commands_run_wherever_one_begins()
    {
        // More than one page in all.
        const int Payments = 110;
        var aid = await new Aid(api, "live entries").SetUpAsync();
        var pool = await PoolAsync(aid);
        var first = await LastNumberAsync(aid, pool);
        var total = first + (2 * Payments);

        var early = FollowAsync(aid, pool, first, total);
        await PayAsync(aid, Payments);
        var paying = PayAsync(aid, Payments);
        var late = new[] { FollowAsync(aid, pool, 0, total), FollowAsync(aid, pool, first + 3, total) };
        await paying;
        Assert.Equal(total, await LastNumberAsync(aid, pool));
        var events = await Task.WhenAll([early, .. late, FollowAsync(aid, pool, 0, total)]);
        Assert.Equal([first + 1, 1ul, first + 4, 1ul], events.Select(of => Number(of[0])));
        Assert.All(events, of => Assert.Equal(Enumerable.Range(0, of.Length).Select(index => Number(of[0]) + (ulong)index), of.Select(Number)));
        Assert.All(events, of => Assert.Equal(total, Number(of[^1])));
    }

    [Fact]
    public async Task Entries_are_those_of_the_statement_and_go_on_behind_the_last_one_seen()
    {
        var aid = await new Aid(api, "live statement").SetUpAsync();
        var pool = await PoolAsync(aid);
        await ReceiveAsync(aid, 7);
        var statement = (await api.QueryAsync(
            aid.Finance.Key,
            "query($id: Id!) { statement(accountId: $id, first: 100) { nodes { number kind available { amountMinor currency exponent } held { amountMinor } height position at } } }",
            new { id = pool })).GetProperty("statement").GetProperty("nodes").EnumerateArray().Reverse().Select(node => node.ToString()).ToArray();
        using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
        await client.SubscribeAsync("1", Entries, new { id = pool, after = "0" });
        var seen = new List<string>();
        var last = 0ul;
        while (seen.Count < statement.Length)
        {
            var one = (await client.EventAsync("1")).GetProperty("accountEntries");
            last = Number(one);
            seen.AddRange(one.GetProperty("entries").EnumerateArray().Select(entry => entry.ToString()));
        }

        Assert.Equal(statement, seen);
        await client.SendAsync(new { type = "complete", id = "1" });
        await client.SubscribeAsync("2", Entries, new { id = pool, after = last.ToString(CultureInfo.InvariantCulture) });
        await ReceiveAsync(aid, 11);
        var next = (await client.EventAsync("2")).GetProperty("accountEntries");
        Assert.Equal((last + 1, "11"), (Number(next), Amount(next.GetProperty("entries")[0], "available")));
    }

    [Fact]
    public async Task Blocks_replay_from_genesis_as_one_chain_and_go_on()
    {
        using var client = await SocketClient.OpenAsync(api, api.OperatorKey);
        var head = ulong.Parse((await api.QueryAsync(api.OperatorKey, "{ ledger { height } }")).GetProperty("ledger").GetProperty("height").GetString()!, CultureInfo.InvariantCulture);
        await client.SubscribeAsync("1", "subscription { blocks(after: \"0\") { height hash previous } }");
        string? before = null;
        for (var height = 1ul; height <= head + 1; height++)
        {
            if (height == head + 1)
            {
                await new Cast(api, "live blocks").OrganisationAsync("NGO", "ADMINISTRATOR");
            }

            var block = (await client.EventAsync("1")).GetProperty("blocks");
            Assert.Equal(height.ToString(CultureInfo.InvariantCulture), block.GetProperty("height").GetString());
            Assert.True(before is null || before == block.GetProperty("previous").GetString());
            before = block.GetProperty("hash").GetString();
        }
    }

    [Fact]
    public async Task Disbursement_is_followed_from_draft_to_completion()
    {
        var aid = await new Aid(api, "live progress").SetUpAsync();
        var list = await aid.ListAsync(6);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var drafted = await aid.Cast.DoneAsync(
            aid.Registrar, "createDisbursement",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("listId", list), ("firstRow", "0"), ("rows", "6"), ("inPerson", false),
                ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(15_000) } }), ("period", "2026-11"), ("assistanceKind", "food")), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        using var client = await SocketClient.OpenAsync(api, aid.Agent.Key);
        await client.SubscribeAsync("1", Progress, new { id });
        var states = new List<string?> { await StateAsync() };
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", id)));
        await UntilAsync("VALIDATED");
        await aid.Cast.SignedAsync(aid.Approver, "approveDisbursement", aid.Cast.Input(("disbursementId", id)));
        await UntilAsync("APPROVED");
        await aid.Cast.SignedAsync(aid.Releaser, "releaseDisbursement", aid.Cast.Input(("disbursementId", id)));
        var (height, paid) = await UntilAsync("COMPLETED");
        Assert.Equal(("6", "15000"), paid);
        Assert.Equal(["DRAFT", "VALIDATED", "APPROVED"], states.Distinct().Take(3));

        await client.SubscribeAsync("2", Progress, new { id, after = (height - 1).ToString(CultureInfo.InvariantCulture) });
        var again = (await client.EventAsync("2")).GetProperty("disbursementProgress");
        Assert.Equal("COMPLETED", again.GetProperty("disbursement").GetProperty("state").GetString());

        async Task<string?> StateAsync() => (await client.EventAsync("1")).GetProperty("disbursementProgress").GetProperty("disbursement").GetProperty("state").GetString();
        async Task<(ulong Height, (string?, string?) Paid)> UntilAsync(string state)
        {
            while (true)
            {
                var progress = (await client.EventAsync("1")).GetProperty("disbursementProgress");
                var disbursement = progress.GetProperty("disbursement");
                states.Add(disbursement.GetProperty("state").GetString());
                if (states[^1] == state)
                {
                    return (Number(progress, "height"), (disbursement.GetProperty("paidLines").GetString(), Amount(disbursement, "paid")));
                }
            }
        }
    }

    [Fact]
    public async Task Totals_now_and_when_they_change_are_those_of_the_query()
    {
        var aid = await new Aid(api, "live totals").SetUpAsync();
        using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
        await client.SubscribeAsync("1", Totals, new { id = Aid.Text(aid.Program) });
        Assert.Equal("500000", Amount((await client.EventAsync("1")).GetProperty("programTotals"), "available"));

        var list = await aid.ListAsync(4);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 4, inPerson: false), "COMPLETED");
        JsonElement totals;
        do
        {
            totals = (await client.EventAsync("1")).GetProperty("programTotals");
        }
        while (Amount(totals, "disbursed") != "10000" || Amount(totals, "held") != "0");

        Assert.Equal(("490000", "0", "0", "0"), (Amount(totals, "available"), Amount(totals, "redeemed"), Amount(totals, "settled"), Amount(totals, "delivered")));
        var asked = (await api.QueryAsync(aid.Finance.Key, $"query($id: Id!) {{ programTotals(programId: $id) {{ {TotalFields} }} }}", new { id = Aid.Text(aid.Program) })).GetProperty("programTotals");
        Assert.Equal(Amounts(totals), Amounts(asked));
    }

    [Fact]
    public async Task Subscriber_sees_what_the_query_shows_and_nothing_else()
    {
        var aid = await new Aid(api, "live rights").SetUpAsync();
        var stranger = await new Aid(api, "live rights stranger").SetUpAsync();
        var list = await aid.ListAsync(1);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: false);
        await aid.UntilAsync(disbursement, "COMPLETED");
        var actors = new Dictionary<string, Actor>
        {
            ["ngo"] = aid.Finance, ["agent"] = aid.Agent, ["donor"] = aid.Donor, ["vendor"] = aid.Till, ["operator"] = aid.Cast.Operator, ["stranger"] = stranger.Finance,
        };
        var subscriptions = new (string Query, string Id, string? After, string[] SeenBy)[]
        {
            (Entries, (await aid.AccountsAsync(list))[0], "0", ["ngo"]),
            (Progress, disbursement, null, ["ngo", "agent"]),
            (Totals, Aid.Text(aid.Program), null, ["ngo"]),
        };
        foreach (var (name, actor) in actors)
        {
            using var client = await SocketClient.OpenAsync(api, actor.Key);
            foreach (var (query, id, after, seenBy) in subscriptions)
            {
                await client.SubscribeAsync(name, query, new { id, after });
                if (seenBy.Contains(name))
                {
                    await client.EventAsync(name);
                    await client.SendAsync(new { type = "complete", id = name });
                }
                else
                {
                    Assert.Equal(RefusalCode.NotFound, await client.ErrorAsync(name));
                }
            }
        }
    }

    [Fact]
    public async Task Place_ahead_of_the_ledger_is_refused()
    {
        var aid = await new Aid(api, "live ahead").SetUpAsync();
        using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
        foreach (var (query, id) in new[] { (Entries, await PoolAsync(aid)), (Totals, Aid.Text(aid.Program)), (Progress, Aid.Text(aid.Program)) })
        {
            foreach (var after in new[] { "99999999", "18446744073709551615" })
            {
                await client.SubscribeAsync("1", query, new { id, after });
                Assert.Equal(RefusalCode.InvalidInput, await client.ErrorAsync("1"));
            }
        }
    }

    /// <summary>Follows an account up to a number, on a connection of its own, breaking off and going on once on the way.</summary>
    private async Task<JsonElement[]> FollowAsync(Aid aid, string account, ulong after, ulong until)
    {
        var events = new List<JsonElement>();
        while (after < until)
        {
            using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
            await client.SubscribeAsync("1", Entries, new { id = account, after = after.ToString(CultureInfo.InvariantCulture) });
            for (var stay = events.Count == 0 ? 40 : int.MaxValue; stay > 0 && after < until; stay--)
            {
                events.Add((await client.EventAsync("1")).GetProperty("accountEntries"));
                after = Number(events[^1]);
            }
        }

        return [.. events];
    }

    private async Task<string> PoolAsync(Aid aid) =>
        (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { program(id: $id) { poolAccountId } }", new { id = Aid.Text(aid.Program) }))
            .GetProperty("program").GetProperty("poolAccountId").GetString()!;

    private async Task<ulong> LastNumberAsync(Aid aid, string account) => Number(
        (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { statement(accountId: $id, first: 1) { nodes { number } } }", new { id = account }))
            .GetProperty("statement").GetProperty("nodes")[0]);

    private static async Task PayAsync(Aid aid, int times)
    {
        for (var paid = 0; paid < times; paid++)
        {
            await ReceiveAsync(aid, 1);
        }
    }

    private static Task ReceiveAsync(Aid aid, long amountMinor) =>
        aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(amountMinor))));

    private static ulong Number(JsonElement one) => Number(one, "number");

    private static ulong Number(JsonElement one, string name) => ulong.Parse(one.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);

    private static string? Amount(JsonElement one, string name) => one.GetProperty(name).GetProperty("amountMinor").GetString();

    private static string[] Amounts(JsonElement totals) =>
        [.. totals.EnumerateObject().Where(member => member.Name != "height").Select(member => $"{member.Name} {member.Value}")];
}
