using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Grants;

/// <summary>Costs with their indirect part, and their recharge to another donor's grant.</summary>
public sealed class CostTests(ApiServer api)
{
    private const string Cost = "cost { id grantId direct { amountMinor currency } indirect { amountMinor } rechargedFromId rechargedToId }";

    [Fact]
    public async Task Cost_bears_its_indirect_part_and_is_recharged_once_to_another_donors_grant()
    {
        var aid = await new Aid(api, "recharge").SetUpAsync();
        var cast = aid.Cast;
        var donor = await cast.OrganisationAsync("DONOR", "READER");
        var (first, second) = (await GrantAsync(aid, aid.Donor), await GrantAsync(aid, donor));
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(aid.Finance.Key, "recordCost", CostOf(aid, Aid.Text(aid.Grant), 100)));
        var booked = (await cast.DoneAsync(aid.Finance, "recordCost", CostOf(aid, first, 1_015), $"grant {{ indirectCosts {{ amountMinor }} }} {Cost}")).GetProperty("cost");
        Assert.Equal((1_015, 71), (Of(booked, "direct"), Of(booked, "indirect")));
        var cost = booked.GetProperty("id").GetString();

        Dictionary<string, object?> Recharge(string? of) => cast.Input(("costId", of), ("grantId", second), ("budgetLine", "staff"), ("withIndirect", true));
        ApiServer.Refused(RefusalCode.RechargeForbidden, await api.MutateAsync(aid.Finance.Key, "rechargeCost", Recharge(cost)));
        await cast.DoneAsync(aid.Finance, "reviseGrant", cast.Input(("grantId", second), ("allowsRecharges", true), ("indirectRateBasisPoints", 500)));
        ApiServer.Refused(RefusalCode.SignatureRequired, await api.MutateAsync(aid.Finance.Key, "rechargeCost", Recharge(cost)));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync((await cast.OrganisationAsync("NGO", "FINANCE")).Key, "rechargeCost", Recharge(cost)));
        Assert.True((await api.MutateAsync(aid.Finance.Key, "rechargeCost", new Dictionary<string, object?>(Recharge(cost)) { ["dryRun"] = true }, "wouldBeDone")).GetProperty("wouldBeDone").GetBoolean());
        var moved = (await cast.SignedAsync(aid.Finance, "rechargeCost", Recharge(cost), Cost)).GetProperty("cost");
        Assert.Equal((second, cost, 1_015, 50), (moved.GetProperty("grantId").GetString(), moved.GetProperty("rechargedFromId").GetString(), Of(moved, "direct"), Of(moved, "indirect")));
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Finance.Key, aid.Finance.Signer, "rechargeCost", Recharge(cost)));

        // Each donor sees what their grant bears, and not the other's.
        Assert.Equal((10_000, 0, 0), await TracedAsync(aid.Donor, first));
        Assert.Equal((10_000 - 1_065, 1_015, 50), await TracedAsync(donor, second));
        var costs = await api.QueryAsync(aid.Donor.Key, "query($id: Id!) { costs(grantId: $id, first: 10) { nodes { id rechargedToId } } }", new { id = first });
        Assert.Equal(moved.GetProperty("id").GetString(), Assert.Single(costs.GetProperty("costs").GetProperty("nodes").EnumerateArray()).GetProperty("rechargedToId").GetString());
        Assert.Equal(JsonValueKind.Null, (await api.QueryAsync(aid.Donor.Key, "query($id: Id!) { cost(id: $id) { id } }", new { id = moved.GetProperty("id").GetString() })).GetProperty("cost").ValueKind);
    }

    private static async Task<string> GrantAsync(Aid aid, Actor donor)
    {
        var grant = Aid.Text(Cast.Id(
            await aid.Cast.DoneAsync(aid.Administrator, "createGrant", aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("donorId", Aid.Text(donor.Organisation)), ("commitment", Cast.Money(10_000)), ("eligibleFrom", "2020-01-01T00:00:00Z"),
                ("eligibleUntil", "2120-01-01T00:00:00Z"), ("budgetLines", new[] { new { code = "staff", limit = Cast.Money(5_000) } }),
                ("indirectRateBasisPoints", donor == aid.Donor ? 700 : null), ("allowsRecharges", donor == aid.Donor ? true : null)), "grant { id indirectRateBasisPoints allowsRecharges }"),
            "grant"));
        await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", grant), ("amount", Cast.Money(10_000))));
        return grant;
    }

    private static Dictionary<string, object?> CostOf(Aid aid, string grant, long amountMinor) =>
        aid.Cast.Input(("grantId", grant), ("budgetLine", "staff"), ("amount", Cast.Money(amountMinor)), ("withIndirect", true));

    private async Task<(long Unspent, long Costs, long Indirect)> TracedAsync(Actor donor, string grant)
    {
        var trace = (await api.QueryAsync(
            donor.Key, "query($id: Id!) { donationTrace(grantId: $id) { unspent { amountMinor } costs { amountMinor } indirectCosts { amountMinor } } }", new { id = grant }))
            .GetProperty("donationTrace");
        return (Of(trace, "unspent"), Of(trace, "costs"), Of(trace, "indirectCosts"));
    }

    private static long Of(JsonElement of, string part) => long.Parse(of.GetProperty(part).GetProperty("amountMinor").GetString()!, CultureInfo.InvariantCulture);
}
