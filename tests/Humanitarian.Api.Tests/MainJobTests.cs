using System.Security.Cryptography;
using System.Text.Json;
using Humanitarian.Api.Tests.Exports;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Chain.Proofs;
using Humanitarian.Domain;
using Humanitarian.Grains.Tests.Support;

namespace Humanitarian.Api.Tests;

/// <summary>What a client does from donation to settlement, over HTTP alone.</summary>
public sealed class MainJobTests(ApiServer api)
{
    [Fact]
    public async Task Voucher_program_runs_from_donation_to_settlement_over_the_api()
    {
        var aid = await new Aid(api, "main job").SetUpAsync();
        var cast = aid.Cast;
        var list = await aid.ListAsync(12);
        await cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        var accounts = await aid.AccountsAsync(list);

        var paid = await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 10, inPerson: false), "COMPLETED");
        Assert.Equal("""{"amountMinor":"25000","currency":"KES","exponent":2}""", paid.GetProperty("paid").ToString());
        var inPerson = await aid.ReleaseAsync(list, 10, 2, inPerson: true);
        var delivered = await DeliverAsync(aid, inPerson, accounts[10]);
        await cast.DoneAsync(aid.Registrar, "completeDisbursement", cast.Input(("disbursementId", inPerson)));
        using var report = await api.SendAsync(aid.Finance.Key, HttpMethod.Get, $"/exports/disbursements/{inPerson}");
        Assert.Equal(
            [(accounts[10], "25.00", "CREDITED", delivered), (accounts[11], "0.00", "UNDELIVERED", "")],
            Sheets.Csv(await report.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken)).Where(row => row[0] == "line").Select(row => (row[2], row[5], row[7], row[12])));

        var redeemed = await RedeemAsync(aid, accounts[0], 2_000);
        await RedeemAsync(aid, accounts[10], 2_500);
        await ShowReceiptAsync(aid, redeemed);
        await SettleAsync(aid, 4_000);
        await cast.DoneAsync(
            aid.Finance, "recordCost", cast.Input(("grantId", Aid.Text(aid.Grant)), ("budgetLine", "staff"), ("amount", Cast.Money(10_000)), ("evidence", Receipt.ToString())));
        await cast.DoneAsync(aid.Finance, "returnGrant", cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(20_000))));
        await CheckTraceAsync(aid);
    }

    private static Hash32 Receipt { get; } = Hash32.FromSpan(Founding.KeyOf("receipt"));

    /// <summary>Delivers a line; the hash of its transaction.</summary>
    private async Task<string> DeliverAsync(Aid aid, string disbursement, string account)
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var input = aid.Cast.Input(
            ("deviceId", Aid.Text(aid.Device)), ("disbursementId", disbursement), ("accountId", account), ("amount", Cast.Money(2_500)),
            ("occurredAt", Cast.Text(now)), ("deadline", Cast.Text(now + 600_000)), ("counter", "1"));
        var asked = ApiServer.Refused(RefusalCode.SignatureRequired, await api.MutateAsync(aid.Agent.Key, "creditBeneficiary", input));
        Assert.Equal("Delivery", asked.GetProperty("toSign").GetProperty("primaryType").GetString());
        var delivered = ApiServer.Done(await api.SignAsync(aid.Agent.Key, aid.DeviceSigner, "creditBeneficiary", input));

        var again = ApiServer.Done(await api.MutateAsync(aid.Agent.Key, "creditBeneficiary", input));
        Assert.True(again.GetProperty("replayed").GetBoolean());
        Assert.Equal(delivered.GetProperty("transaction").ToString(), again.GetProperty("transaction").ToString());
        return delivered.GetProperty("transaction").GetProperty("hash").GetString()!;
    }

    private static Task<JsonElement> RedeemAsync(Aid aid, string beneficiary, long amountMinor) => aid.Cast.DoneAsync(
        aid.Till, "redeemVoucher",
        aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", beneficiary), ("vendorAccountId", Aid.Text(aid.VendorAccount)),
            ("amount", Cast.Money(amountMinor)), ("categories", new[] { "food" }), ("receiptHash", Receipt.ToString())),
        "receiptSalt");

    /// <summary>The vendor shows that a receipt belongs to a transaction, and the transaction to a sealed block.</summary>
    private async Task ShowReceiptAsync(Aid aid, JsonElement redeemed)
    {
        var hash = Hash32.Parse(redeemed.GetProperty("transaction").GetProperty("hash").GetString()!);
        var salt = Id.Parse(redeemed.GetProperty("receiptSalt").GetString()!);
        var placed = (await ((Grains.Reading.LedgerReader)api.Services.GetService(typeof(Grains.Reading.LedgerReader))!).TransactionAsync(hash))!;
        Assert.Equal(Hash32.FromSpan(SHA256.HashData([.. salt.ToBytes(), .. Receipt.ToArray()])), Assert.Single(placed.Transaction.Evidence));

        var proof = (await api.QueryAsync(aid.Till.Key, "query($hash: Hash!) { transactionProof(hash: $hash) { json height } }", new { hash = hash.ToString() }))
            .GetProperty("transactionProof");
        Assert.Equal(hash.ToString(), TransactionProof.FromJson(proof.GetProperty("json").GetString()!)!.Transaction);
    }

    private async Task SettleAsync(Aid aid, long amountMinor)
    {
        var asked = await aid.Cast.DoneAsync(
            aid.Till, "settleVendor",
            aid.Cast.Input(
                ("programId", Aid.Text(aid.Program)), ("vendorAccountId", Aid.Text(aid.VendorAccount)), ("amount", Cast.Money(amountMinor)),
                ("until", TimeProvider.System.GetUtcNow().AddDays(7).ToString("O"))), "settlement { id state remaining { amountMinor } }");
        var id = asked.GetProperty("settlement").GetProperty("id").GetString();
        Assert.Equal("4000", asked.GetProperty("settlement").GetProperty("remaining").GetProperty("amountMinor").GetString());
        await aid.Cast.SignedAsync(
            aid.Finance, "approveSettlement", aid.Cast.Input(("settlementId", id), ("amount", Cast.Money(3_000)), ("evidence", Receipt.ToString())));
        var released = await aid.Cast.DoneAsync(aid.Till, "releaseSettlement", aid.Cast.Input(("settlementId", id)), "settlement { state }");
        Assert.Equal("RELEASED", released.GetProperty("settlement").GetProperty("state").GetString());
    }

    private async Task CheckTraceAsync(Aid aid)
    {
        const string Fields = "donated { amountMinor } unspent { amountMinor } disbursed { amountMinor } redeemed { amountMinor } settled { amountMinor } "
            + "expired { amountMinor } held { amountMinor } costs { amountMinor } returned { amountMinor }";
        var trace = (await api.QueryAsync(
            aid.Finance.Key, $"query($id: Id!) {{ donationTrace(grantId: $id) {{ {Fields} children {{ label {Fields} }} }} }}", new { id = Aid.Text(aid.Grant) }))
            .GetProperty("donationTrace");
        long Of(string part) => long.Parse(trace.GetProperty(part).GetProperty("amountMinor").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal(
            (500_000, 27_500, 4_500, 3_000, 0, 23_000, 10_000, 20_000),
            (Of("donated"), Of("disbursed"), Of("redeemed"), Of("settled"), Of("expired"), Of("held"), Of("costs"), Of("returned")));
        Assert.Equal(Of("donated"), Of("unspent") + Of("disbursed") - Of("expired") + Of("costs") + Of("returned"));
    }
}
