using System.Text.Json;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Grants;

/// <summary>What a donation was spent on, where, and whom it reached: exact for who runs the program, in steps for its donor.</summary>
public sealed class SpendingTests(ApiServer api)
{
    private const long Each = 2_500;

    private const string Spending =
        "query($id: Id!) { donationSpending(grantId: $id) { byCategory { category spent { amountMinor } } byVendorType { vendorType spent { amountMinor } } } }";

    private const string Reach = "query($id: Id!) { donationReach(grantId: $id) { disbursementId period assistanceKind mode area households people paid { amountMinor } } }";

    [Fact]
    public async Task What_was_bought_is_told_by_category_and_type_of_vendor_to_a_donor_in_steps_of_ten_households()
    {
        var aid = await new Aid(api, "spending").SetUpAsync();
        await aid.Cast.DoneAsync(aid.Administrator, "accreditVendor", aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("categories", new[] { "food", "hygiene" })));
        var list = await EnrolledAsync(aid, await aid.ListAsync(40));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 40, inPerson: false), "COMPLETED");
        var accounts = await aid.AccountsAsync(list);
        foreach (var (account, number) in accounts.Take(23).Select((account, number) => (account, number)))
        {
            await RedeemAsync(aid, account, number < 12 ? ["food"] : number < 21 ? ["hygiene"] : ["food", "hygiene"]);
        }

        Assert.Equal([("food", 12 * Each), ("hygiene", 9 * Each), (null, 2 * Each)], await SpentAsync(aid.Finance, aid, "byCategory", "category"));
        Assert.Equal([("shop", 23 * Each), (null, 0)], await SpentAsync(aid.Finance, aid, "byVendorType", "vendorType"));
        Assert.Equal([("food", 10 * Each), (null, 10 * Each)], await SpentAsync(aid.Donor, aid, "byCategory", "category"));
        Assert.Equal([("shop", 20 * Each), (null, 0)], await SpentAsync(aid.Donor, aid, "byVendorType", "vendorType"));

        await RedeemAsync(aid, accounts[23], ["hygiene"]);
        Assert.Equal([("food", 10 * Each), ("hygiene", 10 * Each), (null, 0)], await SpentAsync(aid.Donor, aid, "byCategory", "category"));
    }

    [Fact]
    public async Task Households_reached_are_told_by_area_and_small_areas_together()
    {
        var aid = await new Aid(api, "reach").SetUpAsync();
        var (_, answer) = await aid.UploadAsync(aid.Registrar, "household_id,size,amount,site\n" + string.Concat(Enumerable.Range(0, 30).Select(number =>
            $"reach-{number},{(number == 0 ? 7 : 4)},25.00,{(number < 12 ? "north" : number < 25 ? "south" : number < 28 ? "east" : "")}\n")));
        var list = await EnrolledAsync(aid, answer.GetProperty("listId").GetString()!);
        var disbursement = await aid.ReleaseAsync(list, 0, 30, inPerson: false);
        await aid.UntilAsync(disbursement, "COMPLETED");
        Assert.Equal(
            [(null, 2, 8, 2 * Each), ("east", 3, 12, 3 * Each), ("north", 12, 51, 12 * Each), ("south", 13, 52, 13 * Each)], await ReachedAsync(aid.Finance, aid, disbursement));

        // Five households are too few: the smaller of the others is told with them.
        Assert.Equal([("south", 10, 50, 10 * Each), (null, 10, 70, 10 * Each)], await ReachedAsync(aid.Donor, aid, disbursement));
        using var report = await api.SendAsync(aid.Finance.Key, HttpMethod.Get, $"/exports/5w/{aid.Program}");
        Assert.Equal("south", Exports.Sheets.Csv(await report.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[1][5]);
    }

    [Fact]
    public async Task Nothing_is_told_of_whom_a_list_of_few_households_or_one_under_way_reached()
    {
        var aid = await new Aid(api, "reach few").SetUpAsync();
        var list = await EnrolledAsync(aid, await aid.ListAsync(23));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 9, inPerson: false), "COMPLETED");
        await aid.ReleaseAsync(list, 9, 14, inPerson: true);
        Assert.Single((await api.QueryAsync(aid.Finance.Key, Reach, new { id = Aid.Text(aid.Grant) })).GetProperty("donationReach").EnumerateArray());
        Assert.Empty((await api.QueryAsync(aid.Donor.Key, Reach, new { id = Aid.Text(aid.Grant) })).GetProperty("donationReach").EnumerateArray());
        var stranger = await aid.Cast.OrganisationAsync("DONOR", "READER");
        Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(stranger.Key, Reach, new { id = Aid.Text(aid.Grant) })).GetProperty("donationReach").ValueKind);
        Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(stranger.Key, Spending, new { id = Aid.Text(aid.Grant) })).GetProperty("donationSpending").ValueKind);
    }

    private static async Task<string> EnrolledAsync(Aid aid, string list)
    {
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        return list;
    }

    private static Task<JsonElement> RedeemAsync(Aid aid, string account, string[] categories) => aid.Cast.DoneAsync(aid.Till, "redeemVoucher", aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", account), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(Each)),
        ("categories", categories), ("receiptHash", $"0x{new string('1', 64)}")));

    private async Task<(string?, long)[]> SpentAsync(Actor actor, Aid aid, string list, string name) =>
    [
        .. (await api.QueryAsync(actor.Key, Spending, new { id = Aid.Text(aid.Grant) })).GetProperty("donationSpending").GetProperty(list).EnumerateArray()
            .Select(part => (part.GetProperty(name).GetString(), Minor(part.GetProperty("spent")))),
    ];

    private async Task<(string?, long, long, long)[]> ReachedAsync(Actor actor, Aid aid, string disbursement)
    {
        var parts = (await api.QueryAsync(actor.Key, Reach, new { id = Aid.Text(aid.Grant) })).GetProperty("donationReach").EnumerateArray().ToArray();
        Assert.All(parts, part => Assert.Equal(
            (disbursement, "2026-11", "food", "BULK"),
            (part.GetProperty("disbursementId").GetString(), part.GetProperty("period").GetString(), part.GetProperty("assistanceKind").GetString(), part.GetProperty("mode").GetString())));
        return [.. parts.Select(part => (part.GetProperty("area").GetString(), Number(part, "households"), Number(part, "people"), Minor(part.GetProperty("paid"))))];
    }

    private static long Minor(JsonElement money) => Number(money, "amountMinor");

    private static long Number(JsonElement of, string name) => long.Parse(of.GetProperty(name).GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
