using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Cash;

/// <summary>Payments on top in cash, over HTTP alone: after the provider's report, up to 50.00 in sum, and what fails of them once more.</summary>
public sealed class OnTopTests(ApiServer api)
{
    [Theory]
    [InlineData("TOP_UP")]
    [InlineData("INSTALMENT")]
    [InlineData("RETROACTIVE")]
    public async Task What_comes_on_top_waits_for_the_report_stays_within_the_entitlement_and_is_followed_up_once(string purpose)
    {
        var name = $"cash on top {purpose}";
        var job = await new CashJob(api, name).StartAsync(rows: 3, recallAfterSeconds: 86_400, entitlementMinor: 5_000);

        // The first goes up to the entitlement, the second one cent beyond it, and of the third nothing is known yet.
        var list = await ListAsync(job, name, "household_id,size,amount\n{0}-0,4,25.00\n{0}-1,4,25.01\n{0}-2,4,25.00\n");
        var accounts = await job.Aid.AccountsAsync(list);
        var first = (await job.AskAsync("cashLines(disbursementId: $id, first: 10) { nodes { id accountId } }")).GetProperty("nodes").EnumerateArray()
            .ToDictionary(line => Text(line, "accountId"), line => Text(line, "id"));
        await ReconciledAsync(job, job.Disbursement, $"reference,status\n{first[accounts[0]]},DELIVERED\n{first[accounts[1]]},DELIVERED\n");
        var onTop = await job.ReleaseAsync(list, 0, 3, 7_501, job.Disbursement, purpose);
        await job.InstructedAsync(onTop, 1);
        Assert.Equal([(RefusalCode.EntitlementExceeded, "1"), (RefusalCode.NotYetAssisted, "1")], await UnpaidAsync(job, onTop, 2));
        await job.CheckTraceAsync(delivered: 5_000, instructed: 5_000, fees: 0);

        // What fails of it is brought by one follow-up; a second from the same list finds it taken.
        var failed = Assert.Single(await job.ReferencesAsync(onTop));
        await ReconciledAsync(job, onTop, $"reference,status,reason\n{failed},FAILED,Wallet closed\n");
        var again = await job.Aid.Cast.DoneAsync(job.Aid.Registrar, "createFollowUpList", job.Aid.Cast.Input(("disbursementId", onTop)), "listId rows");
        Assert.Equal("1", again.GetProperty("rows").GetString());
        var followUpList = again.GetProperty("listId").GetString()!;
        var followUp = await job.ReleaseAsync(followUpList, 0, 1, 2_500, onTop);
        await job.InstructedAsync(followUp, 1);
        var second = await job.ReleaseAsync(followUpList, 0, 1, 2_500, onTop);
        Assert.Equal([(RefusalCode.AlreadyAssisted, "1")], await UnpaidAsync(job, second, 1));
        ApiServer.Refused(RefusalCode.WrongState, await api.MutateAsync(
            job.Aid.Registrar.Key, "createFollowUpList", job.Aid.Cast.Input(("disbursementId", onTop)), "listId rows"));

        // Once it is delivered nothing more fits on top, and the chain is found from its beginning.
        await ReconciledAsync(job, followUp, $"reference,status\n{Assert.Single(await job.ReferencesAsync(followUp))},DELIVERED\n");
        var full = await job.ReleaseAsync(await ListAsync(job, name, "household_id,size,amount\n{0}-0,4,0.01\n"), 0, 1, 1, job.Disbursement, purpose);
        Assert.Equal([(RefusalCode.EntitlementExceeded, "1")], await UnpaidAsync(job, full, 1));
        await job.CheckTraceAsync(delivered: 7_500, instructed: 2_500, fees: 0);
    }

    private static async Task ReconciledAsync(CashJob job, string disbursement, string report) => ApiServer.Done(
        await job.ReconcileAsync(job.Aid.Finance, (await job.SendAsync(report, disbursement: disbursement)).GetProperty("reportId").GetString()!));

    private static async Task<string> ListAsync(CashJob job, string name, string rows)
    {
        var (_, answer) = await job.Aid.UploadAsync(job.Aid.Registrar, rows.Replace("{0}", name, StringComparison.Ordinal));
        return answer.GetProperty("listId").GetString()!;
    }

    /// <summary>How many lines were not instructed and why, once there are so many; fails after a minute.</summary>
    private static async Task<(string, string)[]> UnpaidAsync(CashJob job, string disbursement, int lines)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            var unpaid = (await job.AskAsync("disbursement(id: $id) { unpaid { code lines } }", disbursement)).GetProperty("unpaid").EnumerateArray().ToArray();
            if (unpaid.Sum(code => int.Parse(Text(code, "lines"), System.Globalization.CultureInfo.InvariantCulture)) >= lines)
            {
                return [.. unpaid.Select(code => (Text(code, "code"), Text(code, "lines")))];
            }

            await tick.WaitForNextTickAsync(limit.Token);
        }
    }

    private static string Text(JsonElement answer, string name) => answer.GetProperty(name).GetString()!;
}
