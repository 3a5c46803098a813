using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.Alerts;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Alerts;

/// <summary>What a person should look at is told to their organisation, live and later, and to no other.</summary>
public sealed class AlertTests(ApiServer api)
{
    private const string Live = "subscription($after: UInt64String) { alerts(after: $after) { number kind subjectId detail at } }";

    [Fact]
    public async Task Household_assisted_twice_raises_alerts_of_the_disbursement()
    {
        var aid = await new Aid(api, "alert twice").SetUpAsync();
        using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
        await client.SubscribeAsync("1", Live, new { after = "0" });
        await CompletedAsync(aid, 2);
        var second = await CompletedAsync(aid, 3);
        var (failures, duplicate) = (await UntilAsync(client, "DISBURSEMENT_FAILURES"), await UntilAsync(client, "DUPLICATE_FOUND"));
        Assert.Equal((second, "ALREADY_ASSISTED 2"), (Text(failures, "subjectId"), Text(failures, "detail")));
        Assert.Equal((second, "2"), (Text(duplicate, "subjectId"), Text(duplicate, "detail")));

        // Later the same is asked for, and a place behind which nothing is.
        var page = (await api.QueryAsync(aid.Registrar.Key, "{ alerts(first: 1) { nodes { number kind detail } pageInfo { hasNextPage } } }")).GetProperty("alerts");
        Assert.Equal(("1", true), (Text(page.GetProperty("nodes")[0], "number"), page.GetProperty("pageInfo").GetProperty("hasNextPage").GetBoolean()));
        await client.SubscribeAsync("2", Live, new { after = "1000" });
        Assert.Equal(RefusalCode.InvalidInput, await client.ErrorAsync("2"));
    }

    [Fact]
    public async Task Grant_that_is_nearly_used_up_raises_an_alert_once_for_each_limit()
    {
        var aid = await new Aid(api, "alert limit").SetUpAsync();
        using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
        await client.SubscribeAsync("1", Live, new { after = "0" });
        async Task CostAsync(long amount) => await aid.Cast.DoneAsync(
            aid.Finance, "recordCost", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("budgetLine", "staff"), ("amount", Cast.Money(amount))));
        await CostAsync(44_999);
        await CostAsync(1);
        await CostAsync(1);
        await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(400_000))));
        var (line, commitment) = ((await client.EventAsync("1")).GetProperty("alerts"), (await client.EventAsync("1")).GetProperty("alerts"));
        Assert.Equal(("LIMIT_NEAR", Aid.Text(aid.Grant), "budget line staff"), (Text(line, "kind"), Text(line, "subjectId"), Text(line, "detail")));
        Assert.Equal(("LIMIT_NEAR", "commitment", "2"), (Text(commitment, "kind"), Text(commitment, "detail"), Text(commitment, "number")));
    }

    [Fact]
    public async Task Stop_waiver_and_emergency_raise_an_alert_once_each()
    {
        var aid = await new Aid(api, "alert safeguards").SetUpAsync();
        var cast = aid.Cast;
        var program = Aid.Text(aid.Program);
        using var client = await SocketClient.OpenAsync(api, aid.Finance.Key);
        await client.SubscribeAsync("1", Live, new { after = "0" });
        var terms = TermsJson.Preset("voucher")!.Replace(
            "{ \"rule\": \"itemReceipt\" }", "{ \"rule\": \"itemReceipt\" }, { \"rule\": \"breakGlass\", \"maximumMinor\": 5000, \"seconds\": 86400 }", StringComparison.Ordinal);
        await aid.AmendAsync(terms);
        await cast.SignedAsync(aid.Administrator, "stopProgram", cast.Input(("programId", program), ("area", "north"), ("reason", "INSECURITY")));
        await cast.SignedAsync(aid.Administrator, "proposeSeparationWaiver", cast.Input(
            ("programId", program), ("reason", "Two people are left."), ("from", Days(0)), ("until", Days(2)), ("threshold", 2),
            ("memberIds", new[] { Aid.Text(aid.Administrator.Member), Aid.Text(aid.Approver.Member) })));
        await cast.SignedAsync(aid.Approver, "approveSeparationWaiver", cast.Input(("programId", program)));
        await cast.SignedAsync(aid.Administrator, "stopProgram", cast.Input(("programId", program), ("reason", "SUSPECTED_FRAUD")));
        var auditor = await cast.MemberAsync(aid.Administrator, "AUDITOR");
        var emergency = Text((await cast.SignedAsync(auditor, "breakGlass", cast.Input(
            ("programId", program), ("subjectId", Aid.Text(aid.Grant)), ("role", "FINANCE"), ("until", Days(1)), ("reason", "Nobody else is there.")),
            "emergency { id }")).GetProperty("emergency"), "id");
        await cast.SignedAsync(aid.Administrator, "reviewEmergency", cast.Input(("emergencyId", emergency), ("justified", true), ("review", "It was.")));

        // What goes on and is stopped again is told again, and is the last: whatever else is raised comes before it.
        var manager = await cast.MemberAsync(aid.Administrator, "PROGRAM_MANAGER");
        foreach (var one in new[] { aid.Administrator, manager })
        {
            await cast.SignedAsync(one, "resumeProgram", cast.Input(("programId", program), ("area", "north")));
        }

        await cast.SignedAsync(aid.Administrator, "stopProgram", cast.Input(("programId", program), ("area", "north"), ("reason", "INSECURITY")));
        string[] expected =
        [
            $"STOPPED {program} INSECURITY", $"SEPARATION_WAIVED {program} proposed", $"SEPARATION_WAIVED {program} approved", $"STOPPED {program} SUSPECTED_FRAUD",
            $"EMERGENCY {emergency} FINANCE", $"STOPPED {program} INSECURITY",
        ];
        foreach (var one in expected)
        {
            var alert = (await client.EventAsync("1")).GetProperty("alerts");
            Assert.Equal(one, $"{Text(alert, "kind")} {Text(alert, "subjectId")} {Text(alert, "detail")}");
        }
    }

    [Fact]
    public async Task Alerts_are_ones_own_organisations()
    {
        var aid = await new Aid(api, "alert rights").SetUpAsync();
        var log = api.Services.GetRequiredService<AlertLog>();
        await log.RaiseAsync(aid.Administrator.Organisation, AlertKind.ProjectionLag, Id.None, "5", "rights test");
        await log.RaiseAsync(aid.Administrator.Organisation, AlertKind.ProjectionLag, Id.None, "5", "rights test");
        async Task<string> SeenAsync(Actor actor) => (await api.QueryAsync(actor.Key, "{ alerts(first: 100) { nodes { detail } } }")).GetProperty("alerts").GetRawText();
        Assert.Equal("""{"nodes":[{"detail":"5"}]}""", await SeenAsync(aid.Finance));
        Assert.Equal("""{"nodes":[]}""", await SeenAsync(aid.Donor));
        Assert.Equal("null", await SeenAsync(aid.Agent));
    }

    [Fact]
    public async Task Numbers_have_no_gap_when_many_raise_at_once_and_the_oldest_are_forgotten()
    {
        var log = api.Services.GetRequiredService<AlertLog>();
        var (organisation, crowded) = (Founding.IdOf("alert numbers"), Founding.IdOf("alert numbers crowded"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(index => RaiseAsync(organisation, index)));
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (ulong)number), (await log.AfterAsync(organisation, 0, 100)).Select(alert => alert.Number));

        await RaiseAsync(crowded, 1);
        var head = (await api.Files.Side.FindAsync("alert-head", crowded.ToString()))!;
        await api.Files.Side.PutAsync(head with { Json = Cast.Text(AlertLog.Kept) });
        await RaiseAsync(crowded, 2);
        Assert.Equal(AlertLog.Kept + 1ul, Assert.Single(await log.AfterAsync(crowded, 0, 100)).Number);

        Task RaiseAsync(Id of, int cause) => log.RaiseAsync(of, AlertKind.LimitNear, Id.None, "x", cause.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Pays so many households, of which earlier lists of the same test have named the first.</summary>
    private static async Task<string> CompletedAsync(Aid aid, int rows)
    {
        var list = await aid.ListAsync(rows);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, rows, inPerson: false);
        await aid.UntilAsync(disbursement, "COMPLETED");
        return disbursement;
    }

    private static string Days(int days) => TimeProvider.System.GetUtcNow().AddDays(days).AddMinutes(-1).ToString("O");

    private static async Task<JsonElement> UntilAsync(SocketClient client, string kind)
    {
        while (true)
        {
            var alert = (await client.EventAsync("1")).GetProperty("alerts");
            if (Text(alert, "kind") == kind)
            {
                return alert;
            }
        }
    }

    private static string? Text(JsonElement of, string name) => of.GetProperty(name).GetString();
}
