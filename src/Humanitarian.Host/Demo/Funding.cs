using System.Text.Json.Nodes;
using Humanitarian.Chain.Crypto;

namespace Humanitarian.Host.Demo;

/// <summary>A grant of the demo: what it bears of the list, of costs, and what it keeps.</summary>
internal sealed record FundedGrant(string Id, string Donor, Actor DonorMember, long CostMinor, long ReserveMinor);

/// <summary>Two donors fund the program with what the list needs, costs, and a reserve.</summary>
internal sealed class Funding(GraphQlClient client, Cast cast, string programId, string currency, TimeProvider time)
{
    public const string BudgetLine = "operations";

    /// <param name="shares">What each grant bears of the disbursements.</param>
    public async Task<IReadOnlyList<FundedGrant>> FundAsync(IReadOnlyList<long> shares, CancellationToken cancellationToken)
    {
        var grants = new List<FundedGrant>();
        for (var i = 0; i < shares.Count; i++)
        {
            var cost = i == 0 ? Math.Max(1, shares.Sum() / 50) : 0;
            var reserve = Math.Max(2, shares.Sum() / 100);
            var grant = new FundedGrant(
                await GrantAsync(i, checked(shares[i] + cost + reserve), cost, cancellationToken), cast.Donors[i].Name, cast.Donors[i].Member, cost, reserve);
            grants.Add(grant);

            // Money comes in two parts, so that there is more than one lot to follow.
            var first = Math.Max(1, (shares[i] + cost + reserve) / 2);
            await ReceiptAsync(grant.Id, first, $"{grant.Donor}, first instalment", cancellationToken);
            await ReceiptAsync(grant.Id, shares[i] + cost + reserve - first, $"{grant.Donor}, second instalment", cancellationToken);
        }

        return grants;
    }

    private async Task<string> GrantAsync(int donor, long commitmentMinor, long costMinor, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var created = await client.MutateAsync(
            cast.Finance,
            "createGrant",
            new JsonObject
            {
                ["programId"] = programId,
                ["donorId"] = cast.Donors[donor].Id,
                ["commitment"] = Money(commitmentMinor, currency),
                ["eligibleFrom"] = Json.Time(now.AddDays(-1)),
                ["eligibleUntil"] = Json.Time(now.AddYears(1)),
                ["budgetLines"] = costMinor > 0 ? new JsonArray(new JsonObject { ["code"] = BudgetLine, ["limit"] = Money(costMinor, currency) }) : null,
            },
            "grant { id }",
            cancellationToken);
        return (string)created["grant"]!["id"]!;
    }

    private async Task ReceiptAsync(string grant, long amountMinor, string advice, CancellationToken cancellationToken) => await client.MutateAsync(
        cast.Finance,
        "recordReceipt",
        new JsonObject { ["grantId"] = grant, ["amount"] = Money(amountMinor, currency), ["evidence"] = Json.Evidence(advice) },
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
