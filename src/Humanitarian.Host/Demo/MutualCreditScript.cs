using System.Globalization;
using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Host.Setup;
using Spectre.Console;

namespace Humanitarian.Host.Demo;

/// <summary>What became of the exchange, before the chain is verified. Amounts in minor units.</summary>
/// <param name="SumMinor">Sum of all balances: zero.</param>
internal sealed record ExchangeOutcome(int Members, int Payments, int Refused, long SumMinor, long FundMinor);

/// <summary>A season of a mutual credit exchange, through the API, as its registrar and its members' phones would do it.</summary>
internal sealed class MutualCreditScript(GraphQlClient client, Actor ledgerOperator, IAnsiConsole console, TimeProvider time, IRandomSource random)
{
    private const string Unit = "GRAIN";
    private const string Query = "query($id: Id!) { account(id: $id) { status balances { available { amountMinor } held { amountMinor } } creditLimit { amountMinor } } }";
    private static readonly TimeSpan WaitsFor = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, string> accounts = [];
    private Actor registrar = null!;
    private string programId = "";
    private int payments;
    private int refused;

    public async Task<ExchangeOutcome> RunAsync(CancellationToken cancellationToken)
    {
        await OpenAsync(cancellationToken);

        Say("[bold]Anyone can begin[/]: nobody has to own anything first. Every payment makes as much minus as plus.");
        await PayAsync("Ada", "Ben", 6_000, "for mending her bicycle", cancellationToken);
        await PayAsync("Ben", "Chloe", 2_500, "for bread all month", cancellationToken);
        await RefusedAsync("Ada", "Chloe", 5_000, "for a cake", "her limit is 100 to begin with, and she is 60 below zero", cancellationToken);
        await PayAsync("Chloe", "Ada", 5_000, "for two days in the garden", cancellationToken);
        Say("Ada has provided, so her limit has grown by what she received; now the cake is no problem.");
        await PayAsync("Ada", "Chloe", 5_000, "for the cake", cancellationToken);

        Say("[bold]Larger payments wait for the payee[/], and what waits is set aside.");
        await RefusedAsync("Ben", "Dan", 9_000, "for a new roof", "payments of more than 80 wait for the payee to accept", cancellationToken);
        await EndAsync(await OfferAsync("Ben", "Dan", 9_000, TimeSpan.FromDays(2), cancellationToken), "acceptPayment", "Dan accepts: the roof is done.", cancellationToken);
        payments++;
        await EndAsync(await OfferAsync("Dan", "Chloe", 4_000, TimeSpan.FromDays(2), cancellationToken), "releasePayment", "Chloe declines: she bakes no wedding cakes. It goes back to Dan.", cancellationToken);
        await ExpiredAsync(await OfferAsync("Dan", "Ada", 1_000, WaitsFor, cancellationToken), cancellationToken);

        Say("[bold]Ben moves away[/] with a debt. His account cannot simply be closed; the terms say that the commons fund takes it over.");
        await RefusedMutationAsync("closeAccount", Account("Ben"), "his balance is not zero", cancellationToken);
        await client.MutateAsync(registrar, "leaveProgram", Account("Ben"), "transaction { hash }", cancellationToken);
        var outcome = await ShowAsync(cancellationToken);
        Say($"All balances together: [bold]{Text(outcome.SumMinor)}[/]. The fund's {Text(outcome.FundMinor)} is what the community owes itself; a levy or a day's work for all brings it back.");
        return outcome;
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await client.MutateAsync(ledgerOperator, "defineUnit", new JsonObject { ["code"] = Unit, ["exponent"] = 2 }, "transaction { hash }", cancellationToken);
        var key = PrivateKeys.New(random);
        var registered = await client.MutateAsync(
            ledgerOperator, "registerOrganisation",
            new JsonObject
            {
                ["name"] = "Seedling Exchange", ["kind"] = "ASSOCIATION", ["administratorAddress"] = Secp256k1.AddressOf(key).ToChecksumText(),
                ["administratorRoles"] = Casting.Texts(["ADMINISTRATOR", "REGISTRAR"]),
            },
            "administrator { id }", cancellationToken);
        var member = (string)registered["administrator"]!["id"]!;
        var made = await client.MutateAsync(ledgerOperator, "createApiKey", new JsonObject { ["memberId"] = member }, "secret", cancellationToken);
        registrar = new Actor((string)made["secret"]!, Id.Parse(member), key);
        var created = await client.MutateAsync(
            registrar, "createProgram", new JsonObject { ["name"] = "Seedling Exchange", ["unit"] = Unit, ["preset"] = "mutual-credit" }, "program { id }", cancellationToken);
        programId = (string)created["program"]!["id"]!;
        accounts["Commons fund"] = await OpenAccountAsync("openCommonsFund", 20_000, cancellationToken);
        foreach (var name in new[] { "Ada", "Ben", "Chloe", "Dan" })
        {
            accounts[name] = await OpenAccountAsync("openMemberAccount", 50_000, cancellationToken);
        }

        Say("[bold]Seedling Exchange[/] opens with four members; they count in grains. Names stay on this screen: the ledger knows account ids only.");
    }

    private async Task<string> OpenAccountAsync(string mutation, long creditMinor, CancellationToken cancellationToken)
    {
        var opened = await client.MutateAsync(
            registrar, mutation, new JsonObject { ["programId"] = programId, ["creditLimit"] = Json.Money(creditMinor, Unit) }, "account { id }", cancellationToken);
        return (string)opened["account"]!["id"]!;
    }

    private async Task PayAsync(string payer, string payee, long amountMinor, string what, CancellationToken cancellationToken)
    {
        await client.MutateAsync(registrar, "transfer", Payment(payer, payee, amountMinor), "transaction { hash }", cancellationToken);
        payments++;
        Say($"  {payer} pays {payee} {Text(amountMinor)} {what}: {await StandAsync(payer, cancellationToken)}, {await StandAsync(payee, cancellationToken)}.");
    }

    private async Task RefusedAsync(string payer, string payee, long amountMinor, string what, string why, CancellationToken cancellationToken)
    {
        Say($"  {payer} wants to pay {payee} {Text(amountMinor)} {what}.");
        await RefusedMutationAsync("transfer", Payment(payer, payee, amountMinor), why, cancellationToken);
    }

    private async Task RefusedMutationAsync(string mutation, JsonObject input, string why, CancellationToken cancellationToken)
    {
        try
        {
            await client.MutateAsync(registrar, mutation, input, "transaction { hash }", cancellationToken);
        }
        catch (RefusedException refusal) when (refusal.Code is RefusalCode.CreditLimitReached or RefusalCode.AcceptanceRequired or RefusalCode.AccountNotEmpty)
        {
            refused++;
            Say($"  [yellow]{refusal.Code}[/]: {why}.");
            return;
        }

        throw new RefusedException(mutation, "ACCEPTED", "The ledger accepted what its terms forbid.");
    }

    private async Task<string> OfferAsync(string payer, string payee, long amountMinor, TimeSpan wait, CancellationToken cancellationToken)
    {
        var input = Payment(payer, payee, amountMinor);
        input["until"] = Json.Time(time.GetUtcNow() + wait);
        var offered = await client.MutateAsync(registrar, "offerPayment", input, "payment { id }", cancellationToken);
        Say($"  {payer} offers {payee} {Text(amountMinor)}, which is set aside.");
        return (string)offered["payment"]!["id"]!;
    }

    private async Task EndAsync(string payment, string mutation, string saying, CancellationToken cancellationToken)
    {
        await client.MutateAsync(registrar, mutation, new JsonObject { ["paymentId"] = payment }, "transaction { hash }", cancellationToken);
        Say($"  {saying}");
    }

    /// <summary>Nobody answers: looks until the ledger has given the payment back by itself.</summary>
    private async Task ExpiredAsync(string payment, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while ((string?)(await client.QueryAsync(registrar, "query($id: Id!) { payment(id: $id) { state } }", new JsonObject { ["id"] = payment }, cancellationToken))?["state"] != "EXPIRED")
        {
            if (time.GetElapsedTime(started) > Patience)
            {
                throw new RefusedException("payment", "UNFINISHED", "A payment whose time is over did not go back.");
            }

            await Task.Delay(BetweenLooks, time, cancellationToken);
        }

        Say("  Ada does not answer in time: the ledger gives it back to Dan by itself.");
    }

    private async Task<ExchangeOutcome> ShowAsync(CancellationToken cancellationToken)
    {
        var table = new Table().AddColumns("account", "balance", "limit", "status");
        var balances = new Dictionary<string, long>();
        foreach (var (name, id) in accounts)
        {
            var account = await AccountAsync(id, cancellationToken);
            balances[name] = BalanceOf(account);
            table.AddRow(name, Text(balances[name]), LimitOf(account) is { } limit ? Text(-limit) : "", (string)account["status"]!);
        }

        console.Write(table);
        return new ExchangeOutcome(accounts.Count - 1, payments, refused, balances.Values.Sum(), balances["Commons fund"]);
    }

    private async Task<string> StandAsync(string name, CancellationToken cancellationToken)
    {
        var account = await AccountAsync(accounts[name], cancellationToken);
        return $"{name} {Text(BalanceOf(account))} (limit {Text(-(LimitOf(account) ?? 0))})";
    }

    private async Task<JsonObject> AccountAsync(string id, CancellationToken cancellationToken) =>
        await client.QueryAsync(registrar, Query, new JsonObject { ["id"] = id }, cancellationToken)
        ?? throw new RefusedException("account", "NOT_FOUND", "The registrar does not find an account.");

    private static long BalanceOf(JsonObject account) => ((JsonArray)account["balances"]!).Sum(balance => Minor(balance!["available"]!) + Minor(balance["held"]!));

    private static long? LimitOf(JsonObject account) => account["creditLimit"] is { } limit ? Minor(limit) : null;

    private static long Minor(JsonNode money) => long.Parse((string)money["amountMinor"]!, CultureInfo.InvariantCulture);

    private JsonObject Payment(string payer, string payee, long amountMinor) => new()
    {
        ["programId"] = programId, ["payerAccountId"] = accounts[payer], ["payeeAccountId"] = accounts[payee], ["amount"] = Json.Money(amountMinor, Unit),
    };

    private JsonObject Account(string name) => new() { ["accountId"] = accounts[name] };

    private void Say(string markup) => console.MarkupLine(markup);

    private static string Text(long amountMinor) => Currencies.Text(amountMinor, Unit, 2);
}
