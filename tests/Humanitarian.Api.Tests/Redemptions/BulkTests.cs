using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Many payments in one request, each with its own outcome.</summary>
public sealed class BulkTests(ApiServer api)
{
    private const string Fields = "done results { index idempotencyKey result { transaction { hash } replayed wouldBeDone userErrors { code field } } } userErrors { code field }";

    [Fact]
    public async Task Others_are_done_though_one_is_refused_and_sending_all_again_does_the_rest_once()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "bulk", 20);
        var items = accounts.Select(account => DryRunTests.Redemption(aid, account, 2_000)).ToArray();
        items[3]["amount"] = Cast.Money(2_501);
        var first = await ManyAsync(aid, "CONTINUE_ON_FAILURE", items);
        Assert.Equal(19, first.GetProperty("done").GetInt32());
        Assert.Equal(Enumerable.Range(0, 20), Results(first).Select(one => one.GetProperty("index").GetInt32()));
        Assert.Equal(items.Select(item => (string?)item["idempotencyKey"]), Results(first).Select(one => one.GetProperty("idempotencyKey").GetString()));
        Assert.Equal([(3, RefusalCode.InsufficientFunds)], Refused(first));

        items[3]["amount"] = Cast.Money(2_500);
        var second = await ManyAsync(aid, "CONTINUE_ON_FAILURE", items);
        Assert.Equal(20, second.GetProperty("done").GetInt32());
        Assert.Equal([3], Results(second).Where(one => !one.GetProperty("result").GetProperty("replayed").GetBoolean()).Select(one => one.GetProperty("index").GetInt32()));
        foreach (var (before, after) in Results(first).Zip(Results(second)).Where(pair => pair.First.GetProperty("index").GetInt32() != 3))
        {
            Assert.Equal(before.GetProperty("result").GetProperty("transaction").ToString(), after.GetProperty("result").GetProperty("transaction").ToString());
        }

        // One of them alone is the same command.
        Assert.True(ApiServer.Done(await api.MutateAsync(aid.Till.Key, "redeemVoucher", items[0])).GetProperty("replayed").GetBoolean());
        Assert.Equal((19 * 2_000) + 2_500, await ReceivedAsync(aid));
    }

    [Fact]
    public async Task None_is_tried_after_the_first_that_is_refused_where_that_is_asked_for()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "bulk stop", 5);
        var items = accounts.Select(account => DryRunTests.Redemption(aid, account, 1_000)).ToArray();
        items[2]["categories"] = new[] { "weapons" };
        var answer = await ManyAsync(aid, "STOP_AT_FAILURE", items);
        Assert.Equal(2, answer.GetProperty("done").GetInt32());
        Assert.Equal([false, false, false, true, true], Results(answer).Select(one => one.GetProperty("result").ValueKind == JsonValueKind.Null));
        Assert.Equal([(2, RefusalCode.CategoryNotAllowed)], Refused(answer));
        Assert.Equal(2_000, await ReceivedAsync(aid));
    }

    [Fact]
    public async Task None_is_done_where_one_would_be_refused_and_that_is_asked_for()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "bulk check", 5);
        var items = accounts.Select(account => DryRunTests.Redemption(aid, account, 1_000)).ToArray();
        items[4]["amount"] = Cast.Money(9_999);
        var checkedFirst = await ManyAsync(aid, "CHECK_FIRST", items);
        Assert.Equal((0, 0L), (checkedFirst.GetProperty("done").GetInt32(), await ReceivedAsync(aid)));
        Assert.Equal([(4, RefusalCode.InsufficientFunds)], Refused(checkedFirst));
        Assert.Equal(4, Results(checkedFirst).Count(one => one.GetProperty("result").GetProperty("wouldBeDone").GetBoolean()));

        items[4]["amount"] = Cast.Money(1_000);
        Assert.Equal(5, (await ManyAsync(aid, "CHECK_FIRST", items)).GetProperty("done").GetInt32());
        Assert.Equal(5_000, await ReceivedAsync(aid));
    }

    [Fact]
    public async Task None_too_many_or_two_of_one_key_are_refused_as_a_whole()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "bulk bounds", 1);
        var one = DryRunTests.Redemption(aid, accounts[0], 1);
        foreach (var (items, code) in new (Dictionary<string, object?>[], string)[]
        {
            ([], RefusalCode.InvalidInput), ([.. Enumerable.Range(0, 101).Select(_ => DryRunTests.Redemption(aid, accounts[0], 1))], RefusalCode.InvalidInput),
            ([one, one], RefusalCode.IdempotencyKeyInvalid),
        })
        {
            var answer = await ManyAsync(aid, "CONTINUE_ON_FAILURE", items);
            Assert.Equal((code, "[\"input\",\"items\"]"), (answer.GetProperty("userErrors")[0].GetProperty("code").GetString(), answer.GetProperty("userErrors")[0].GetProperty("field").ToString()));
            Assert.Empty(Results(answer));
        }

        Assert.Equal(0, await ReceivedAsync(aid));
    }

    private async Task<JsonElement> ManyAsync(Aid aid, string mode, Dictionary<string, object?>[] items) => (await api.QueryAsync(
        aid.Till.Key, $"mutation($input: RedeemManyVouchersInput!) {{ redeemManyVouchers(input: $input) {{ {Fields} }} }}", new { input = new { mode, items } }))
        .GetProperty("redeemManyVouchers");

    private static JsonElement[] Results(JsonElement answer) => [.. answer.GetProperty("results").EnumerateArray()];

    private static (int, string?)[] Refused(JsonElement answer) =>
    [
        .. Results(answer).Where(one => one.GetProperty("result").ValueKind != JsonValueKind.Null && one.GetProperty("result").GetProperty("userErrors").GetArrayLength() > 0)
            .Select(one => (one.GetProperty("index").GetInt32(), one.GetProperty("result").GetProperty("userErrors")[0].GetProperty("code").GetString())),
    ];

    private async Task<long> ReceivedAsync(Aid aid)
    {
        var balances = (await api.QueryAsync(
            aid.Till.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }", new { id = Aid.Text(aid.VendorAccount) })).GetProperty("account").GetProperty("balances");
        return balances.EnumerateArray().Sum(balance => long.Parse(balance.GetProperty("available").GetProperty("amountMinor").GetString()!, System.Globalization.CultureInfo.InvariantCulture));
    }
}
