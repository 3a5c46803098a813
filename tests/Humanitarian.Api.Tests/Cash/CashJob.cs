using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Api.Tests.Cash;

/// <summary>A cash program with its provider and one released list, made over the API.</summary>
internal sealed class CashJob(ApiServer api, string name)
{
    private TimeSpan patience = TimeSpan.FromMinutes(1);
    private Id program;
    private Id provider;

    public Aid Aid { get; } = new(api, name);

    public Id Grant { get; private set; }

    /// <summary>The provider's float account.</summary>
    public Id Provider => provider;

    public string Disbursement { get; private set; } = "";

    /// <summary>The member who released, with finance too.</summary>
    public Actor Both { get; private set; } = null!;

    public async Task<CashJob> StartAsync(int rows, long recallAfterSeconds, long entitlementMinor = 10_000_000)
    {
        await Aid.SetUpAsync();
        var cast = Aid.Cast;
        Both = await cast.MemberAsync(Aid.Administrator, "RELEASER", "FINANCE");
        var fsp = await cast.OrganisationAsync("FINANCIAL_SERVICE_PROVIDER", "ADMINISTRATOR");
        provider = Cast.Id(await cast.DoneAsync(fsp, "openAccount", cast.Input(("kind", "FLOAT")), "account { id }"), "account");
        var terms = JsonNode.Parse(TermsJson.Preset("cash")!)!;
        JsonNode Rule(string named) => terms["rules"]!.AsArray().Single(rule => (string?)rule!["rule"] == named)!;
        Rule("recallUnclaimed")["seconds"] = recallAfterSeconds;
        Rule("entitlementPerPeriod")["maximumMinor"] = entitlementMinor;

        program = Cast.Id(
            await cast.SignedAsync(Aid.Administrator, "createProgram", cast.Input(("name", name), ("unit", "KES"), ("terms", terms.ToJsonString())), "program { id }"), "program");
        var funds = Math.Max(50_000, rows * 2_500L);
        Grant = Cast.Id(
            await cast.DoneAsync(Aid.Administrator, "createGrant", cast.Input(
                ("programId", Aid.Text(program)), ("donorId", Aid.Text(Aid.Donor.Organisation)), ("commitment", Cast.Money(funds * 2)), ("eligibleFrom", "2020-01-01T00:00:00Z"),
                ("eligibleUntil", "2120-01-01T00:00:00Z"), ("budgetLines", new[] { new { code = "fees", limit = Cast.Money(500) } })), "grant { id }"),
            "grant");
        await cast.DoneAsync(Aid.Finance, "recordReceipt", cast.Input(("grantId", Aid.Text(Grant)), ("amount", Cast.Money(funds))));
        var list = await Aid.ListAsync(rows);
        patience = TimeSpan.FromMinutes(1 + (rows / 20_000));
        await cast.DoneAsync(Aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(program)), ("listId", list)));
        Disbursement = await ReleaseAsync(list, 0, rows, rows * 2_500L, null);
        await InstructedAsync(Disbursement, rows);
        return this;
    }

    public async Task<string> ReleaseAsync(string list, long first, long rows, long totalMinor, string? followsUp, string purpose = "REGULAR")
    {
        var cast = Aid.Cast;
        var drafted = await cast.DoneAsync(
            Aid.Registrar, "createDisbursement",
            cast.Input(
                ("programId", Aid.Text(program)), ("listId", list), ("firstRow", Cast.Text(first)), ("rows", Cast.Text(rows)), ("inPerson", false),
                ("grants", new[] { new { grantId = Aid.Text(Grant), amount = Cast.Money(totalMinor) } }), ("period", "2026-11"), ("assistanceKind", "cash"), ("purpose", purpose),
                ("cash", new { floatAccountId = Aid.Text(provider), followsUpId = followsUp })), "disbursement { id floatAccountId followsUpId }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        await cast.DoneAsync(Aid.Registrar, "validateDisbursement", cast.Input(("disbursementId", id)));
        await cast.SignedAsync(Aid.Approver, "approveDisbursement", cast.Input(("disbursementId", id)));
        await cast.SignedAsync(Both, "releaseDisbursement", cast.Input(("disbursementId", id)));
        return id;
    }

    public Task InstructedAsync(string disbursement, int lines) =>
        UntilAsync($$"""[{"state":"INSTRUCTED","lines":"{{lines}}"}]""", disbursement);

    /// <summary>Waits until the lines' counts are these, by asking; fails after a minute, later for a long list.</summary>
    public async Task UntilAsync(string counts, string? disbursement = null)
    {
        using var limit = new CancellationTokenSource(patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await tick.WaitForNextTickAsync(limit.Token))
        {
            if ((await AskAsync("cashLineCounts(disbursementId: $id) { state lines }", disbursement)).ToString() == counts)
            {
                return;
            }
        }
    }

    public async Task<JsonElement> AskAsync(string field, string? disbursement = null) =>
        (await api.QueryAsync(Aid.Registrar.Key, $"query($id: Id!) {{ asked: {field} }}", new { id = disbursement ?? Disbursement })).GetProperty("asked");

    public async Task<string[]> ReferencesAsync(string? disbursement = null) =>
        [.. (await AskAsync("cashLines(disbursementId: $id, first: 100) { nodes { id } }", disbursement)).GetProperty("nodes").EnumerateArray().Select(line => line.GetProperty("id").GetString()!)];

    public async Task<string> PathAsync(string format) =>
        (await Aid.Cast.DoneAsync(Both, "exportInstructions", Aid.Cast.Input(("disbursementId", Disbursement), ("format", format)), "file { path }"))
            .GetProperty("file").GetProperty("path").GetString()!;

    /// <summary>An instruction file as it leaves, and the hash that the ledger holds of it.</summary>
    public async Task<(byte[] Bytes, string Sha256)> ExportAsync(string format)
    {
        var file = (await Aid.Cast.DoneAsync(
            Both, "exportInstructions", Aid.Cast.Input(("disbursementId", Disbursement), ("format", format)), "file { path sha256 lines }")).GetProperty("file");
        using var response = await api.SendAsync(Both.Key, HttpMethod.Get, file.GetProperty("path").GetString()!);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await response.Content.ReadAsByteArrayAsync(), file.GetProperty("sha256").GetString()![2..]);
    }

    public Task<JsonElement> SendAsync(string report, HttpStatusCode expected = HttpStatusCode.OK, string parameters = "", string? disbursement = null) =>
        SendAsync(new ByteArrayContent(Encoding.UTF8.GetBytes(report)), expected, parameters, disbursement);

    public Task<JsonElement> SendAsync(byte[] report, HttpStatusCode expected = HttpStatusCode.OK, string parameters = "") =>
        SendAsync(new ByteArrayContent(report), expected, parameters);

    public async Task<JsonElement> SendAsync(HttpContent report, HttpStatusCode expected = HttpStatusCode.OK, string parameters = "", string? disbursement = null)
    {
        using var response = await api.SendAsync(Aid.Finance.Key, HttpMethod.Post, $"/disbursements/{disbursement ?? Disbursement}/reports{parameters}", report);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>();
        Assert.True(response.StatusCode == expected, answer.ToString());
        return answer;
    }

    public Task<JsonElement> ReconcileAsync(Actor actor, string report) =>
        api.SignAsync(actor.Key, actor.Signer, "reconcileCash", Aid.Cast.Input(("reportId", report)), "reconciliation { recordedLines }");

    public async Task CheckTraceAsync(long delivered, long instructed, long fees)
    {
        const string Fields = "donated { amountMinor } unspent { amountMinor } disbursed { amountMinor } expired { amountMinor } instructed { amountMinor } "
            + "delivered { amountMinor } costs { amountMinor } fees { amountMinor } returned { amountMinor }";
        var trace = (await api.QueryAsync(Aid.Finance.Key, $"query($id: Id!) {{ donationTrace(grantId: $id) {{ {Fields} }} }}", new { id = Aid.Text(Grant) })).GetProperty("donationTrace");
        long Of(string part) => long.Parse(trace.GetProperty(part).GetProperty("amountMinor").GetString()!, CultureInfo.InvariantCulture);
        Assert.Equal((delivered, instructed, fees), (Of("delivered"), Of("instructed"), Of("fees")));
        Assert.Equal(
            Of("donated"),
            Of("unspent") + Of("disbursed") - Of("expired") + Of("instructed") + Of("delivered") + Of("costs") + Of("fees") + Of("returned"));
    }
}
