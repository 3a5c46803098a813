using System.Text.Json;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Settlements;

/// <summary>Where a vendor is paid, and what becomes of a pay-out that fails.</summary>
public sealed class PayoutTests(ApiServer api)
{
    private const string Terms = """{"preset":"own","rules":[{"rule":"backedByGrants"},{"rule":"enrolmentRequired"},{"rule":"accreditedVendors"}]}""";
    private const string Details = "details { number hash waitingHash place { number contact } waitingPlace { number } }";

    [Fact]
    public async Task Details_are_proposed_by_one_confirmed_by_another_and_used_by_the_settlement()
    {
        var counter = await new Counter(api, "payout").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var bookkeeper = await cast.MemberAsync(aid.Till, "FINANCE");
        Assert.Equal(JsonValueKind.Null, (await ProposeAsync(counter, "254-1", "+254700000001")).GetProperty("details").GetProperty("place").ValueKind);
        ApiServer.Refused(RefusalCode.RolesIncompatible, await ConfirmAsync(counter, aid.Till));
        var confirmed = ApiServer.Done(await ConfirmAsync(counter, bookkeeper)).GetProperty("details");
        Assert.Equal((1, "254-1"), (confirmed.GetProperty("number").GetInt32(), confirmed.GetProperty("place").GetProperty("number").GetString()));
        Assert.Empty(await NoticesAsync(aid.Till));

        var waiting = (await ProposeAsync(counter, "666-6", "+254700000666")).GetProperty("details");
        Assert.Equal(("254-1", "666-6"), (waiting.GetProperty("place").GetProperty("number").GetString(), waiting.GetProperty("waitingPlace").GetProperty("number").GetString()));
        var notice = Assert.Single(await NoticesAsync(aid.Till));
        Assert.Equal(("+254700000001", "PAYOUT_DETAILS_PROPOSED"), (notice.GetProperty("contact").GetString(), notice.GetProperty("code").GetString()));
        Assert.Empty(await NoticesAsync(aid.Administrator));

        var settlement = await SettleAsync(counter, 1_000);
        await cast.SignedAsync(aid.Finance, "approveSettlement", cast.Input(("settlementId", settlement), ("amount", Cast.Money(400))));
        var seen = (await api.QueryAsync(
            aid.Finance.Key, $"query($id: Id!) {{ settlement(id: $id) {{ payouts {{ id amount {{ amountMinor }} detailsNumber returned }} {Details} }} }}", new { id = settlement })).GetProperty("settlement");
        Assert.Equal("254-1", seen.GetProperty("details").GetProperty("place").GetProperty("number").GetString());
        var payout = Assert.Single(seen.GetProperty("payouts").EnumerateArray());
        Assert.Equal((1, "400", false), (payout.GetProperty("detailsNumber").GetInt32(), payout.GetProperty("amount").GetProperty("amountMinor").GetString(), payout.GetProperty("returned").GetBoolean()));

        var drop = notice.GetProperty("id").GetString();
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.MutateAsync(aid.Till.Key, "dropNotice", cast.Input(("notice", drop))));
        await cast.DoneAsync(await cast.MemberAsync(aid.Till, "ADMINISTRATOR"), "dropNotice", cast.Input(("notice", drop)));
        Assert.Empty(await NoticesAsync(aid.Till));
        await foreach (var entry in api.Services.GetRequiredService<ISideStore>().AllAsync(TestContext.Current.CancellationToken))
        {
            Assert.DoesNotContain("666-6", entry.Document?.Json ?? "", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Program_is_told_where_a_vendor_is_paid_by_its_finance_alone_and_not_what_waits()
    {
        var counter = await new Counter(api, "payout told").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var bookkeeper = await cast.MemberAsync(aid.Till, "FINANCE");
        await ProposeAsync(counter, "254-1", "+254700000001");
        ApiServer.Done(await ConfirmAsync(counter, bookkeeper));
        await ProposeAsync(counter, "666-6", "+254700000666");
        var settlement = await SettleAsync(counter, 1_000);
        async Task<JsonElement> SeenAsync(Actor by) =>
            (await api.QueryAsync(by.Key, $"query($id: Id!) {{ settlement(id: $id) {{ {Details} }} }}", new { id = settlement })).GetProperty("settlement").GetProperty("details");
        var told = await SeenAsync(aid.Finance);
        Assert.Equal(("254-1", JsonValueKind.Null), (told.GetProperty("place").GetProperty("number").GetString(), told.GetProperty("waitingPlace").ValueKind));
        Assert.Equal("666-6", (await SeenAsync(bookkeeper)).GetProperty("waitingPlace").GetProperty("number").GetString());
        foreach (var other in new[] { aid.Administrator, await cast.MemberAsync(aid.Administrator, "VENDOR") })
        {
            Assert.Equal(JsonValueKind.Null, (await SeenAsync(other)).ValueKind);
        }
    }

    [Fact]
    public async Task Payout_that_comes_back_is_the_vendors_again_and_the_rest_stays_asked_for()
    {
        var counter = await new Counter(api, "payout back").OpenAsync(Terms);
        var (aid, cast) = (counter.Aid, counter.Cast);
        var settlement = await SettleAsync(counter, 1_000);
        await cast.SignedAsync(aid.Finance, "approveSettlement", cast.Input(("settlementId", settlement), ("amount", Cast.Money(400))));
        var payout = (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { settlement(id: $id) { payouts { id } } }", new { id = settlement }))
            .GetProperty("settlement").GetProperty("payouts")[0].GetProperty("id").GetString();
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync((await cast.OrganisationAsync("NGO", "FINANCE")).Key, "returnPayout", cast.Input(("payoutId", payout))));
        var dry = cast.Input(("payoutId", payout), ("dryRun", true));
        Assert.True(ApiServer.Done(await api.MutateAsync(aid.Finance.Key, "returnPayout", dry, "wouldBeDone")).GetProperty("wouldBeDone").GetBoolean());
        await cast.SignedAsync(aid.Finance, "returnPayout", cast.Input(("payoutId", payout)));
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Finance.Key, aid.Finance.Signer, "returnPayout", cast.Input(("payoutId", payout))));

        var balance = (await api.QueryAsync(
            aid.Till.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } held { amountMinor } } } }", new { id = Aid.Text(aid.VendorAccount) }))
            .GetProperty("account").GetProperty("balances")[0];
        Assert.Equal(("400", "600"), (balance.GetProperty("available").GetProperty("amountMinor").GetString(), balance.GetProperty("held").GetProperty("amountMinor").GetString()));
    }

    [Fact]
    public async Task Change_waits_for_its_cool_off()
    {
        var counter = new Counter(api, "payout cool");
        await counter.Aid.SetUpAsync();
        await using var front = await Front.StartAsync(api);
        var input = counter.Cast.Input(("vendorAccountId", Aid.Text(counter.Aid.VendorAccount)), ("details", Place("1", "2")));
        var (_, answer) = await front.PostAsync(
            counter.Aid.Till.Key,
            new { query = "mutation($input: ProposePayoutDetailsInput!) { proposePayoutDetails(input: $input) { userErrors { code } } }", variables = new { input } });
        Assert.Equal(0, answer.GetProperty("data").GetProperty("proposePayoutDetails").GetProperty("userErrors").GetArrayLength());
        var bookkeeper = await counter.Cast.MemberAsync(counter.Aid.Till, "FINANCE");
        ApiServer.Refused(RefusalCode.CoolingOff, await ConfirmAsync(counter, bookkeeper));
    }

    private static object Place(string number, string contact) => new { method = "mobile money", institution = "A provider", number, holder = "A shop", contact };

    private async Task<JsonElement> ProposeAsync(Counter counter, string number, string contact) => await counter.Cast.DoneAsync(
        counter.Aid.Till, "proposePayoutDetails",
        counter.Cast.Input(("vendorAccountId", Aid.Text(counter.Aid.VendorAccount)), ("details", Place(number, contact))), Details);

    private Task<JsonElement> ConfirmAsync(Counter counter, Actor by) => api.SignAsync(
        by.Key, by.Signer, "confirmPayoutDetails", counter.Cast.Input(("vendorAccountId", Aid.Text(counter.Aid.VendorAccount))), Details);

    private async Task<JsonElement[]> NoticesAsync(Actor by) =>
        [.. (await api.QueryAsync(by.Key, "{ notices(first: 100) { id contact code at } }")).GetProperty("notices").EnumerateArray()];

    private static async Task<string> SettleAsync(Counter counter, long amountMinor)
    {
        ApiServer.Done(await counter.RedeemAsync(0, amountMinor));
        var asked = await counter.Cast.DoneAsync(
            counter.Aid.Till, "settleVendor",
            counter.Cast.Input(
                ("programId", Aid.Text(counter.Aid.Program)), ("vendorAccountId", Aid.Text(counter.Aid.VendorAccount)), ("amount", Cast.Money(amountMinor)),
                ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "settlement { id }");
        return asked.GetProperty("settlement").GetProperty("id").GetString()!;
    }
}
