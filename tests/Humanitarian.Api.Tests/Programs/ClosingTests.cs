using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Programs;

/// <summary>The end of a program, over HTTP.</summary>
public sealed class ClosingTests(ApiServer api)
{
    [Fact]
    public async Task Program_is_closed_once_nothing_is_open_and_its_money_goes_back_to_the_donor()
    {
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "closing", 1);
        var cast = aid.Cast;
        Assert.Equal([RefusalCode.BalancesOpen], await OpenAsync(aid));
        ApiServer.Refused(RefusalCode.BalancesOpen, await CloseAsync(aid));
        await cast.DoneAsync(aid.Till, "redeemVoucher", DryRunTests.Redemption(aid, accounts[0], 2_500));
        Assert.Equal([RefusalCode.SettlementsOpen], await OpenAsync(aid));
        ApiServer.Refused(RefusalCode.SettlementsOpen, await CloseAsync(aid));
        await SettleAsync(aid, 2_500);
        var list = await aid.ListAsync(1);
        var draft = await DraftAsync(aid, list);
        ApiServer.Refused(RefusalCode.DisbursementsOpen, await CloseAsync(aid));
        await cast.DoneAsync(aid.Registrar, "cancelDisbursement", cast.Input(("disbursementId", draft)));

        ApiServer.Refused(RefusalCode.Forbidden, await api.SignAsync(aid.Administrator.Key, aid.Administrator.Signer, "closeProgram", Program(aid)));
        ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync((await cast.OrganisationAsync("NGO", "FINANCE")).Key, "closeProgram", Program(aid)));
        ApiServer.Refused(RefusalCode.SignatureRequired, await api.MutateAsync(aid.Finance.Key, "closeProgram", Program(aid)));
        Assert.True((await api.MutateAsync(aid.Finance.Key, "closeProgram", new Dictionary<string, object?>(Program(aid)) { ["dryRun"] = true }, "wouldBeDone")).GetProperty("wouldBeDone").GetBoolean());
        Assert.False(ApiServer.Done(await CloseAsync(aid)).GetProperty("program").GetProperty("active").GetBoolean());

        Assert.False((await api.QueryAsync(aid.Donor.Key, "query($id: Id!) { program(id: $id) { active } }", new { id = Aid.Text(aid.Program) })).GetProperty("program").GetProperty("active").GetBoolean());
        foreach (var refused in await RefusedAsync(aid, list, accounts[0]))
        {
            ApiServer.Refused(RefusalCode.ProgramClosed, refused);
        }

        await cast.DoneAsync(aid.Finance, "returnGrant", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(497_500))));
        var trace = (await api.QueryAsync(
            aid.Finance.Key, "query($id: Id!) { donationTrace(grantId: $id) { unspent { amountMinor } settled { amountMinor } returned { amountMinor } } }", new { id = Aid.Text(aid.Grant) }))
            .GetProperty("donationTrace");
        Assert.Equal((0, 2_500, 497_500), (Of(trace, "unspent"), Of(trace, "settled"), Of(trace, "returned")));
    }

    private async Task<JsonElement[]> RefusedAsync(Aid aid, string list, string account)
    {
        var (cast, program) = (aid.Cast, Aid.Text(aid.Program));
        return
        [
            await CloseAsync(aid),
            await api.MutateAsync(aid.Finance.Key, "recordReceipt", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1)))),
            await api.MutateAsync(aid.Finance.Key, "recordCost", cast.Input(("grantId", Aid.Text(aid.Grant)), ("budgetLine", "staff"), ("amount", Cast.Money(1)))),
            await api.MutateAsync(aid.Registrar.Key, "enrolBeneficiaries", cast.Input(("programId", program), ("listId", list))),
            await api.MutateAsync(aid.Till.Key, "redeemVoucher", DryRunTests.Redemption(aid, account, 1)),
            await api.MutateAsync(aid.Administrator.Key, "accreditVendor", cast.Input(("programId", program), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("categories", new[] { "food" }))),
            await api.SignAsync(aid.Administrator.Key, aid.Administrator.Signer, "proposeTerms", cast.Input(("programId", program), ("preset", "voucher"))),
        ];
    }

    private async Task<string[]> OpenAsync(Aid aid) =>
        [.. (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { programStillOpen(programId: $id) { code count message } }", new { id = Aid.Text(aid.Program) }))
            .GetProperty("programStillOpen").EnumerateArray().Select(open => open.GetProperty("code").GetString()!)];

    private Task<JsonElement> CloseAsync(Aid aid) => api.SignAsync(aid.Finance.Key, aid.Finance.Signer, "closeProgram", Program(aid), "program { active }");

    private static Dictionary<string, object?> Program(Aid aid) => aid.Cast.Input(("programId", Aid.Text(aid.Program)));

    private static async Task SettleAsync(Aid aid, long amountMinor)
    {
        var asked = await aid.Cast.DoneAsync(
            aid.Till, "settleVendor",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(amountMinor)),
                ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "settlement { id }");
        await aid.Cast.SignedAsync(
            aid.Finance, "approveSettlement", aid.Cast.Input(("settlementId", asked.GetProperty("settlement").GetProperty("id").GetString()), ("amount", Cast.Money(amountMinor))));
    }

    /// <summary>An approved disbursement that nobody has released.</summary>
    private static async Task<string> DraftAsync(Aid aid, string list)
    {
        var drafted = await aid.Cast.DoneAsync(
            aid.Registrar, "createDisbursement",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(2_500) } }),
                ("period", "2026-12"), ("assistanceKind", "food")), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", id)));
        await aid.Cast.SignedAsync(aid.Approver, "approveDisbursement", aid.Cast.Input(("disbursementId", id)));
        return id;
    }

    private static long Of(JsonElement of, string part) => long.Parse(of.GetProperty(part).GetProperty("amountMinor").GetString()!, CultureInfo.InvariantCulture);
}
