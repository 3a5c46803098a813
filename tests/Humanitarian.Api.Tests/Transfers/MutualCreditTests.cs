using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.Transfers;

/// <summary>A mutual credit program over HTTP alone.</summary>
public sealed class MutualCreditTests(ApiServer api)
{
    private const string Unit = "GRAIN";

    private sealed record Exchange(Cast Cast, Actor Administrator, Actor Registrar, string Program, string[] Members, string Fund);

    [Fact]
    public async Task Members_trade_up_to_a_limit_that_grows_and_are_refused_beyond_it()
    {
        var exchange = await OpenAsync("grow", 2);
        await PayAsync(exchange, 0, 1, 8_000);
        ApiServer.Refused(RefusalCode.CreditLimitReached, await TryPayAsync(exchange, 0, 1, 2_001));
        await PayAsync(exchange, 0, 1, 2_000);
        Assert.Equal((-10_000, 10_000), (await AvailableAsync(exchange, 0), await LimitAsync(exchange, 0)));
        await PayAsync(exchange, 1, 0, 5_000);
        Assert.Equal((-5_000, 15_000), (await AvailableAsync(exchange, 0), await LimitAsync(exchange, 0)));
        Assert.Equal(20_000, await LimitAsync(exchange, 1));
    }

    [Fact]
    public async Task A_large_payment_waits_and_is_accepted_or_declined_once()
    {
        var exchange = await OpenAsync("wait", 2);
        ApiServer.Refused(RefusalCode.AcceptanceRequired, await TryPayAsync(exchange, 0, 1, 8_001));
        var (roof, hedge) = (await OfferAsync(exchange, 0, 1, 9_000), await OfferAsync(exchange, 1, 0, 4_000));
        Assert.Equal(-9_000, await AvailableAsync(exchange, 0));
        var accepted = await exchange.Cast.DoneAsync(exchange.Registrar, "acceptPayment", exchange.Cast.Input(("paymentId", roof)), "payment { state }");
        Assert.Equal("CAPTURED", accepted.GetProperty("payment").GetProperty("state").GetString());
        await exchange.Cast.DoneAsync(exchange.Registrar, "releasePayment", exchange.Cast.Input(("paymentId", hedge)));
        Assert.Equal((-9_000, 9_000), (await AvailableAsync(exchange, 0), await AvailableAsync(exchange, 1)));
        foreach (var payment in new[] { roof, hedge })
        {
            ApiServer.Refused(RefusalCode.HoldEnded, await api.MutateAsync(exchange.Registrar.Key, "acceptPayment", exchange.Cast.Input(("paymentId", payment))));
            ApiServer.Refused(RefusalCode.HoldEnded, await api.MutateAsync(exchange.Registrar.Key, "releasePayment", exchange.Cast.Input(("paymentId", payment))));
        }
    }

    [Fact]
    public async Task Who_leaves_with_a_debt_leaves_it_to_the_commons_fund()
    {
        var exchange = await OpenAsync("leave", 2);
        await PayAsync(exchange, 0, 1, 3_000);
        ApiServer.Refused(RefusalCode.AccountNotEmpty, await api.MutateAsync(exchange.Registrar.Key, "closeAccount", exchange.Cast.Input(("accountId", exchange.Members[0]))));
        var left = await exchange.Cast.DoneAsync(exchange.Registrar, "leaveProgram", exchange.Cast.Input(("accountId", exchange.Members[0])), "account { status }");
        Assert.Equal("CLOSED", left.GetProperty("account").GetProperty("status").GetString());
        Assert.Equal(-3_000, await AvailableAsync(exchange, exchange.Fund));
    }

    [Fact]
    public async Task A_holding_limit_and_a_levy_ask_the_payee()
    {
        var exchange = await OpenAsync(
            "levy", 2, """{"preset":"own","rules":[{"rule":"mutualCredit"},{"rule":"creditLimit","openingMinor":20000,"maximumMinor":50000},{"rule":"levy","payerPerMillion":20000,"payeePerMillion":20000}]}""");
        await PayAsync(exchange, 0, 1, 10_000);
        Assert.Equal((-10_200, 9_800, 400), (await AvailableAsync(exchange, 0), await AvailableAsync(exchange, 1), await AvailableAsync(exchange, exchange.Fund)));
        await exchange.Cast.DoneAsync(
            exchange.Registrar, "changeAccountLimits",
            exchange.Cast.Input(("accountId", exchange.Members[1]), ("creditLimit", Cast.Money(30_000, Unit)), ("holdingLimit", Cast.Money(10_000, Unit))));
        ApiServer.Refused(RefusalCode.AmountOverflow, await TryPayAsync(exchange, 0, 1, 1_000));
        await PayAsync(exchange, 0, 1, 200);
        Assert.Equal(9_996, await AvailableAsync(exchange, 1));
    }

    [Fact]
    public async Task Another_organisation_neither_sees_nor_touches_a_members_account()
    {
        var exchange = await OpenAsync("others", 2);
        var stranger = await exchange.Cast.OrganisationAsync("ASSOCIATION", "ADMINISTRATOR", "REGISTRAR", "FINANCE");
        var roof = await OfferAsync(exchange, 0, 1, 9_000);
        foreach (var (mutation, input) in new (string, Dictionary<string, object?>)[]
        {
            ("transfer", Payment(exchange, 0, 1, 100)), ("acceptPayment", exchange.Cast.Input(("paymentId", roof))), ("releasePayment", exchange.Cast.Input(("paymentId", roof))),
            ("leaveProgram", exchange.Cast.Input(("accountId", exchange.Members[0]))), ("changeAccountLimits", exchange.Cast.Input(("accountId", exchange.Members[0]))),
            ("openMemberAccount", exchange.Cast.Input(("programId", exchange.Program))), ("openCommonsFund", exchange.Cast.Input(("programId", exchange.Program))),
        })
        {
            ApiServer.Refused(RefusalCode.NotFound, await api.MutateAsync(stranger.Key, mutation, input));
        }
    }

    private async Task<Exchange> OpenAsync(string name, int members, string? terms = null)
    {
        var cast = new Cast(api, $"mutual credit {name}");
        await cast.UnitAsync(Unit);
        var administrator = await cast.OrganisationAsync("ASSOCIATION", "ADMINISTRATOR");
        var registrar = await cast.MemberAsync(administrator, "REGISTRAR");
        var program = Aid.Text(Cast.Id(
            await cast.SignedAsync(
                administrator, "createProgram", cast.Input(("name", name), ("unit", Unit), (terms is null ? "preset" : "terms", terms ?? "mutual-credit")), "program { id }"),
            "program"));
        var fund = await cast.DoneAsync(administrator, "openCommonsFund", cast.Input(("programId", program), ("creditLimit", Cast.Money(50_000, Unit))), "account { id }");
        var accounts = new List<string>();
        for (var number = 0; number < members; number++)
        {
            var opened = await cast.DoneAsync(
                registrar, "openMemberAccount", cast.Input(("programId", program), ("creditLimit", Cast.Money(50_000, Unit))), "account { id }");
            accounts.Add(Aid.Text(Cast.Id(opened, "account")));
        }

        return new Exchange(cast, administrator, registrar, program, [.. accounts], Aid.Text(Cast.Id(fund, "account")));
    }

    private static Dictionary<string, object?> Payment(Exchange exchange, int payer, int payee, long amountMinor) => exchange.Cast.Input(
        ("programId", exchange.Program), ("payerAccountId", exchange.Members[payer]), ("payeeAccountId", exchange.Members[payee]), ("amount", Cast.Money(amountMinor, Unit)));

    private Task<JsonElement> TryPayAsync(Exchange exchange, int payer, int payee, long amountMinor) =>
        api.MutateAsync(exchange.Registrar.Key, "transfer", Payment(exchange, payer, payee, amountMinor));

    private async Task PayAsync(Exchange exchange, int payer, int payee, long amountMinor) => ApiServer.Done(await TryPayAsync(exchange, payer, payee, amountMinor));

    private async Task<string> OfferAsync(Exchange exchange, int payer, int payee, long amountMinor)
    {
        var input = Payment(exchange, payer, payee, amountMinor);
        input["until"] = TimeProvider.System.GetUtcNow().AddDays(1).ToString("O");
        return (await exchange.Cast.DoneAsync(exchange.Registrar, "offerPayment", input, "payment { id }")).GetProperty("payment").GetProperty("id").GetString()!;
    }

    private Task<long> AvailableAsync(Exchange exchange, int member) => AvailableAsync(exchange, exchange.Members[member]);

    private async Task<long> AvailableAsync(Exchange exchange, string account)
    {
        var balances = (await AccountAsync(exchange, account)).GetProperty("balances").EnumerateArray().ToArray();
        return Minor(Assert.Single(balances).GetProperty("available"));
    }

    private async Task<long> LimitAsync(Exchange exchange, int member) => Minor((await AccountAsync(exchange, exchange.Members[member])).GetProperty("creditLimit"));

    private async Task<JsonElement> AccountAsync(Exchange exchange, string account) => (await api.QueryAsync(
        exchange.Registrar.Key, "query($id: Id!) { account(id: $id) { balances { available { amountMinor exponent } } creditLimit { amountMinor } } }", new { id = account }))
        .GetProperty("account");

    private static long Minor(JsonElement money) => long.Parse(money.GetProperty("amountMinor").GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
