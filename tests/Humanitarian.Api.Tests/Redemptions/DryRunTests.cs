using System.Text.Json;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Redemptions;

/// <summary>Rehearsals tell what would come of a payment, and leave nothing behind.</summary>
public sealed class DryRunTests(ApiServer api)
{
    [Fact]
    public async Task Rehearsed_payment_is_told_what_the_real_one_is_and_moves_nothing()
    {
        var (aid, accounts) = await VouchersAsync(api, "dry", 1);
        var input = Redemption(aid, accounts[0], 2_000);
        for (var repetition = 0; repetition < 3; repetition++)
        {
            await RehearsedAsync(aid.Till, "redeemVoucher", input);
        }

        // The vouchers are worth 2,500: neither a rehearsal nor its reservation used any of it up.
        ApiServer.Refused(RefusalCode.InsufficientFunds, await DryAsync(aid.Till, "redeemVoucher", Redemption(aid, accounts[0], 2_501)));
        Assert.Equal((2_500, 0), await HasAsync(aid, accounts[0]));

        // The same key does it once, and a rehearsal after it is told that.
        var done = ApiServer.Done(await api.MutateAsync(aid.Till.Key, "redeemVoucher", input));
        var again = ApiServer.Done(await DryAsync(aid.Till, "redeemVoucher", input));
        Assert.True(again.GetProperty("replayed").GetBoolean());
        Assert.Equal(done.GetProperty("transaction").ToString(), again.GetProperty("transaction").ToString());
        Assert.Equal((500, 0), await HasAsync(aid, accounts[0]));
        ApiServer.Refused(RefusalCode.InsufficientFunds, await DryAsync(aid.Till, "redeemVoucher", Redemption(aid, accounts[0], 501)));
    }

    [Fact]
    public async Task Signed_decision_is_rehearsed_without_its_signature()
    {
        var aid = await new Aid(api, "dry signed").SetUpAsync();
        var list = await aid.ListAsync(2);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var drafted = await aid.Cast.DoneAsync(
            aid.Registrar, "createDisbursement",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("listId", list), ("inPerson", false), ("grants", new[] { new { grantId = Aid.Text(aid.Grant), amount = Cast.Money(5_000) } }),
                ("period", "2026-11"), ("assistanceKind", "food")), "disbursement { id }");
        var id = drafted.GetProperty("disbursement").GetProperty("id").GetString()!;
        await aid.Cast.DoneAsync(aid.Registrar, "validateDisbursement", aid.Cast.Input(("disbursementId", id)));
        ApiServer.Refused(RefusalCode.WrongState, await DryAsync(aid.Releaser, "releaseDisbursement", aid.Cast.Input(("disbursementId", id))));
        await aid.Cast.SignedAsync(aid.Approver, "approveDisbursement", aid.Cast.Input(("disbursementId", id)));
        await RehearsedAsync(aid.Releaser, "releaseDisbursement", aid.Cast.Input(("disbursementId", id)));
        var seen = await api.QueryAsync(aid.Registrar.Key, "query($id: Id!) { disbursement(id: $id) { state } }", new { id });
        Assert.Equal("APPROVED", seen.GetProperty("disbursement").GetProperty("state").GetString());
    }

    [Fact]
    public async Task Money_in_and_out_is_rehearsed_too()
    {
        var aid = await new Aid(api, "dry money").SetUpAsync();
        Dictionary<string, object?> Of(long amountMinor) => aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(amountMinor)));
        await RehearsedAsync(aid.Finance, "recordReceipt", Of(500_000));
        ApiServer.Refused(RefusalCode.BudgetExceeded, await DryAsync(aid.Finance, "recordReceipt", Of(500_001)));
        await RehearsedAsync(aid.Finance, "returnGrant", Of(500_000));
        ApiServer.Refused(RefusalCode.UnitMismatch, await DryAsync(aid.Finance, "returnGrant", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1, "USD")))));
        var received = (await api.QueryAsync(aid.Finance.Key, "query($id: Id!) { grant(id: $id) { received { amountMinor } } }", new { id = Aid.Text(aid.Grant) })).GetProperty("grant");
        Assert.Equal("500000", received.GetProperty("received").GetProperty("amountMinor").GetString());
    }

    [Fact]
    public void Whatever_moves_money_can_be_rehearsed_and_nothing_else()
    {
        string[] rehearsed =
        [
            "acceptPayment", "approveSettlement", "approveSuccession", "closeProgram", "completeDisbursement", "convertGrant", "convertOut", "creditBeneficiary", "decideContradiction", "decideDeliveryException", "deposit", "leaveProgram",
            "offerPayment", "rechargeCost", "recordCost", "recordProviderFee", "recordReceipt", "recoverOvercharge", "redeemVoucher", "refundRedemption", "releaseDisbursement", "releasePayment", "releaseSettlement", "returnGrant", "returnPayout", "settleVendor", "transfer",
        ];
        var schema = api.Services.GetRequiredService<ApiSchema>();
        schema.Initialize();
        Assert.Equal(
            rehearsed,
            schema.Mutation!.Fields.Where(field => ((IInputObjectGraphType)((NonNullGraphType)field.Arguments![0].ResolvedType!).ResolvedType!).Fields.Find("dryRun") is not null)
                .Select(field => field.Name).Order(StringComparer.Ordinal));
    }

    internal static Dictionary<string, object?> Redemption(Aid aid, string beneficiary, long amountMinor) => aid.Cast.Input(
        ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", beneficiary), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(amountMinor)),
        ("categories", new[] { "food" }), ("receiptHash", $"0x{new string('1', 64)}"));

    /// <summary>A program with people who each have a voucher of 25.00.</summary>
    internal static async Task<(Aid Aid, string[] Accounts)> VouchersAsync(ApiServer api, string name, int people)
    {
        var aid = await new Aid(api, name).SetUpAsync();
        var list = await aid.ListAsync(people);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, people, inPerson: false), "COMPLETED");
        return (aid, await aid.AccountsAsync(list));
    }

    private Task<JsonElement> DryAsync(Actor actor, string mutation, Dictionary<string, object?> input) =>
        api.MutateAsync(actor.Key, mutation, new Dictionary<string, object?>(input) { ["dryRun"] = true }, "wouldBeDone");

    private async Task RehearsedAsync(Actor actor, string mutation, Dictionary<string, object?> input)
    {
        var payload = ApiServer.Done(await DryAsync(actor, mutation, input));
        Assert.Equal((true, false), (payload.GetProperty("wouldBeDone").GetBoolean(), payload.GetProperty("replayed").GetBoolean()));
        Assert.Equal(JsonValueKind.Null, payload.GetProperty("transaction").ValueKind);
    }

    private async Task<(long Available, long Held)> HasAsync(Aid aid, string account)
    {
        var balance = (await api.QueryAsync(
            aid.Finance.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } held { amountMinor } } } }", new { id = account }))
            .GetProperty("account").GetProperty("balances")[0];
        long Of(string part) => long.Parse(balance.GetProperty(part).GetProperty("amountMinor").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        return (Of("available"), Of("held"));
    }
}
