using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Many that are done together or not at all.</summary>
public sealed class AtomicBulkTests(ApiServer api)
{
    private const string Fields = "done results { index result { transaction { hash height position } replayed wouldBeDone userErrors { code field } } } userErrors { code field }";

    [Fact]
    public async Task All_are_done_in_one_block_and_sent_again_together_are_one_repetition()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "atomic", 100);
        var items = accounts.Select(account => DryRunTests.Redemption(aid, account, 1_000)).ToArray();
        var first = await RedeemAsync(aid, items);
        Assert.Equal((100, 100_000L), (first.GetProperty("done").GetInt32(), await ReceivedAsync(aid)));
        var places = Results(first).Select(one => one.GetProperty("transaction")).ToArray();
        Assert.Single(places.Select(place => place.GetProperty("height").ToString()).Distinct());
        var from = places[0].GetProperty("position").GetInt32();
        Assert.Equal(Enumerable.Range(from, 100), places.Select(place => place.GetProperty("position").GetInt32()));

        var again = await RedeemAsync(aid, items);
        Assert.All(Results(again), one => Assert.True(one.GetProperty("replayed").GetBoolean()));
        Assert.Equal(places.Select(place => place.ToString()), Results(again).Select(one => one.GetProperty("transaction").ToString()));

        // The keys belong together.
        ApiServer.Refused(RefusalCode.IdempotencyConflict, await api.MutateAsync(aid.Till.Key, "redeemVoucher", items[0]));
        Assert.Equal([RefusalCode.IdempotencyConflict, RefusalCode.IdempotencyConflict], Codes(await RedeemAsync(aid, items[..2])));
        Assert.Equal([RefusalCode.IdempotencyConflict, RefusalCode.NotDone], Codes(await RedeemAsync(aid, [items[0], DryRunTests.Redemption(aid, accounts[1], 1)])));
        Assert.Equal(100_000, await ReceivedAsync(aid));
    }

    [Fact]
    public async Task None_is_done_where_one_is_refused_and_nothing_stays_reserved()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "atomic none", 5);
        var items = accounts.Select(account => DryRunTests.Redemption(aid, account, 2_500)).ToArray();
        items[3]["amount"] = Cast.Money(2_501);
        var refused = await RedeemAsync(aid, items);
        Assert.Equal(
            [RefusalCode.NotDone, RefusalCode.NotDone, RefusalCode.NotDone, RefusalCode.InsufficientFunds, RefusalCode.NotDone], Codes(refused));
        Assert.Equal((0, 0L), (refused.GetProperty("done").GetInt32(), await ReceivedAsync(aid)));

        // What an input's own check refuses takes the others with it too.
        items[3]["amount"] = Cast.Money(2_500, "USD");
        Assert.Equal(RefusalCode.UnitMismatch, Codes(await RedeemAsync(aid, items))[3]);
        items[3]["amount"] = Cast.Money(2_500);
        items[4]["idempotencyKey"] = "";
        Assert.Equal([RefusalCode.NotDone, RefusalCode.IdempotencyKeyInvalid], Codes(await RedeemAsync(aid, items))[3..]);

        // Each holds 2,500: mended, they are all done at once, under the same keys.
        items[4]["idempotencyKey"] = "atomic none mended";
        Assert.Equal((5, 12_500L), ((await RedeemAsync(aid, items)).GetProperty("done").GetInt32(), await ReceivedAsync(aid)));
    }

    [Fact]
    public async Task Two_of_one_account_count_together_and_a_rehearsal_does_nothing()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "atomic twice", 1);
        Dictionary<string, object?>[] Of(params long[] amounts) => [.. amounts.Select(amount => DryRunTests.Redemption(aid, accounts[0], amount))];
        Assert.Contains(RefusalCode.InsufficientFunds, Codes(await RedeemAsync(aid, Of(1_500, 1_001))));
        var items = Of(1_500, 1_000);
        var rehearsed = await RedeemAsync(aid, [.. items.Select(item => new Dictionary<string, object?>(item) { ["dryRun"] = true })]);
        Assert.All(Results(rehearsed), one => Assert.Equal((true, 0), (one.GetProperty("wouldBeDone").GetBoolean(), one.GetProperty("userErrors").GetArrayLength())));
        Assert.Equal(0, await ReceivedAsync(aid));
        Assert.Equal(2, (await RedeemAsync(aid, items)).GetProperty("done").GetInt32());
        Assert.Equal(2_500, await ReceivedAsync(aid));

        items = Of(1, 1);
        items[0]["dryRun"] = true;
        Assert.Equal(RefusalCode.InvalidInput, (await RedeemAsync(aid, items)).GetProperty("userErrors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Units_and_single_payments_that_compete_are_each_whole_or_nothing()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "atomic compete", 6);
        var random = new Random(5);
        var units = Enumerable.Range(0, 24).Select(_ => accounts.OrderBy(_ => random.Next()).Take(random.Next(2, 5))
            .Select(account => (Item: DryRunTests.Redemption(aid, account, random.Next(1, 5) * 200), Account: account)).ToArray()).ToArray();
        var answers = await Task.WhenAll(units.Select(unit => RedeemAsync(aid, [.. unit.Select(one => one.Item)])));
        var received = 0L;
        foreach (var (unit, answer) in units.Zip(answers))
        {
            var done = answer.GetProperty("done").GetInt32();
            Assert.True(done == 0 || done == unit.Length, $"{done} of {unit.Length} were done");
            Assert.All(Codes(answer), code => Assert.True((code is null) == (done > 0), code));
            received += done == 0 ? 0 : unit.Sum(one => AmountOf(one.Item));
        }

        Assert.Equal(received, await ReceivedAsync(aid));
        Assert.InRange(received, 1, 6 * 2_500);
        Assert.Contains(answers, answer => answer.GetProperty("done").GetInt32() == 0);
    }

    [Fact]
    public async Task Registry_changes_are_done_together_and_two_of_one_thing_are_refused()
    {
        var aid = await new Aid(api, "atomic registry").SetUpAsync();
        var opened = await ManyAsync(
            aid.Administrator, "openManyAccounts", "OpenManyAccountsInput", [.. Enumerable.Range(0, 3).Select(_ => aid.Cast.Input(("kind", "VENDOR"), ("tags", Array.Empty<string>())))],
            "results { index result { account { id } transaction { height } userErrors { code } } } done userErrors { code }");
        Assert.Equal(3, opened.GetProperty("done").GetInt32());
        Assert.Single(Results(opened).Select(one => one.GetProperty("transaction").GetProperty("height").ToString()).Distinct());
        var vendors = Results(opened).Select(one => one.GetProperty("account").GetProperty("id").GetString()!).ToArray();
        Dictionary<string, object?> Accreditation(string vendor) =>
            aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("vendorAccountId", vendor), ("categories", Array.Empty<string>()));
        Task<JsonElement> AccreditAsync(params string[] accounts) =>
            ManyAsync(aid.Administrator, "accreditManyVendors", "AccreditManyVendorsInput", [.. accounts.Select(Accreditation)], Fields);
        Assert.Equal([RefusalCode.NotDone, RefusalCode.UnitConflict], Codes(await AccreditAsync(vendors[0], vendors[0])));
        Assert.Equal([RefusalCode.NotDone, RefusalCode.InvalidInput], Codes(await AccreditAsync(vendors[0], new string('0', 31) + "7")));
        Assert.Equal(3, (await AccreditAsync(vendors)).GetProperty("done").GetInt32());
    }

    [Fact]
    public async Task File_is_done_whole_or_not_at_all_where_that_is_asked_for()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "atomic file", 4);
        var items = accounts.Select(account => DryRunTests.Redemption(aid, account, 2_000)).ToArray();
        items[2]["amount"] = Cast.Money(9_999);
        Assert.Equal([RefusalCode.NotDone, RefusalCode.NotDone, RefusalCode.InsufficientFunds, RefusalCode.NotDone], await FileAsync(aid, items.Select(Line)));
        items[2]["amount"] = Cast.Money(2_000);
        Assert.Equal([RefusalCode.NotDone, RefusalCode.NotDone, RefusalCode.NotDone, RefusalCode.NotDone, "BAD_REQUEST"], await FileAsync(aid, [.. items.Select(Line), "{"]));
        Assert.Equal(0, await ReceivedAsync(aid));
        Assert.Equal([null, null, null, null], await FileAsync(aid, items.Select(Line)));
        Assert.Equal([null, null, null, null], await FileAsync(aid, items.Select(Line)));
        Assert.Equal(8_000, await ReceivedAsync(aid));

        using var many = await SendAsync(aid, Enumerable.Range(0, 101).Select(_ => Line(items[0])), "atomic");
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, many.StatusCode);
        using var unknown = await SendAsync(aid, items.Select(Line), "perhaps");
        Assert.Equal(HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task Parts_of_a_large_unit_are_decided_sixteen_at_a_time()
    {
        var (running, most) = (0, 0);
        var (begun, end) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        async Task<CommandResult> DecideAsync()
        {
            var now = Interlocked.Increment(ref running);
            for (var seen = most; now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = most)
            {
            }

            if (now >= 16)
            {
                begun.TrySetResult();
            }

            await end.Task;
            Interlocked.Decrement(ref running);
            return CommandResult.Refused(new Refusal(RefusalCode.NotDone, "A test."));
        }

        var parts = Enumerable.Range(0, 96).Select(_ => new UnitPart(null, _ => DecideAsync())).ToArray();
        var all = api.Services.GetRequiredService<LedgerCommands>().TogetherAsync(parts);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        end.SetResult();
        Assert.Equal(96, (await all).Length);
        Assert.Equal(16, most);
    }

    private static string Line(Dictionary<string, object?> item) => JsonSerializer.Serialize(item);

    private Task<HttpResponseMessage> SendAsync(Aid aid, IEnumerable<string> lines, string mode) => api.SendAsync(
        aid.Till.Key, HttpMethod.Post, $"/bulk/redeemVoucher?mode={mode}", new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/jsonl"));

    /// <summary>The code of each line, null where it was done.</summary>
    private async Task<string?[]> FileAsync(Aid aid, IEnumerable<string> lines)
    {
        using var response = await SendAsync(aid, lines, "atomic");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return
        [
            .. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize<JsonElement>(line).GetProperty("answer"))
                .Select(answer => answer.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("extensions").GetProperty("code").GetString()
                    : answer.GetProperty("data").GetProperty("redeemVoucher").GetProperty("userErrors") is var refusals && refusals.GetArrayLength() > 0 ? refusals[0].GetProperty("code").GetString()
                    : null),
        ];
    }

    private Task<JsonElement> RedeemAsync(Aid aid, Dictionary<string, object?>[] items) => ManyAsync(aid.Till, "redeemManyVouchers", "RedeemManyVouchersInput", items, Fields);

    private async Task<JsonElement> ManyAsync(Actor actor, string mutation, string type, Dictionary<string, object?>[] items, string fields) => (await api.QueryAsync(
        actor.Key, $"mutation($input: {type}!) {{ {mutation}(input: $input) {{ {fields} }} }}", new { input = new { mode = "ATOMIC", items } })).GetProperty(mutation);

    private static JsonElement[] Results(JsonElement answer) => [.. answer.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("result"))];

    private static string?[] Codes(JsonElement answer) =>
        [.. Results(answer).Select(one => one.GetProperty("userErrors") is var errors && errors.GetArrayLength() > 0 ? errors[0].GetProperty("code").GetString() : null)];

    private static long AmountOf(Dictionary<string, object?> item) =>
        long.Parse(JsonSerializer.SerializeToElement(item["amount"]).GetProperty("amountMinor").ToString(), CultureInfo.InvariantCulture);

    private async Task<long> ReceivedAsync(Aid aid)
    {
        var balances = (await api.QueryAsync(
            aid.Till.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }", new { id = Aid.Text(aid.VendorAccount) })).GetProperty("account").GetProperty("balances");
        return balances.EnumerateArray().Sum(balance => long.Parse(balance.GetProperty("available").GetProperty("amountMinor").GetString()!, CultureInfo.InvariantCulture));
    }
}
