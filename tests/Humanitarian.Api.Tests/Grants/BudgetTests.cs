using System.Net;
using System.Text.Json;
using Humanitarian.Api.Tests.Exports;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Grants;

/// <summary>A plan beside what became of it, in both currencies.</summary>
public sealed class BudgetTests(ApiServer api)
{
    private const string Line = "purpose code planned { amountMinor currency } committed { amountMinor } actual { amountMinor } left { amountMinor } committedPercent actualPercent leftPercent "
        + "booked { rate committed { amountMinor } actual { amountMinor } localCommitted { amountMinor } localActual { amountMinor currency } }";

    [Fact]
    public async Task Lines_show_planned_committed_and_actual_at_the_rates_they_were_booked_at()
    {
        var aid = await new Aid(api, "budget").SetUpAsync();
        var cast = aid.Cast;
        var donor = await cast.OrganisationAsync("DONOR", "READER");
        var dollars = await DollarsAsync(aid, donor);
        var list = await aid.ListAsync(3);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 2, inPerson: false, dollars), "COMPLETED");
        await aid.ReleaseAsync(list, 2, 1, inPerson: true, dollars);
        await cast.DoneAsync(aid.Finance, "recordCost", cast.Input(("grantId", dollars), ("budgetLine", "staff"), ("amount", Cast.Money(50_00, "USD")), ("withIndirect", true)));

        var lines = Lines(await AskAsync(aid.Finance, dollars));
        Assert.Equal(["COST", "INDIRECT_COSTS", "ASSISTANCE"], lines.Select(line => line.GetProperty("purpose").GetString()));
        Assert.Equal(("20000", "0", "5000", "15000", "25.00"), Figures(lines[0]));
        Assert.Equal(("1400", "0", "350", "1050", "25.00"), Figures(lines[1]));

        // At 100 KES for a dollar, 50.00 KES were paid and 25.00 are under way.
        Assert.Equal(("78600", "25", "50", "78525", "0.06"), Figures(lines[2]));
        Assert.Equal("USD", lines[2].GetProperty("planned").GetProperty("currency").GetString());
        var booked = Assert.Single(lines[2].GetProperty("booked").EnumerateArray());
        Assert.Equal(("100", "2500", "5000", "KES"), (booked.GetProperty("rate").GetString(), Minor(booked, "localCommitted"), Minor(booked, "localActual"), booked.GetProperty("localActual").GetProperty("currency").GetString()));

        var program = (await api.QueryAsync(aid.Finance.Key, $"query($id: Id!) {{ programBudget(programId: $id) {{ currency lines {{ {Line} }} grants {{ grantId currency programCurrency }} }} }}", new { id = Aid.Text(aid.Program) }))
            .GetProperty("programBudget");
        Assert.Equal(2, program.GetProperty("grants").GetArrayLength());
        Assert.Equal(["KES", "USD"], program.GetProperty("lines").EnumerateArray().Where(line => line.GetProperty("purpose").GetString() == "COST")
            .Select(line => line.GetProperty("planned").GetProperty("currency").GetString()!).Order(StringComparer.Ordinal));
        await DonorsSeeTheirPartAsync(aid, donor, dollars);
        await ExportedAsync(aid, donor);
    }

    [Theory]
    [InlineData(1, 3, "33.33")]
    [InlineData(2, 3, "66.66")]
    [InlineData(-1, 3, "-33.34")]
    [InlineData(5, 0, null)]
    [InlineData(long.MaxValue, 1, "92233720368547758.07")]
    public void Percent_is_rounded_down(long amountMinor, long plannedMinor, string? percent) =>
        Assert.Equal(percent, Api.Grants.BudgetReportLineView.Percent(amountMinor, plannedMinor));

    private async Task DonorsSeeTheirPartAsync(Aid aid, Actor donor, string dollars)
    {
        // Of three households a donor is told nothing yet, and of the other donor's grant never anything.
        var told = Lines(await AskAsync(donor, dollars));
        Assert.Equal(("20000", "0", "5000", "15000", "25.00"), Figures(told[0]));
        Assert.Equal("0", Minor(told[2], "actual"));
        Assert.Equal(JsonValueKind.Null, (await AskAsync(aid.Donor, dollars)).ValueKind);
        Assert.Equal(JsonValueKind.Null, (await AskAsync(await aid.Cast.OrganisationAsync("NGO", "FINANCE"), dollars)).ValueKind);
        var part = (await api.QueryAsync(donor.Key, "query($id: Id!) { programBudget(programId: $id) { grants { grantId leastHouseholds } } }", new { id = Aid.Text(aid.Program) })).GetProperty("programBudget");
        Assert.Equal(dollars, Assert.Single(part.GetProperty("grants").EnumerateArray()).GetProperty("grantId").GetString());
    }

    private async Task ExportedAsync(Aid aid, Actor donor)
    {
        using var csv = await api.SendAsync(aid.Finance.Key, HttpMethod.Get, $"/exports/budgets/{aid.Program}");
        var rows = Sheets.Csv(await csv.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        Assert.Equal(["number", "grant", "purpose", "line", "currency", "planned", "committed", "actual", "left"], rows[0][..9]);
        var assistance = rows.FindIndex(row => row[2] == "ASSISTANCE" && row[4] == "USD");
        Assert.Equal(["786.00", "0.25", "0.50", "785.25", "0.03", "0.06", "99.90"], rows[assistance][5..12]);
        Assert.Equal(["BOOKED", "", "USD", "", "0.25", "0.50", "", "", "", "", "100", "KES", "25.00", "50.00"], rows[assistance + 1][2..]);
        Assert.Equal(Enumerable.Range(1, rows.Count - 1).Select(number => Cast.Text(number)), rows.Skip(1).Select(row => row[0]));
        using var xlsx = await api.SendAsync(donor.Key, HttpMethod.Get, $"/exports/budgets/{aid.Program}?format=xlsx");
        Assert.Equal(HttpStatusCode.OK, xlsx.StatusCode);
        using var foreign = await api.SendAsync(aid.Till.Key, HttpMethod.Get, $"/exports/budgets/{aid.Program}");
        Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
    }

    private async Task<string> DollarsAsync(Aid aid, Actor donor)
    {
        var cast = aid.Cast;
        await cast.UnitAsync("USD");
        var grant = Aid.Text(Cast.Id(
            await cast.DoneAsync(aid.Administrator, "createGrant", cast.Input(
                ("programId", Aid.Text(aid.Program)), ("donorId", Aid.Text(donor.Organisation)), ("commitment", Cast.Money(1_000_00, "USD")), ("eligibleFrom", "2020-01-01T00:00:00Z"),
                ("eligibleUntil", "2120-01-01T00:00:00Z"), ("budgetLines", new[] { new { code = "staff", limit = Cast.Money(200_00, "USD") } }), ("indirectRateBasisPoints", 700)), "grant { id }"),
            "grant"));
        await cast.DoneAsync(aid.Finance, "recordReceipt", cast.Input(("grantId", grant), ("amount", Cast.Money(1_000_00, "USD"))));
        await cast.DoneAsync(aid.Finance, "convertGrant", cast.Input(
            ("grantId", grant), ("from", Cast.Money(500_00, "USD")), ("to", Cast.Money(50_000_00)), ("rate", "100"), ("on", "2026-01-31"), ("evidence", $"0x{new string('7', 64)}")));
        return grant;
    }

    private async Task<JsonElement> AskAsync(Actor actor, string grant) =>
        (await api.QueryAsync(actor.Key, $"query($id: Id!) {{ grantBudget(grantId: $id) {{ currency programCurrency leastHouseholds lines {{ {Line} }} }} }}", new { id = grant })).GetProperty("grantBudget");

    private static JsonElement[] Lines(JsonElement budget) => [.. budget.GetProperty("lines").EnumerateArray()];

    private static (string?, string?, string?, string?, string?) Figures(JsonElement line) =>
        (Minor(line, "planned"), Minor(line, "committed"), Minor(line, "actual"), Minor(line, "left"), line.GetProperty("actualPercent").GetString());

    private static string? Minor(JsonElement of, string part) => of.GetProperty(part).GetProperty("amountMinor").GetString();
}
