using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>A till takes a redemption back, and the program recovers an overcharge.</summary>
public sealed class RefundTests(ApiServer api)
{
    private const string Fields = "redemption { amount { amountMinor } remaining { amountMinor } items { item quantity price { amountMinor } } }";

    [Fact]
    public async Task Redemption_is_refunded_and_an_overcharge_recovered()
    {
        var counter = await new Counter(api, "refund").OpenAsync(
            """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"},{"rule":"refunds","days":7},{"rule":"priceCeilings","ceilings":[{"item":"rice","maximumMinor":300,"from":20000,"until":60000}]}]}""");
        var (aid, cast) = (counter.Aid, counter.Cast);
        ApiServer.Refused(RefusalCode.ItemsRequired, await RedeemAsync(counter, 500));
        ApiServer.Refused(RefusalCode.PriceAboveCeiling, await RedeemAsync(counter, 500, new { item = "rice", quantity = 1, priceMinor = "500" }));
        var redeemed = ApiServer.Done(await RedeemAsync(counter, 500, new { item = "rice", quantity = 1, priceMinor = "300" }, new { item = "oil", quantity = 2, priceMinor = "100" }));
        var id = redeemed.GetProperty("redemptionId").GetString();

        await RehearsedAsync(aid.Till, "refundRedemption", cast.Input(("redemptionId", id), ("amount", Cast.Money(200))));
        await RehearsedAsync(aid.Finance, "recoverOvercharge", cast.Input(("redemptionId", id), ("amount", Cast.Money(500))));
        ApiServer.Refused(RefusalCode.InsufficientFunds, await DryAsync(aid.Finance, "recoverOvercharge", cast.Input(("redemptionId", id), ("amount", Cast.Money(501)))));
        var refunded = await cast.DoneAsync(aid.Till, "refundRedemption", cast.Input(("redemptionId", id), ("amount", Cast.Money(200))), Fields);
        Assert.Equal("300", refunded.GetProperty("redemption").GetProperty("remaining").GetProperty("amountMinor").GetString());
        Assert.Equal(2, refunded.GetProperty("redemption").GetProperty("items").GetArrayLength());
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(
            (await cast.OrganisationAsync("VENDOR", "VENDOR", "ADMINISTRATOR")).Key, "refundRedemption", cast.Input(("redemptionId", id), ("amount", Cast.Money(1)))));
        var recovered = await cast.SignedAsync(aid.Finance, "recoverOvercharge", cast.Input(("redemptionId", id), ("amount", Cast.Money(50)), ("evidence", $"0x{new string('2', 64)}")), Fields);
        Assert.Equal("250", recovered.GetProperty("redemption").GetProperty("remaining").GetProperty("amountMinor").GetString());
        ApiServer.Refused(RefusalCode.InsufficientFunds, await api.MutateAsync(aid.Till.Key, "refundRedemption", cast.Input(("redemptionId", id), ("amount", Cast.Money(251)))));

        var trace = (await api.QueryAsync(
            aid.Finance.Key, "query($id: Id!) { donationTrace(grantId: $id) { disbursed { amountMinor } redeemed { amountMinor } held { amountMinor } } }", new { id = Aid.Text(aid.Grant) }))
            .GetProperty("donationTrace");
        Assert.Equal(("5000", "250", "4750"), (Minor(trace, "disbursed"), Minor(trace, "redeemed"), Minor(trace, "held")));
    }

    private async Task RehearsedAsync(Actor actor, string mutation, Dictionary<string, object?> input) =>
        Assert.True(ApiServer.Done(await DryAsync(actor, mutation, input)).GetProperty("wouldBeDone").GetBoolean());

    private Task<JsonElement> DryAsync(Actor actor, string mutation, Dictionary<string, object?> input) =>
        api.MutateAsync(actor.Key, mutation, new Dictionary<string, object?>(input) { ["dryRun"] = true }, "wouldBeDone");

    private static string? Minor(JsonElement trace, string part) => trace.GetProperty(part).GetProperty("amountMinor").GetString();

    private Task<JsonElement> RedeemAsync(Counter counter, long amountMinor, params object[] items)
    {
        var input = counter.Input(0, amountMinor);
        input["items"] = items;
        return api.MutateAsync(counter.Aid.Till.Key, "redeemVoucher", input, "redemptionId");
    }
}
