using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;

namespace Humanitarian.Host.Demo;

/// <summary>A grant of the demo: what it bears of the list, of costs, and what it keeps.</summary>
internal sealed record FundedGrant(string Id, string Donor, Actor DonorMember, long CostMinor, long ReserveMinor, string Currency);

/// <summary>Two donors fund the program with what the list needs, costs, and a reserve.</summary>
/// <param name="oneCurrency">False lets the second donor give in a currency of its own, which a bank converts.</param>
internal sealed class Funding(GraphQlClient client, Actor ledgerOperator, Cast cast, string programId, DemoList list, TimeProvider time, bool oneCurrency = false)
{
    /// <summary>Whole units of the program's currency for one of the second donor's, as agreed; the bank takes a little more.</summary>
    private const string Rate = "1.25";

    private readonly string currency = list.Currency;

    public const string BudgetLine = "operations";

    /// <param name="shares">What each grant bears of the disbursements.</param>
    public async Task<IReadOnlyList<FundedGrant>> FundAsync(IReadOnlyList<long> shares, CancellationToken cancellationToken)
    {
        var grants = new List<FundedGrant>();
        for (var i = 0; i < shares.Count; i++)
        {
            var cost = i == 0 ? Math.Max(1, shares.Sum() / 50) : 0;
            var reserve = Math.Max(2, shares.Sum() / 100);
            var needed = checked(shares[i] + cost + reserve);

            // A rate is told in whole units, so the demo keeps to currencies of two decimals.
            var own = i == 0 || oneCurrency || list.Exponent != 2 ? currency : currency == "USD" ? "EUR" : "USD";
            var given = own == currency ? needed : (long)Math.Ceiling(needed / 1.25m * 1.004m);
            var grant = new FundedGrant(
                await GrantAsync(i, given, cost, own, cancellationToken), cast.Donors[i].Name, cast.Donors[i].Member, cost, reserve, own);
            grants.Add(grant);

            // Money comes in two parts, so that there is more than one lot to follow.
            var first = Math.Max(1, given / 2);
            await ReceiptAsync(grant, first, $"{grant.Donor}, first instalment", cancellationToken);
            await ReceiptAsync(grant, given - first, $"{grant.Donor}, second instalment", cancellationToken);
            if (own != currency)
            {
                await ConvertAsync(grant, given, needed, cancellationToken);
            }
        }

        return grants;
    }

    private async Task<string> GrantAsync(int donor, long commitmentMinor, long costMinor, string own, CancellationToken cancellationToken)
    {
        if (own != currency)
        {
            await client.MutateAsync(ledgerOperator, "defineUnit", new JsonObject { ["code"] = own, ["exponent"] = 2 }, "transaction { hash }", cancellationToken);
        }

        var now = time.GetUtcNow();
        var created = await client.MutateAsync(
            cast.Finance,
            "createGrant",
            new JsonObject
            {
                ["programId"] = programId,
                ["donorId"] = cast.Donors[donor].Id,
                ["commitment"] = Money(commitmentMinor, own),
                ["eligibleFrom"] = Json.Time(now.AddDays(-1)),
                ["eligibleUntil"] = Json.Time(now.AddYears(1)),
                ["budgetLines"] = costMinor > 0 ? new JsonArray(new JsonObject { ["code"] = BudgetLine, ["limit"] = Money(costMinor, currency) }) : null,
            },
            "grant { id }",
            cancellationToken);
        return (string)created["grant"]!["id"]!;
    }

    private async Task ConvertAsync(FundedGrant grant, long fromMinor, long toMinor, CancellationToken cancellationToken) => await client.MutateAsync(
        cast.Finance,
        "convertGrant",
        new JsonObject
        {
            ["grantId"] = grant.Id,
            ["from"] = Money(fromMinor, grant.Currency),
            ["to"] = Money(toMinor, currency),
            ["rate"] = Rate,
            ["on"] = time.GetUtcNow().ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture),
            ["evidence"] = Json.Evidence($"{grant.Donor}, advice of exchange"),
        },
        "transaction { hash }",
        cancellationToken);

    private async Task ReceiptAsync(FundedGrant grant, long amountMinor, string advice, CancellationToken cancellationToken) => await client.MutateAsync(
        cast.Finance,
        "recordReceipt",
        new JsonObject { ["grantId"] = grant.Id, ["amount"] = Money(amountMinor, grant.Currency), ["evidence"] = Json.Evidence(advice) },
        "transaction { hash }",
        cancellationToken);

    private static JsonObject Money(long amountMinor, string currency) => Json.Money(amountMinor, currency);
}

/// <summary>Values as the API takes them.</summary>
internal static class Json
{
    public static JsonObject Money(long amountMinor, string currency) =>
        new() { ["amountMinor"] = amountMinor.ToString(System.Globalization.CultureInfo.InvariantCulture), ["currency"] = currency };

    public static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Hash of a document that stays outside the ledger.</summary>
    public static string Evidence(string document) => Keccak.Hash(System.Text.Encoding.UTF8.GetBytes(document)).ToString();
}
