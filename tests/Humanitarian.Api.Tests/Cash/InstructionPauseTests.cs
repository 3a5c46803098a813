using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Cash;

/// <summary>The instruction file of what does not go on is not served; it is again once that goes on.</summary>
public sealed class InstructionPauseTests(ApiServer api)
{
    [Fact]
    public async Task A_file_is_not_served_while_its_disbursement_pauses_or_its_program_is_stopped()
    {
        var job = await new CashJob(api, "instructions paused").StartAsync(1, 1_000_000);
        var (aid, cast) = (job.Aid, job.Aid.Cast);
        var path = await job.PathAsync("OWN");
        Assert.Equal((HttpStatusCode.OK, null), await GetAsync(aid, path));

        await cast.DoneAsync(aid.Approver, "pauseDisbursement", cast.Input(("disbursementId", job.Disbursement)));
        Assert.Equal((HttpStatusCode.Conflict, RefusalCode.WrongState), await GetAsync(aid, path));
        ApiServer.Refused(RefusalCode.WrongState, await api.MutateAsync(
            aid.Releaser.Key, "exportInstructions", cast.Input(("disbursementId", job.Disbursement), ("format", "OWN"))));
        await cast.DoneAsync(job.Both, "resumeDisbursement", cast.Input(("disbursementId", job.Disbursement)));
        Assert.Equal((HttpStatusCode.OK, null), await GetAsync(aid, path));

        await cast.SignedAsync(aid.Administrator, "stopProgram", cast.Input(("programId", await ProgramAsync(aid, job)), ("reason", "OTHER")));
        Assert.Equal((HttpStatusCode.Conflict, RefusalCode.ProgramStopped), await GetAsync(aid, path));
    }

    private async Task<(HttpStatusCode Status, string? Code)> GetAsync(Aid aid, string path)
    {
        using var response = await api.SendAsync(aid.Finance.Key, HttpMethod.Get, path);
        return (response.StatusCode, response.IsSuccessStatusCode ? null : (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    private async Task<string> ProgramAsync(Aid aid, CashJob job) =>
        (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { disbursement(id: $id) { programId } }", new { id = job.Disbursement })).GetProperty("disbursement").GetProperty("programId").GetString()!;
}
