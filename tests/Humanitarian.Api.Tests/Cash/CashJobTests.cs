using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using MiniExcelLibs;

namespace Humanitarian.Api.Tests.Cash;

/// <summary>Cash through a provider, over HTTP alone: instruction files, reports of every kind, contradictions, recall, follow-up.</summary>
public sealed class CashJobTests(ApiServer api)
{
    [Fact]
    public async Task Cash_runs_from_instruction_to_follow_up_and_its_trace_adds_up()
    {
        var job = await new CashJob(api, "cash job").StartAsync(rows: 6, recallAfterSeconds: 2_592_000);
        var (bytes, sha256) = await job.ExportAsync("SDP");
        Assert.Equal(sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        var references = Encoding.UTF8.GetString(bytes).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Split(',')[5]).ToArray();
        Assert.Equal(6, references.Length);

        // Two delivered, one in part, one failed; the rest is not known yet.
        var report = "ID,Amount,Status,ExternalPaymentID,StatusMessage\n"
            + $"1,25.00,SUCCESS,{references[0]},\n2,25.00,SUCCESS,{references[1]},\n3,10.00,SUCCESS,{references[2]},\n"
            + $"4,25.00,FAILED,{references[3]},Wallet closed\n5,25.00,PENDING,{references[4]},\n";
        var first = await job.SendAsync(report);
        Assert.Equal((4, 1, "6000", "4000"), (Int(first, "lines"), Int(first, "underWay"), Text(first, "deliveredMinor"), Text(first, "failedMinor")));
        var reportId = Text(first, "reportId");
        ApiServer.Refused(RefusalCode.RolesIncompatible, await job.ReconcileAsync(job.Both, reportId));
        ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, reportId));
        ApiServer.Refused(RefusalCode.AlreadyReconciled, await job.ReconcileAsync(job.Aid.Finance, reportId));

        // Later the failed one is said to be delivered after all: a person decides.
        var late = await job.SendAsync($"reference;status\n{references[3]};DELIVERED\n".Replace("reference;", "referenceId;", StringComparison.Ordinal));
        Assert.Equal(1, Int(late, "contradicting"));
        ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, Text(late, "reportId")));
        var contradiction = Assert.Single((await job.AskAsync("contradictions(disbursementId: $id) { id state }")).EnumerateArray());
        ApiServer.Done(await api.SignAsync(
            job.Aid.Finance.Key, job.Aid.Finance.Signer, "decideContradiction",
            job.Aid.Cast.Input(("contradictionId", contradiction.GetProperty("id").GetString()), ("accept", false), ("reason", "NO_RECEIPT"))));

        // What is left of the two goes to a follow-up, which takes what they claimed.
        var list = await job.Aid.Cast.DoneAsync(job.Aid.Registrar, "createFollowUpList", job.Aid.Cast.Input(("disbursementId", job.Disbursement)), "listId rows");
        Assert.Equal("2", list.GetProperty("rows").GetString());
        var followUp = await job.ReleaseAsync(list.GetProperty("listId").GetString()!, 0, 2, 4_000, job.Disbursement);
        await job.InstructedAsync(followUp, 2);
        Assert.Equal(
            """[{"state":"INSTRUCTED","lines":"2"},{"state":"DELIVERED","lines":"2"},{"state":"PARTLY_DELIVERED","lines":"1"},{"state":"FAILED","lines":"1"}]""",
            (await job.AskAsync("cashLineCounts(disbursementId: $id) { state lines }")).ToString());
        ApiServer.Done(await api.MutateAsync(
            job.Aid.Finance.Key, "recordProviderFee",
            job.Aid.Cast.Input(("grantId", Aid.Text(job.Grant)), ("disbursementId", job.Disbursement), ("budgetLine", "fees"), ("amount", Cast.Money(120)))));
        await job.CheckTraceAsync(delivered: 6_000, instructed: 5_000 + 4_000, fees: 120);
    }

    [Fact]
    public async Task A_line_that_a_report_contradicts_is_not_brought_again_before_a_person_has_decided()
    {
        var job = await new CashJob(api, "cash contradicted").StartAsync(rows: 2, recallAfterSeconds: 86_400);
        var references = await job.ReferencesAsync();
        await ReconciledAsync($"reference,status\n{references[0]},FAILED\n{references[1]},FAILED\n");
        var before = await FollowUpListAsync("2");

        // Both the list made before the late report and one made after it leave the line out.
        await ReconciledAsync($"reference,status\n{references[0]},DELIVERED\n");
        await FollowUpListAsync("1");
        var followUp = await job.ReleaseAsync(before, 0, 2, 5_000, job.Disbursement);
        await job.InstructedAsync(followUp, 1);
        Assert.Equal("""[{"code":"CONTRADICTED","lines":"1"}]""", (await job.AskAsync("disbursement(id: $id) { unpaid { code lines } }", followUp)).GetProperty("unpaid").ToString());

        var contradiction = Assert.Single((await job.AskAsync("contradictions(disbursementId: $id) { id }")).EnumerateArray()).GetProperty("id").GetString();
        ApiServer.Done(await api.SignAsync(
            job.Aid.Finance.Key, job.Aid.Finance.Signer, "decideContradiction",
            job.Aid.Cast.Input(("contradictionId", contradiction), ("accept", true), ("reason", "BANK_STATEMENT"))));
        Assert.Equal(
            """[{"state":"DELIVERED","lines":"1"},{"state":"FAILED","lines":"1"}]""", (await job.AskAsync("cashLineCounts(disbursementId: $id) { state lines }")).ToString());
        await job.CheckTraceAsync(delivered: 2_500, instructed: 2_500, fees: 0);

        async Task ReconciledAsync(string report) =>
            ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, Text(await job.SendAsync(report), "reportId")));

        async Task<string> FollowUpListAsync(string rows)
        {
            var list = await job.Aid.Cast.DoneAsync(job.Aid.Registrar, "createFollowUpList", job.Aid.Cast.Input(("disbursementId", job.Disbursement)), "listId rows");
            Assert.Equal(rows, list.GetProperty("rows").GetString());
            return list.GetProperty("listId").GetString()!;
        }
    }

    [Fact]
    public async Task Hope_files_travel_both_ways_and_unclaimed_lines_are_recalled()
    {
        var job = await new CashJob(api, "cash hope").StartAsync(rows: 2, recallAfterSeconds: 3);
        var (bytes, _) = await job.ExportAsync("HOPE");
        var rows = MiniExcel.Query(new MemoryStream(bytes), useHeaderRow: true).Cast<IDictionary<string, object?>>().ToArray();
        Assert.Equal(2, rows.Length);
        Assert.Equal(25m, Convert.ToDecimal(rows[0]["entitlement_quantity"], CultureInfo.InvariantCulture));
        rows[0]["delivered_quantity"] = 25;
        rows[0]["status"] = "Distribution Successful";
        using var file = new MemoryStream();
        await MiniExcel.SaveAsAsync(file, rows.Take(1), cancellationToken: TestContext.Current.CancellationToken);
        var report = await job.SendAsync(file.ToArray());
        Assert.Equal(("Hope", "2500"), (Text(report, "format"), Text(report, "deliveredMinor")));
        ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, Text(report, "reportId")));
        await job.UntilAsync("""[{"state":"DELIVERED","lines":"1"},{"state":"RECALLED","lines":"1"}]""");
        await job.CheckTraceAsync(delivered: 2_500, instructed: 0, fees: 0);
    }

    [Fact]
    public async Task A_bad_report_is_refused_whole_with_every_error_and_line_or_its_good_lines_are_taken()
    {
        var job = await new CashJob(api, "cash bad").StartAsync(rows: 3, recallAfterSeconds: 86_400);
        var references = await job.ReferencesAsync();
        var bad = "reference,amount,currency,status,reason\n"
            + $"{references[0]},25.00,KES,DELIVERED,\n{references[0]},25.00,KES,DELIVERED,\n{references[1]},25.01,KES,DELIVERED,\n{references[1]},25.00,KES,GONE,\n"
            + $"{references[2]},25.00,USD,DELIVERED,\n00000000000000000000000000000001,25.00,KES,DELIVERED,\n=1+1,1,KES,DELIVERED,\n";
        var refused = await job.SendAsync(bad, HttpStatusCode.UnprocessableEntity);
        Assert.Equal(
            [
                (3L, "REFERENCE_REPEATED"), (4, "AMOUNT_ABOVE_INSTRUCTED"), (5, "REFERENCE_REPEATED"), (6, "CURRENCY_MISMATCH"), (7, "REFERENCE_UNKNOWN"),
                (8, "REFERENCE_UNKNOWN"),
            ],
            refused.GetProperty("errors").EnumerateArray().Select(error => (error.GetProperty("line").GetInt64(), error.GetProperty("code").GetString()!)));
        var taken = await job.SendAsync(bad, HttpStatusCode.OK, "?onErrors=accept");
        ApiServer.Done(await job.ReconcileAsync(job.Aid.Finance, Text(taken, "reportId")));
        Assert.Equal(
            """[{"state":"INSTRUCTED","lines":"2"},{"state":"DELIVERED","lines":"1"}]""",
            (await job.AskAsync("cashLineCounts(disbursementId: $id) { state lines }")).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a,b\n1,2\n")]
    [InlineData("reference,status\n")]
    [InlineData("reference,status\n\"open")]
    [InlineData("PK\u0003\u0004 no archive")]
    public async Task A_file_that_is_no_report_is_refused(string text)
    {
        var job = await new CashJob(api, $"cash none {text.Length} {text.GetHashCode(StringComparison.Ordinal)}").StartAsync(rows: 1, recallAfterSeconds: 86_400);
        Assert.Equal(RefusalCode.ListHasErrors, Text(await job.SendAsync(text, HttpStatusCode.UnprocessableEntity), "code"));
        Assert.Equal(RefusalCode.ListHasErrors, Text(await job.SendAsync([0xff, 0xfe, 0, 1, 2], HttpStatusCode.UnprocessableEntity), "code"));
    }

    [Fact]
    public async Task Files_and_reports_are_the_organisations_alone()
    {
        var job = await new CashJob(api, "cash mine").StartAsync(rows: 1, recallAfterSeconds: 86_400);
        var stranger = await new Aid(api, "cash stranger").SetUpAsync();
        using var file = await api.SendAsync(stranger.Releaser.Key, HttpMethod.Get, await job.PathAsync("OWN"));
        Assert.Equal(HttpStatusCode.NotFound, file.StatusCode);
        using var report = await api.SendAsync(stranger.Finance.Key, HttpMethod.Post, $"/disbursements/{job.Disbursement}/reports", new StringContent("reference,status\n"));
        Assert.Equal(HttpStatusCode.NotFound, report.StatusCode);
        var seen = await api.QueryAsync(stranger.Finance.Key, "query($id: Id!) { seen: cashLines(disbursementId: $id, first: 10) { nodes { id } } }", new { id = job.Disbursement });
        Assert.Equal(JsonValueKind.Null, seen.GetProperty("seen").ValueKind);
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(
            job.Aid.Finance.Key, "exportInstructions", job.Aid.Cast.Input(("disbursementId", job.Disbursement), ("format", "SDP"))));
    }

    private static long Int(JsonElement answer, string name) => answer.GetProperty(name).GetInt64();

    private static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString()!;
}
