using Humanitarian.Api.Tests.Redemptions;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;
using Humanitarian.Grains.Admission;

namespace Humanitarian.Api.Tests.Guard;

/// <summary>Who sends much does not keep others from being served: counted, not timed.</summary>
public sealed class FairnessTests(ApiServer api)
{
    [Fact]
    public async Task Organisation_that_holds_every_place_it_can_get_leaves_the_tills_of_others_served()
    {
        var gate = new AdmissionGate(new AdmissionLimits(InFlight: 20, TillReserve: 4, OrganisationShare: 50));
        await using var front = await Front.StartAsync(api, gate: gate);
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "crowded", 3);
        var (flooding, theirs) = await DryRunTests.VouchersAsync(api, "flooding", 1);
        var taken = new List<IDisposable>();
        while (gate.TryEnter(flooding.Till.Organisation, Urgency.Till) is { } place)
        {
            taken.Add(place);
        }

        Assert.Equal(16, taken.Count);
        Assert.Equal(RefusalCode.Busy, await RedeemAsync(front, flooding, theirs[0]));
        foreach (var account in accounts)
        {
            Assert.Null(await RedeemAsync(front, aid, account));
        }

        taken.ForEach(place => place.Dispose());
        Assert.Null(await RedeemAsync(front, flooding, theirs[0]));
    }

    [Fact]
    public async Task Tenfold_flood_of_one_organisation_refuses_no_till_of_another()
    {
        await using var front = await Front.StartAsync(api, gate: new AdmissionGate(new AdmissionLimits(InFlight: 20, TillReserve: 4, OrganisationShare: 50)));
        var (aid, accounts) = await DryRunTests.VouchersAsync(api, "beside a flood", 1);
        var (flooding, theirs) = await DryRunTests.VouchersAsync(api, "flood", 1);
        using var stop = new CancellationTokenSource();
        var flood = Enumerable.Range(0, 40).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                Assert.Contains(await RedeemAsync(front, flooding, theirs[0], 9_999), (string?[])[RefusalCode.InsufficientFunds, RefusalCode.Busy]);
            }
        }).ToArray();
        for (var sale = 0; sale < 4; sale++)
        {
            Assert.Null(await RedeemAsync(front, aid, accounts[0], 100));
        }

        await stop.CancelAsync();
        await Task.WhenAll(flood);
    }

    [Fact]
    public Task Many_offers_of_a_cent_keep_their_payee_from_nothing() => OffersAsync("cents", 300);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Ten_thousand_offers_of_a_cent_keep_their_payee_from_nothing() => OffersAsync("ten thousand cents", 10_000);

    private async Task OffersAsync(string name, int count)
    {
        const string Unit = "CENTS";
        var cast = new Cast(api, name);
        await cast.UnitAsync(Unit);
        var administrator = await cast.OrganisationAsync("ASSOCIATION", "ADMINISTRATOR", "REGISTRAR");
        var program = Cast.Id(await cast.SignedAsync(administrator, "createProgram", cast.Input(("name", name), ("unit", Unit), ("preset", "mutual-credit")), "program { id }"), "program").ToString();
        await cast.DoneAsync(administrator, "openCommonsFund", cast.Input(("programId", program), ("creditLimit", Cast.Money(50_000, Unit))));
        async Task<string> OpenAsync() => Cast.Id(
            await cast.DoneAsync(administrator, "openMemberAccount", cast.Input(("programId", program), ("creditLimit", Cast.Money(50_000, Unit))), "account { id }"), "account").ToString();
        var (offering, vendor, customer) = (await OpenAsync(), await OpenAsync(), await OpenAsync());
        Dictionary<string, object?> Pay(string payer, string payee, long amountMinor) =>
            cast.Input(("programId", program), ("payerAccountId", payer), ("payeeAccountId", payee), ("amount", Cast.Money(amountMinor, Unit)));
        var offers = Enumerable.Range(0, count).Select(_ => Pay(offering, vendor, 1)).ToArray();
        foreach (var offer in offers)
        {
            offer["until"] = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O");
        }

        var made = new string[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (number, _) => made[number] = Cast.Id(
            ApiServer.Done(await api.MutateAsync(administrator.Key, "offerPayment", offers[number], "payment { id }")), "payment").ToString());
        await cast.DoneAsync(administrator, "transfer", Pay(customer, vendor, 500));
        await cast.DoneAsync(administrator, "transfer", Pay(vendor, customer, 200));
        await cast.DoneAsync(administrator, "acceptPayment", cast.Input(("paymentId", made[count / 2])));
        await cast.DoneAsync(administrator, "releasePayment", cast.Input(("paymentId", made[0])));
        var balance = (await api.QueryAsync(administrator.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor } held { amountMinor } } } }", new { id = vendor }))
            .GetProperty("account").GetProperty("balances")[0];
        Assert.Equal(("301", "0"), (balance.GetProperty("available").GetProperty("amountMinor").GetString(), balance.GetProperty("held").GetProperty("amountMinor").GetString()));
    }

    /// <summary>The code of the refusal; null when it was done.</summary>
    private static async Task<string?> RedeemAsync(Front front, Aid aid, string account, long amountMinor = 100)
    {
        var (_, answer) = await front.PostAsync(aid.Till.Key, new
        {
            query = "mutation($input: RedeemVoucherInput!) { redeemVoucher(input: $input) { userErrors { code } } }",
            variables = new { input = DryRunTests.Redemption(aid, account, amountMinor) },
        });
        var errors = answer.GetProperty("data").GetProperty("redeemVoucher").GetProperty("userErrors");
        return errors.GetArrayLength() == 0 ? null : errors[0].GetProperty("code").GetString();
    }
}
