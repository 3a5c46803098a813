using System.Net;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Files of many payments: a line is answered by a line, and a file that is sent again is done once.</summary>
public sealed class BulkFileTests(ApiServer api)
{
    [Fact]
    public async Task Lines_are_answered_in_order_each_by_itself_and_a_second_sending_does_the_rest_once()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "bulk file", 100);
        var inputs = accounts.Select(account => DryRunTests.Redemption(aid, account, 1_500)).ToArray();
        inputs[7]["amount"] = Cast.Money(2_501);
        var lines = inputs.Select(input => JsonSerializer.Serialize(input)).ToList();
        lines.InsertRange(50, ["{", "", "[1]", $"{{\"idempotencyKey\":\"{new string('x', 70_000)}\"}}", "{\"idempotencyKey\":\"short\",\"unknown\":1}"]);
        var first = await SendAsync(aid.Till, "redeemVoucher", string.Join('\n', lines));

        // The empty line is none.
        Assert.Equal(Enumerable.Range(0, 104), first.Select(line => line.GetProperty("index").GetInt32()));
        Assert.Equal([50, 51, 52, 53], Enumerable.Range(0, 104).Where(index => first[index].GetProperty("answer").TryGetProperty("errors", out _)));
        Assert.Equal(["BAD_REQUEST", "BAD_REQUEST", "BAD_REQUEST"], Enumerable.Range(50, 3).Select(index => ErrorOf(first[index])));
        Assert.Equal(RefusalCode.InsufficientFunds, Assert.Single(first.Select(RefusalOf), code => code is not null));
        Assert.All(first.Where(IsDone), line => Assert.NotNull(Payload(line).GetProperty("receiptSalt").GetString()));
        Assert.Equal(99, first.Count(IsDone));

        inputs[7]["amount"] = Cast.Money(2_500);
        var second = await SendAsync(aid.Till, "redeemVoucher", string.Join("\r\n", inputs.Select(input => JsonSerializer.Serialize(input))) + "\r\n");
        Assert.Equal([7], Enumerable.Range(0, 100).Where(index => IsDone(second[index]) && !Payload(second[index]).GetProperty("replayed").GetBoolean()));
        Assert.Equal(100, second.Count(IsDone));
        Assert.Equal(Payload(first[3]).GetProperty("transaction").ToString(), Payload(second[3]).GetProperty("transaction").ToString());
        var seen = await api.QueryAsync(
            aid.Till.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }", new { id = Aid.Text(aid.VendorAccount) });
        Assert.Equal(((99 * 1_500) + 2_500).ToString(System.Globalization.CultureInfo.InvariantCulture), seen.GetProperty("account").GetProperty("balances")[0].GetProperty("available").GetProperty("amountMinor").GetString());
    }

    [Fact]
    public async Task Who_may_not_do_one_may_not_do_many()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "bulk file rights", 1);
        var line = JsonSerializer.Serialize(DryRunTests.Redemption(aid, accounts[0], 1));
        Assert.Equal(RefusalCode.Forbidden, RefusalOf(Assert.Single(await SendAsync(aid.Finance, "redeemVoucher", line))));
        using var none = await api.SendAsync(null, HttpMethod.Post, "/bulk/redeemVoucher", new StringContent(line));
        Assert.Equal(HttpStatusCode.Unauthorized, none.StatusCode);
        using var unknown = await api.SendAsync(aid.Administrator.Key, HttpMethod.Post, "/bulk/changeMember", new StringContent(line));
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Empty(await SendAsync(aid.Till, "redeemVoucher", "\n \n"));
    }

    private async Task<JsonElement[]> SendAsync(Actor actor, string mutation, string lines)
    {
        using var response = await api.SendAsync(actor.Key, HttpMethod.Post, $"/bulk/{mutation}", new StringContent(lines, Encoding.UTF8, "application/jsonl"));
        Assert.Equal((HttpStatusCode.OK, "application/jsonl"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        return [.. (await response.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
    }

    private static JsonElement Payload(JsonElement line) => line.GetProperty("answer").GetProperty("data").EnumerateObject().Single().Value;

    private static bool IsDone(JsonElement line) => !line.GetProperty("answer").TryGetProperty("errors", out _) && Payload(line).GetProperty("transaction").ValueKind == JsonValueKind.Object;

    private static string? ErrorOf(JsonElement line) => line.GetProperty("answer").GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString();

    private static string? RefusalOf(JsonElement line) =>
        !line.GetProperty("answer").TryGetProperty("errors", out _) && Payload(line).GetProperty("userErrors") is var errors && errors.GetArrayLength() > 0
            ? errors[0].GetProperty("code").GetString() : null;
}
