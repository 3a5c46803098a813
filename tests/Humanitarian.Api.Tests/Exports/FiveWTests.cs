using System.Net;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Exports;

/// <summary>Who does what, where, when, for whom, as clusters take it.</summary>
public sealed class FiveWTests(ApiServer api)
{
    [Fact]
    public async Task Disbursements_are_told_each_or_together_and_never_of_few_households()
    {
        var aid = await new Aid(api, "5w").SetUpAsync();
        var list = await aid.ListAsync(24);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var grant = Cast.Id(
            await aid.Cast.DoneAsync(aid.Administrator, "createGrant", aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("donorId", Aid.Text(aid.Donor.Organisation)), ("commitment", Cast.Money(100_000)), ("eligibleFrom", "2020-01-01T00:00:00Z"),
                ("eligibleUntil", "2120-01-01T00:00:00Z"), ("earmark", "Turkana")), "grant { id }"), "grant");
        await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(grant)), ("amount", Cast.Money(100_000))));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 11, inPerson: false, Aid.Text(grant)), "COMPLETED");
        await aid.UntilAsync(await aid.ReleaseAsync(list, 11, 3, inPerson: false), "COMPLETED");
        Assert.Equal(2, (await RowsAsync(aid.Finance, aid)).Count);
        await aid.UntilAsync(await aid.ReleaseAsync(list, 14, 9, inPerson: false), "COMPLETED");

        var rows = await RowsAsync(aid.Finance, aid);
        Assert.Equal(["number", "who", "program", "what", "modality", "where", "when", "released_on", "households", "unit", "planned", "reached", "used"], rows[0]);
        Assert.Equal(["1", "5w NGO", "5w", "food", "BULK", "Turkana", "2026-11"], rows[1][..7]);
        Assert.Equal(["11", "KES", "275.00", "275.00", "0.00"], rows[1][8..]);
        Assert.Equal(["2", "5w NGO", "5w", "other", "", "", ""], rows[2][..7]);
        Assert.Equal(["12", "KES", "300.00", "300.00", "0.00"], rows[2][8..]);
        Assert.Equal(3, rows.Count);
        Assert.Equal(rows[2], (await RowsAsync(aid.Finance, aid, "?after=1"))[1]);

        foreach (var actor in new[] { aid.Donor, aid.Till, aid.Agent, aid.Cast.Operator })
        {
            using var response = await api.SendAsync(actor.Key, HttpMethod.Get, $"/exports/5w/{aid.Program}");
            Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        }
    }

    private async Task<List<string[]>> RowsAsync(Actor actor, Aid aid, string query = "")
    {
        using var response = await api.SendAsync(actor.Key, HttpMethod.Get, $"/exports/5w/{aid.Program}{query}");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return Sheets.Csv(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }
}
