using System.Text.Json.Nodes;
using Spectre.Console;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>Tills of the day.</summary>
internal static class Shops
{
    /// <summary>Two of five beneficiaries of an NGO go shopping; answers what each vendor received, in minor units.</summary>
    public static async Task<long[]> OpenAsync(GraphQlClient client, Ngo ngo, int rows, IAnsiConsole console, CancellationToken cancellationToken)
    {
        // Households that stand on two lists may have been assisted by the other organisation.
        Beneficiary[] shoppers = [.. ngo.List.Rows.Take(rows).Skip(ngo.Shared).Where((_, index) => index % 5 < 2)];
        var received = new long[ngo.Cast.Vendors.Count];
        await Crowd.EachAsync(console, $"Households of {ngo.Name} shop", shoppers.Length, async index =>
        {
            var vendor = index % received.Length;
            await RedeemAsync(client, ngo, ngo.Cast.Vendors[vendor], shoppers[index], $"receipt {index + 1}", cancellationToken);
            Interlocked.Add(ref received[vendor], shoppers[index].AmountMinor);
        }, cancellationToken);
        return received;
    }

    /// <summary>A household spends its whole voucher.</summary>
    public static Task RedeemAsync(GraphQlClient client, Ngo ngo, Vendor vendor, Beneficiary beneficiary, string receipt, CancellationToken cancellationToken) =>
        client.MutateAsync(
            vendor.Till, "redeemVoucher",
            new JsonObject
            {
                ["programId"] = ngo.ProgramId,
                ["beneficiaryAccountId"] = beneficiary.AccountId,
                ["vendorAccountId"] = vendor.AccountId,
                ["amount"] = Json.Money(beneficiary.AmountMinor, DayLists.Currency),
                ["categories"] = Casting.Texts(["food"]),
                ["receiptHash"] = Json.Evidence($"{ngo.Name}, {vendor.Name}, {receipt}"),
            },
            "transaction { hash }", cancellationToken);

    /// <summary>A vendor asks for what it received; finance pays it by bank and signs.</summary>
    public static async Task SettleAsync(GraphQlClient client, Ngo ngo, Vendor vendor, long amountMinor, DateTimeOffset until, CancellationToken cancellationToken)
    {
        var requested = await client.MutateAsync(
            vendor.Till, "settleVendor",
            new JsonObject
            {
                ["programId"] = ngo.ProgramId, ["vendorAccountId"] = vendor.AccountId, ["amount"] = Json.Money(amountMinor, DayLists.Currency), ["until"] = Json.Time(until),
            },
            "settlement { id }", cancellationToken);
        await client.MutateAsync(
            ngo.Cast.Finance, "approveSettlement",
            new JsonObject
            {
                ["settlementId"] = (string)requested["settlement"]!["id"]!, ["amount"] = Json.Money(amountMinor, DayLists.Currency),
                ["evidence"] = Json.Evidence($"bank transfer to {vendor.Name}"),
            },
            "transaction { hash }", cancellationToken, amountMinor);
    }
}
