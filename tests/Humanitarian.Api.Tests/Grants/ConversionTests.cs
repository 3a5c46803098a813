using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests.Grants;

public sealed class ConversionTests(ApiServer api)
{
    private const string Fields = "label donated { amountMinor currency } unspent { amountMinor } disbursed { amountMinor } redeemed { amountMinor } expired { amountMinor } "
        + "held { amountMinor } costs { amountMinor } returned { amountMinor } converted { amountMinor } exchangeLoss { amountMinor } exchangeGain { amountMinor } rounding { amountMinor } rate";

    private const string Local = "donated { amountMinor currency } disbursed { amountMinor } returned { amountMinor }";

    private static Hash32 Advice { get; } = Hash32.FromSpan(Founding.KeyOf("advice"));

    [Fact]
    public async Task A_grant_in_the_donors_currency_is_converted_disbursed_and_traced_in_both()
    {
        var aid = await new Aid(api, "conversion").SetUpAsync();
        var grant = await DollarGrantAsync(aid);
        Assert.Equal(
            RefusalCode.UnitMismatch,
            Code(await api.MutateAsync(aid.Finance.Key, "convertGrant", Conversion(aid, grant, Cast.Money(100_00), Cast.Money(12_900_00)), "grant { id }")));
        Assert.Equal(
            RefusalCode.Forbidden,
            Code(await api.MutateAsync(aid.Registrar.Key, "convertGrant", Conversion(aid, grant, Cast.Money(100_00, "USD"), Cast.Money(12_900_00)), "grant { id }")));

        // 100.00 USD at 130 would be 13,000.00 KES; the bank pays 12,900.00, which are worth 99.23 USD.
        await aid.Cast.DoneAsync(aid.Finance, "convertGrant", Conversion(aid, grant, Cast.Money(100_00, "USD"), Cast.Money(12_900_00)), "grant { id received { currency } }");
        var list = await aid.ListAsync(4);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 4, inPerson: false, grant), "COMPLETED");
        await aid.Cast.DoneAsync(aid.Finance, "returnGrant", aid.Cast.Input(("grantId", grant), ("amount", Cast.Money(1_000_00)), ("evidence", Advice.ToString())));

        var trace = (await api.QueryAsync(
            aid.Finance.Key, $"query($id: Id!) {{ donationTrace(grantId: $id) {{ {Fields} local {{ {Local} }} children {{ {Fields} local {{ {Local} }} children {{ disbursed {{ amountMinor }} local {{ {Local} }} }} }} }} }}",
            new { id = grant })).GetProperty("donationTrace");
        Assert.Equal("USD", trace.GetProperty("donated").GetProperty("currency").GetString());
        Assert.Equal("KES", trace.GetProperty("local").GetProperty("donated").GetProperty("currency").GetString());
        Assert.Equal((500_00, 100_00, 77, 0), (Of(trace, "donated"), Of(trace, "converted"), Of(trace, "exchangeLoss"), Of(trace, "exchangeGain")));
        Assert.Equal((12_900_00, 100_00, 1_000_00), (Of(trace.GetProperty("local"), "donated"), Of(trace.GetProperty("local"), "disbursed"), Of(trace.GetProperty("local"), "returned")));
        Assert.Equal(
            Of(trace, "donated") + Of(trace, "exchangeGain"),
            Of(trace, "unspent") + Of(trace, "disbursed") - Of(trace, "expired") + Of(trace, "costs") + Of(trace, "returned") + Of(trace, "exchangeLoss") + Of(trace, "rounding"));
        var conversion = trace.GetProperty("children").EnumerateArray().Single(child => child.GetProperty("label").GetString() == "conversion");
        Assert.Equal("130", conversion.GetProperty("rate").GetString());
        Assert.Equal(76, Of(conversion.GetProperty("children")[0], "disbursed"));
        Assert.InRange(Of(conversion, "rounding"), 0, 3);
    }

    private async Task<string> DollarGrantAsync(Aid aid)
    {
        await aid.Cast.UnitAsync("USD");
        var payload = await aid.Cast.DoneAsync(
            aid.Administrator, "createGrant",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("donorId", Aid.Text(aid.Donor.Organisation)), ("commitment", Cast.Money(1_000_00, "USD")),
                ("eligibleFrom", "2020-01-01T00:00:00Z"), ("eligibleUntil", "2120-01-01T00:00:00Z")), "grant { id }");
        var grant = Aid.Text(Cast.Id(payload, "grant"));
        await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", grant), ("amount", Cast.Money(500_00, "USD"))));
        return grant;
    }

    private static Dictionary<string, object?> Conversion(Aid aid, string grant, object from, object to) => aid.Cast.Input(
        ("grantId", grant), ("from", from), ("to", to), ("rate", "130"), ("on", "2026-01-31"), ("evidence", Advice.ToString()));

    private static long Of(JsonElement node, string part) => long.Parse(node.GetProperty(part).GetProperty("amountMinor").GetString()!, CultureInfo.InvariantCulture);

    private static string? Code(JsonElement payload) => payload.GetProperty("userErrors")[0].GetProperty("code").GetString();
}
