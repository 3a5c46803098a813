using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Host.Setup;
using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>What became of the local currency, before the chain is verified. Amounts in minor units.</summary>
/// <param name="MeltedMinor">What melted into the commons fund; the gift of the conversion apart.</param>
internal sealed record CurrencyOutcome(int Refused, long ReserveMinor, long CirculationMinor, long FundMinor, long MeltedMinor);

/// <summary>Seven months of a local currency, through the API, on a clock that the demo moves on.</summary>
internal sealed class LocalCurrencyScript(GraphQlClient client, Actor ledgerOperator, IAnsiConsole console, AdvancedTime time, IRandomSource random)
{
    /// <summary>How long ago the story begins.</summary>
    public static readonly TimeSpan Lasts = TimeSpan.FromDays(210);

    private const string Unit = "SEED";
    private const string Money = "EUR";

    // 3 % in half a year and 6 % in half a year: the roots of 0.97 and 0.94 for 182.625 days.
    private const string Slow = "0.99983322837755848788";
    private const string Fast = "0.99966124614450104243";
    private const string Balance = "query($id: Id!) { account(id: $id) { balances { available { amountMinor } } } }";
    private const string Standing = "query($id: Id!) { localCurrency(programId: $id) { reserve { amountMinor } circulation { amountMinor } commonsFund { amountMinor } } }";

    private readonly Dictionary<string, string> accounts = [];
    private Actor association = null!;
    private Actor assembly = null!;
    private string programId = "";
    private int refused;

    public async Task<CurrencyOutcome> RunAsync(CancellationToken cancellationToken)
    {
        var began = Day();
        await OpenAsync(began, cancellationToken);
        Say("[bold]Money comes in one to one[/]; the reserve keeps it.");
        await MoneyAsync("deposit", "Ines", 50_000, "Ines pays in 500 euros", cancellationToken);
        await PayAsync("Ines", "Bakery", 30_000, "bread, and a wedding cake", cancellationToken);
        await StandAsync(cancellationToken);

        Pass(90);
        Say("[bold]What lies still melts[/], 3 % in half a year, and what melts goes to the commons fund.");
        await PayAsync("Bakery", "Farm", 12_000, "flour", cancellationToken);
        await PayAsync("Ines", "Farm", 1_000, "apples", cancellationToken);

        await RaiseAsync(began, cancellationToken);
        Pass(90);
        await PayAsync("Farm", "Ines", 500, "a day's picking", cancellationToken);
        Say("  The product of both rates was charged, each for its own days.");

        Say("[bold]Nobody hoards[/]: Ines's account may hold 600.");
        await RefusedAsync("deposit", Input("Ines", 60_000), RefusalCode.AmountOverflow, "with 600 more she would exceed her holding limit", cancellationToken);
        await RefusedAsync("convertOut", Input("Ines", 1_000), RefusalCode.MovementForbidden, "only professionals convert back; she spends hers at a shop", cancellationToken);

        Pass(30);
        Say("[bold]The farm converts 100 back[/]: 95 are paid out, 3 are a gift to the commons fund and keep their reserve, 2 are for running costs.");
        await MoneyAsync("convertOut", "Farm", 10_000, "The farm converts 100", cancellationToken);
        var outcome = await StandAsync(cancellationToken);
        return outcome with { MeltedMinor = outcome.FundMinor - 300 };
    }

    private async Task OpenAsync(DateOnly began, CancellationToken cancellationToken)
    {
        Say($"[bold]The clock of this demo[/] begins on {began:yyyy-MM-dd}, {Lasts.TotalDays:0} days ago, and the demo moves it on to today.");
        foreach (var unit in new[] { Unit, Money })
        {
            await client.MutateAsync(ledgerOperator, "defineUnit", new JsonObject { ["code"] = unit, ["exponent"] = 2 }, "transaction { hash }", cancellationToken);
        }

        var key = PrivateKeys.New(random);
        var registered = await client.MutateAsync(
            ledgerOperator, "registerOrganisation",
            new JsonObject
            {
                ["name"] = "Seed Money Association", ["kind"] = "ASSOCIATION", ["administratorAddress"] = Secp256k1.AddressOf(key).ToChecksumText(),
                ["administratorRoles"] = Casting.Texts(["ADMINISTRATOR", "REGISTRAR", "FINANCE"]),
            },
            "administrator { id }", cancellationToken);
        var member = (string)registered["administrator"]!["id"]!;
        var made = await client.MutateAsync(ledgerOperator, "createApiKey", new JsonObject { ["memberId"] = member }, "secret", cancellationToken);
        association = new Actor((string)made["secret"]!, Id.Parse(member), key);
        assembly = await new Casting(client, ledgerOperator, random).MemberAsync(association, ["APPROVER"], cancellationToken);
        var created = await client.MutateAsync(
            association, "createProgram", new JsonObject { ["name"] = "Seed Money", ["unit"] = Unit, ["terms"] = Terms((began, Slow)) }, "program { id }", cancellationToken);
        programId = (string)created["program"]!["id"]!;
        await client.MutateAsync(association, "openCommonsFund", new JsonObject { ["programId"] = programId }, "account { id }", cancellationToken);
        await OpenAccountAsync("Ines", 60_000, [], cancellationToken);
        await OpenAccountAsync("Bakery", 500_000, ["professional"], cancellationToken);
        await OpenAccountAsync("Farm", 500_000, ["professional"], cancellationToken);
        Say("[bold]Seed Money[/] opens with Ines, a bakery and a farm. Names stay on this screen: the ledger knows account ids only.");
    }

    private async Task OpenAccountAsync(string name, long holdingMinor, string[] tags, CancellationToken cancellationToken)
    {
        var input = new JsonObject { ["programId"] = programId, ["holdingLimit"] = Json.Money(holdingMinor, Unit), ["tags"] = Casting.Texts(tags) };
        accounts[name] = (string)(await client.MutateAsync(association, "openMemberAccount", input, "account { id }", cancellationToken))["account"]!["id"]!;
    }

    /// <summary>The members' assembly doubles the rate from tomorrow on: one member proposes it, another approves.</summary>
    private async Task RaiseAsync(DateOnly began, CancellationToken cancellationToken)
    {
        var input = new JsonObject { ["programId"] = programId, ["terms"] = Terms((began, Slow), (Day().AddDays(1), Fast)) };
        await client.MutateAsync(association, "proposeTerms", input, "transaction { hash }", cancellationToken);
        await client.MutateAsync(assembly, "approveTerms", new JsonObject { ["programId"] = programId }, "transaction { hash }", cancellationToken);
        Say($"[bold]The assembly raises the rate[/] to 6 % in half a year from {Day().AddDays(1):yyyy-MM-dd} on; until then the old one counts.");
    }

    private async Task PayAsync(string payer, string payee, long amountMinor, string what, CancellationToken cancellationToken)
    {
        var (before, received) = (await HasAsync(payer, cancellationToken), await HasAsync(payee, cancellationToken));
        var input = new JsonObject
        {
            ["programId"] = programId, ["payerAccountId"] = accounts[payer], ["payeeAccountId"] = accounts[payee], ["amount"] = Json.Money(amountMinor, Unit),
        };
        await client.MutateAsync(association, "transfer", input, "transaction { hash }", cancellationToken);
        var (after, now) = (await HasAsync(payer, cancellationToken), await HasAsync(payee, cancellationToken));
        Say($"  {payer} pays {payee} {Text(amountMinor)} for {what}: {payer} {Text(after)} ({Text(before - amountMinor - after)} melted), {payee} {Text(now)} ({Text(received + amountMinor - now)} melted).");
    }

    private async Task MoneyAsync(string mutation, string name, long amountMinor, string saying, CancellationToken cancellationToken)
    {
        await client.MutateAsync(association, mutation, Input(name, amountMinor), "transaction { hash }", cancellationToken);
        Say($"  {saying}: {name} {Text(await HasAsync(name, cancellationToken))}.");
    }

    private async Task RefusedAsync(string mutation, JsonObject input, string code, string why, CancellationToken cancellationToken)
    {
        try
        {
            await client.MutateAsync(association, mutation, input, "transaction { hash }", cancellationToken);
        }
        catch (RefusedException refusal) when (refusal.Code == code)
        {
            refused++;
            Say($"  [yellow]{refusal.Code}[/]: {why}.");
            return;
        }

        throw new RefusedException(mutation, "ACCEPTED", "The ledger accepted what its terms forbid.");
    }

    private async Task<CurrencyOutcome> StandAsync(CancellationToken cancellationToken)
    {
        var standing = await client.QueryAsync(association, Standing, new JsonObject { ["id"] = programId }, cancellationToken)
            ?? throw new RefusedException("localCurrency", "NOT_FOUND", "The association does not find its currency.");
        var outcome = new CurrencyOutcome(refused, Minor(standing["reserve"]!), Minor(standing["circulation"]!), Minor(standing["commonsFund"]!), 0);
        Say($"  Reserve [bold]{Currencies.Text(outcome.ReserveMinor, Money, 2)}[/], circulation [bold]{Text(outcome.CirculationMinor)}[/], of it in the commons fund {Text(outcome.FundMinor)}.");
        return outcome;
    }

    private async Task<long> HasAsync(string name, CancellationToken cancellationToken) =>
        ((JsonArray)(await client.QueryAsync(association, Balance, new JsonObject { ["id"] = accounts[name] }, cancellationToken))!["balances"]!)
            .Sum(balance => Minor(balance!["available"]!));

    private void Pass(int days)
    {
        time.Pass(TimeSpan.FromDays(days));
        Say($"[grey]{days} days pass: it is {Day():yyyy-MM-dd}.[/]");
    }

    private DateOnly Day() => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    private JsonObject Input(string name, long amountMinor) => new() { ["accountId"] = accounts[name], ["amount"] = Json.Money(amountMinor, Unit) };

    private static string Terms(params (DateOnly From, string Factor)[] epochs)
    {
        var dated = string.Join(",", epochs.Select(epoch => $$"""{"from":"{{epoch.From:yyyy-MM-dd}}","dailyFactor":"{{epoch.Factor}}"}"""));
        return $$"""{"preset":"local-currency","rules":[{"rule":"backedByDeposits","money":"{{Money}}","convertibleTag":"professional","donationPerMillion":30000,"runningPerMillion":20000},{"rule":"demurrage","epochs":[{{dated}}]},{"rule":"holdingLimit","maximumMinor":1000000},{"rule":"remainderToFund","debtMinor":0}]}""";
    }

    private static long Minor(JsonNode money) => long.Parse((string)money["amountMinor"]!, CultureInfo.InvariantCulture);

    private void Say(string markup) => console.MarkupLine(markup);

    private static string Text(long amountMinor) => Currencies.Text(amountMinor, Unit, 2);
}
