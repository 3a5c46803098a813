using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests;

/// <summary>What people hold in their hands over HTTP: how many approve, giving up, pausing and resuming; grants revised and closed.</summary>
public sealed class ControlTests(ApiServer api)
{
    [Fact]
    public async Task A_large_disbursement_waits_for_its_second_approver()
    {
        var aid = await new Aid(api, "two approvers").SetUpAsync();
        var cast = aid.Cast;
        var terms = (await api.QueryAsync(aid.Administrator.Key, "query($id: Id!) { program(id: $id) { terms } }", new { id = Aid.Text(aid.Program) }))
            .GetProperty("program").GetProperty("terms").GetString()!;
        var stricter = terms.Insert(terms.LastIndexOf(']'), """,{"rule":"approvalsByAmount","steps":[{"fromMinor":5000,"approvals":2}]}""");
        await aid.AmendAsync(stricter);
        var second = await cast.MemberAsync(aid.Administrator, "APPROVER");
        var disbursement = await DraftAsync(aid, 2);

        const string Fields = "disbursement { state approvedBy approvedBefore approvalsNeeded }";
        var first = (await cast.SignedAsync(aid.Approver, "approveDisbursement", cast.Input(("disbursementId", disbursement)), Fields)).GetProperty("disbursement");
        Assert.Equal(("PARTLY_APPROVED", 2), (first.GetProperty("state").GetString(), first.GetProperty("approvalsNeeded").GetInt32()));
        ApiServer.Refused(RefusalCode.RolesIncompatible, await api.SignAsync(aid.Approver.Key, aid.Approver.Signer, "approveDisbursement", cast.Input(("disbursementId", disbursement))));
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Releaser.Key, aid.Releaser.Signer, "releaseDisbursement", cast.Input(("disbursementId", disbursement))));

        var last = (await cast.SignedAsync(second, "approveDisbursement", cast.Input(("disbursementId", disbursement)), Fields)).GetProperty("disbursement");
        Assert.Equal("APPROVED", last.GetProperty("state").GetString());
        Assert.Equal(Aid.Text(aid.Approver.Member), Assert.Single(last.GetProperty("approvedBefore").EnumerateArray()).GetString());
        await cast.SignedAsync(aid.Releaser, "releaseDisbursement", cast.Input(("disbursementId", disbursement)));
        Assert.Equal("2", (await aid.UntilAsync(disbursement, "COMPLETED")).GetProperty("paidLines").GetString());
    }

    [Fact]
    public async Task What_is_given_up_is_not_released_be_it_a_draft_or_approved()
    {
        var aid = await new Aid(api, "given up").SetUpAsync();
        var cast = aid.Cast;
        var (draft, approved) = (await DraftAsync(aid, 1), await DraftAsync(aid, 2));
        await cast.SignedAsync(aid.Approver, "approveDisbursement", cast.Input(("disbursementId", approved)));
        foreach (var disbursement in new[] { draft, approved })
        {
            ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Finance.Key, "cancelDisbursement", cast.Input(("disbursementId", disbursement))));
            var given = await cast.DoneAsync(aid.Registrar, "cancelDisbursement", cast.Input(("disbursementId", disbursement)), "disbursement { state }");
            Assert.Equal("CANCELLED", given.GetProperty("disbursement").GetProperty("state").GetString());
        }

        ApiServer.Refused(RefusalCode.WrongState, await api.MutateAsync(aid.Registrar.Key, "validateDisbursement", cast.Input(("disbursementId", draft))));
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Approver.Key, aid.Approver.Signer, "approveDisbursement", cast.Input(("disbursementId", draft))));
        ApiServer.Refused(RefusalCode.WrongState, await api.SignAsync(aid.Releaser.Key, aid.Releaser.Signer, "releaseDisbursement", cast.Input(("disbursementId", approved))));
    }

    [Fact]
    public async Task A_paused_disbursement_delivers_nothing_until_it_is_resumed()
    {
        var aid = await new Aid(api, "paused").SetUpAsync();
        var cast = aid.Cast;
        var list = await aid.ListAsync(1);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var disbursement = await aid.ReleaseAsync(list, 0, 1, inPerson: true);
        var account = (await aid.AccountsAsync(list))[0];

        await cast.DoneAsync(aid.Approver, "pauseDisbursement", cast.Input(("disbursementId", disbursement)));
        ApiServer.Refused(RefusalCode.WrongState, await DeliverAsync(aid, disbursement, account, 1));
        ApiServer.Refused(RefusalCode.Forbidden, await api.MutateAsync(aid.Approver.Key, "resumeDisbursement", cast.Input(("disbursementId", disbursement))));
        await cast.DoneAsync(aid.Releaser, "resumeDisbursement", cast.Input(("disbursementId", disbursement)));
        ApiServer.Done(await DeliverAsync(aid, disbursement, account, 2));
    }

    [Fact]
    public async Task A_grant_is_revised_within_what_was_spent_and_bears_nothing_once_it_is_closed()
    {
        var aid = await new Aid(api, "revised").SetUpAsync();
        var (cast, grant) = (aid.Cast, Aid.Text(aid.Grant));
        await cast.DoneAsync(aid.Finance, "recordCost", cast.Input(("grantId", grant), ("budgetLine", "staff"), ("amount", Cast.Money(20_000))));
        object Lines(string code, long limit) => new[] { new { code, limit = Cast.Money(limit) } };
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(aid.Finance.Key, "reviseGrant", cast.Input(("grantId", grant), ("budgetLines", Lines("staff", 19_999)))));
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(aid.Finance.Key, "reviseGrant", cast.Input(("grantId", grant), ("budgetLines", Lines("transport", 50_000)))));
        ApiServer.Refused(RefusalCode.InvalidInput, await api.MutateAsync(aid.Finance.Key, "reviseGrant", cast.Input(("grantId", grant), ("commitment", Cast.Money(499_999)))));
        var revised = (await cast.DoneAsync(
            aid.Finance, "reviseGrant", cast.Input(("grantId", grant), ("commitment", Cast.Money(600_000)), ("budgetLines", Lines("staff", 20_000)), ("earmark", "north")),
            "grant { commitment { amountMinor } earmark budgetLines { code limit { amountMinor } spent { amountMinor } } }")).GetProperty("grant");
        Assert.Equal(("600000", "north"), (revised.GetProperty("commitment").GetProperty("amountMinor").GetString(), revised.GetProperty("earmark").GetString()));
        Assert.Equal("20000", Assert.Single(revised.GetProperty("budgetLines").EnumerateArray()).GetProperty("spent").GetProperty("amountMinor").GetString());

        await cast.DoneAsync(aid.Finance, "closeGrant", cast.Input(("grantId", grant)));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(aid.Finance.Key, "recordReceipt", cast.Input(("grantId", grant), ("amount", Cast.Money(1)))));
        await cast.DoneAsync(aid.Finance, "returnGrant", cast.Input(("grantId", grant), ("amount", Cast.Money(480_000))));
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private Task<JsonElement> DeliverAsync(Aid aid, string disbursement, string account, int counter) => api.SignAsync(
        aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary",
        aid.Cast.Input(
            ("deviceId", Aid.Text(aid.Device)), ("disbursementId", disbursement), ("accountId", account), ("amount", Cast.Money(2_500)),
            ("occurredAt", Cast.Text(Now)), ("deadline", Cast.Text(Now + 600_000)), ("counter", Cast.Text(counter))));

    private static async Task<string> DraftAsync(Aid aid, int rows)
    {
        var cast = aid.Cast;
        var list = await aid.ListAsync(rows);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var drafted = await cast.DoneAsync(
            aid.Registrar, "createDisbursement",
            cast.Input(
                ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("period", "2026-11"), ("assistanceKind", "food"),
                ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(rows * 2_500L) } })), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        await cast.DoneAsync(aid.Registrar, "validateDisbursement", cast.Input(("disbursementId", id)));
        return id;
    }
}
