using System.Globalization;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Grants;

/// <summary>What a donor is told over HTTP while few people act: never of fewer than ten households.</summary>
public sealed class DonorPrivacyTests(ApiServer api)
{
    private const long Each = 2_500;
    private const long Step = 10 * Each;

    private const string Figures =
        "label id donated { amountMinor } unspent { amountMinor } disbursed { amountMinor } redeemed { amountMinor } settled { amountMinor } expired { amountMinor } held { amountMinor } leastHouseholds";

    private const string Trace = $"query($id: Id!) {{ donationTrace(grantId: $id) {{ {Figures} children {{ {Figures} children {{ {Figures} }} }} }} }}";

    private static readonly string[] Parts = ["donated", "unspent", "disbursed", "redeemed", "settled", "expired", "held"];

    [Fact]
    public async Task Successive_answers_differ_by_nothing_or_by_ten_households()
    {
        var aid = await new Aid(api, "privacy steps").SetUpAsync();
        var list = await EnrolledAsync(aid, 20);
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 20, inPerson: false), "COMPLETED");
        var accounts = await aid.AccountsAsync(list);
        var told = new List<long>();
        var before = await AskAsync(aid.Donor, aid.Grant);
        for (var household = 0; household < accounts.Length; household++)
        {
            await RedeemAsync(aid, accounts[household], Each);
            var after = await AskAsync(aid.Donor, aid.Grant);
            CheckStep(before, after);
            CheckSums(after);
            Assert.Equal((household + 1) * Each, Of(await AskAsync(aid.Finance, aid.Grant), "redeemed"));
            told.Add(Of(after, "redeemed"));
            before = after;
        }

        Assert.Equal([.. Enumerable.Repeat(0L, 9), .. Enumerable.Repeat(Step, 10), 2 * Step], told);
        Assert.Equal(10, before.GetProperty("leastHouseholds").GetInt32());
        Assert.Equal(JsonValueKind.Null, (await AskAsync(aid.Finance, aid.Grant)).GetProperty("leastHouseholds").ValueKind);
    }

    [Fact]
    public async Task Small_disbursements_are_told_together_once_they_cover_ten_households()
    {
        var aid = await new Aid(api, "privacy small").SetUpAsync();
        var list = await EnrolledAsync(aid, 40);
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 12, inPerson: false), "COMPLETED");
        await aid.UntilAsync(await aid.ReleaseAsync(list, 12, 3, inPerson: false), "COMPLETED");
        var few = await AskAsync(aid.Donor, aid.Grant);
        Assert.Equal((12 * Each, 500_000 - (12 * Each)), (Of(few, "disbursed"), Of(few, "unspent")));
        Assert.Equal(["disbursement"], Leaves(few).Select(leaf => leaf.GetProperty("label").GetString()));
        Assert.Equal(15 * Each, Of(await AskAsync(aid.Finance, aid.Grant), "disbursed"));

        await aid.UntilAsync(await aid.ReleaseAsync(list, 15, 6, inPerson: false), "COMPLETED");
        Assert.Equal(few.ToString(), (await AskAsync(aid.Donor, aid.Grant)).ToString());
        await aid.UntilAsync(await aid.ReleaseAsync(list, 21, 4, inPerson: false), "COMPLETED");
        var told = await AskAsync(aid.Donor, aid.Grant);
        Assert.Equal(["disbursement", "other"], Leaves(told).Select(leaf => leaf.GetProperty("label").GetString()));
        Assert.Equal((13 * Each, Id.None.ToString()), (Of(Leaves(told)[1], "disbursed"), Leaves(told)[1].GetProperty("id").GetString()));
        Assert.Equal(25 * Each, Of(told, "disbursed"));
        CheckStep(few, told);
        CheckSums(told);
        Assert.Equal(4, Leaves(await AskAsync(aid.Finance, aid.Grant)).Length);
    }

    [Fact]
    public async Task Flows_by_purpose_are_told_to_a_donor_as_the_trace_is()
    {
        var aid = await new Aid(api, "privacy flows").SetUpAsync();
        var list = await EnrolledAsync(aid, 14);
        await aid.UntilAsync(await aid.ReleaseAsync(list, 0, 11, inPerson: false), "COMPLETED");
        await aid.UntilAsync(await aid.ReleaseAsync(list, 11, 3, inPerson: false), "COMPLETED");
        await RedeemAsync(aid, (await aid.AccountsAsync(list))[0], 100);
        Assert.Equal([("food", "2026-11", "BULK", 11 * Each, 0, 11 * Each)], await FlowsAsync(aid.Donor, aid.Grant));
        Assert.Equal([("food", "2026-11", "BULK", 14 * Each, 100, (14 * Each) - 100)], await FlowsAsync(aid.Finance, aid.Grant));
    }

    [Fact]
    public async Task A_donor_proves_receipts_and_chunks_and_nothing_of_one_household()
    {
        var aid = await new Aid(api, "privacy proofs").SetUpAsync();
        var list = await EnrolledAsync(aid, 10);
        var disbursement = await aid.ReleaseAsync(list, 0, 10, inPerson: false);
        await aid.UntilAsync(disbursement, "COMPLETED");
        var redeemed = Hash(await RedeemAsync(aid, (await aid.AccountsAsync(list))[0], 100));
        var receipt = Hash(await aid.Cast.DoneAsync(aid.Finance, "recordReceipt", aid.Cast.Input(("grantId", Aid.Text(aid.Grant)), ("amount", Cast.Money(1)))));
        using var report = await api.SendAsync(aid.Finance.Key, HttpMethod.Get, $"/exports/disbursements/{disbursement}");
        var chunk = Exports.Sheets.Csv(await report.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken))[1][12];
        (string Hash, Actor[] Seers)[] transactions =
        [
            (redeemed, [aid.Finance, aid.Till, aid.Cast.Operator]), (receipt, [aid.Finance, aid.Till, aid.Donor, aid.Cast.Operator]),
            (chunk, [aid.Finance, aid.Till, aid.Donor, aid.Cast.Operator]),
        ];
        foreach (var (hash, seers) in transactions)
        {
            foreach (var actor in new[] { aid.Finance, aid.Till, aid.Donor, aid.Cast.Operator })
            {
                var proof = (await api.QueryAsync(actor.Key, "query($hash: Hash!) { transactionProof(hash: $hash) { height } }", new { hash })).GetProperty("transactionProof");
                Assert.Equal(seers.Contains(actor), proof.ValueKind != JsonValueKind.Null);
            }
        }

        static string Hash(JsonElement payload) => payload.GetProperty("transaction").GetProperty("hash").GetString()!;
    }

    private async Task<(string?, string?, string?, long, long, long)[]> FlowsAsync(Actor actor, Id grant) =>
    [
        .. (await api.QueryAsync(
            actor.Key, "query($id: Id!) { donationFlows(grantId: $id) { assistanceKind period mode disbursed { amountMinor } redeemed { amountMinor } held { amountMinor } } }", new { id = Aid.Text(grant) }))
            .GetProperty("donationFlows").EnumerateArray().Select(flow => (
                flow.GetProperty("assistanceKind").GetString(), flow.GetProperty("period").GetString(), flow.GetProperty("mode").GetString(), Of(flow, "disbursed"), Of(flow, "redeemed"), Of(flow, "held"))),
    ];

    private static async Task<string> EnrolledAsync(Aid aid, int rows)
    {
        var list = await aid.ListAsync(rows);
        await aid.Cast.DoneAsync(aid.Registrar, "enrolBeneficiaries", aid.Cast.Input(("programId", Aid.Text(aid.Program)), ("listId", list)));
        return list;
    }

    private static Task<JsonElement> RedeemAsync(Aid aid, string beneficiary, long amountMinor) => aid.Cast.DoneAsync(
        aid.Till, "redeemVoucher",
        aid.Cast.Input(
            ("programId", Aid.Text(aid.Program)), ("beneficiaryAccountId", beneficiary), ("vendorAccountId", Aid.Text(aid.VendorAccount)),
            ("amount", Cast.Money(amountMinor)), ("categories", new[] { "food" }), ("receiptHash", "0x" + new string('1', 64))));

    private async Task<JsonElement> AskAsync(Actor actor, Id grant) =>
        (await api.QueryAsync(actor.Key, Trace, new { id = Aid.Text(grant) })).GetProperty("donationTrace");

    private static long Of(JsonElement node, string part) => long.Parse(node.GetProperty(part).GetProperty("amountMinor").GetString()!, CultureInfo.InvariantCulture);

    private static JsonElement[] Leaves(JsonElement trace) =>
        [.. trace.GetProperty("children").EnumerateArray().SelectMany(receipt => receipt.GetProperty("children").EnumerateArray())];

    /// <summary>Every figure of a donor moves by nothing or by the money of ten households.</summary>
    private static void CheckStep(JsonElement before, JsonElement after) => Assert.All(
        Parts, part => Assert.True(Math.Abs(Of(after, part) - Of(before, part)) is 0 or >= Step, $"{part}: {Of(before, part)} to {Of(after, part)}"));

    private static void CheckSums(JsonElement trace)
    {
        Assert.Equal(Of(trace, "donated"), Of(trace, "unspent") + Of(trace, "disbursed") - Of(trace, "expired"));
        foreach (var leaf in Leaves(trace))
        {
            Assert.Equal(Of(leaf, "disbursed"), Of(leaf, "redeemed") + Of(leaf, "expired") + Of(leaf, "held"));
            Assert.All(Parts, part => Assert.True(Of(leaf, part) is 0 or >= Step, $"{part} of {leaf}"));
        }
    }
}
