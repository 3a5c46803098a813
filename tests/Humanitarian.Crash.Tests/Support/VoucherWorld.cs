using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Humanitarian.Chain.Blocks;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Programs;
using Humanitarian.Host.Demo;

namespace Humanitarian.Crash.Tests.Support;

/// <summary>A voucher program that is set up: what its clients know.</summary>
/// <param name="Shoppers">Beneficiaries whose vouchers are credited.</param>
/// <param name="Awaiting">Beneficiaries on an in-person disbursement that field agents deliver.</param>
/// <param name="Devices">The agents' devices, in the order of the cast's agents.</param>
/// <param name="Bulk">Slices of the list that nothing has been disbursed to yet.</param>
internal sealed record VoucherWorld(
    LedgerDomain Domain, Cast Cast, string ProgramId, string ListId, IReadOnlyList<FundedGrant> Grants, IReadOnlyList<Beneficiary> Shoppers,
    string InPerson, IReadOnlyList<Beneficiary> Awaiting, IReadOnlyList<string> Devices, IReadOnlyList<BulkSlice> Bulk)
{
    public const string Currency = DemoList.DefaultCurrency;

    /// <summary>What the shoppers were credited at set-up.</summary>
    public long ShoppersMinor => Shoppers.Sum(row => row.AmountMinor);
}

/// <summary>Rows of the list that one bulk disbursement pays.</summary>
internal sealed record BulkSlice(int FirstRow, int Rows, long TotalMinor);

/// <summary>How many of the list's rows are for what.</summary>
internal sealed record WorldSize(int Shoppers, int Awaiting, int BulkSlices, int BulkRows)
{
    public int Rows => Shoppers + Awaiting + (BulkSlices * BulkRows);
}

/// <summary>Sets a voucher program up on a new server, as its people would.</summary>
internal static partial class WorldSetup
{
    private static readonly TimeProvider Time = TimeProvider.System;

    public static async Task<VoucherWorld> RunAsync(Uri server, string firstStart, WorldSize size)
    {
        using var http = new HttpClient { BaseAddress = server };
        var random = new SystemRandomSource();
        var domain = new LedgerDomain(Id.Parse(Shown(LedgerId(), firstStart)));
        var client = new GraphQlClient(http, domain, Time);
        var administrator = new Actor(Shown(ApiKey(), firstStart), Id.Parse(Shown(Administrator(), firstStart)), Convert.FromHexString(Shown(SigningKey(), firstStart)));
        await client.MutateAsync(
            administrator, "defineUnit", new JsonObject { ["code"] = VoucherWorld.Currency, ["exponent"] = 2 }, "transaction { hash }", default);
        var cast = await new Casting(client, administrator, random).RegisterAsync(default);
        var program = await ProgramAsync(client, cast);
        var made = DemoList.OfGenerated(size.Rows, VoucherWorld.Currency, DemoList.DefaultAmount);
        var list = await ListUpload.SendAsync(client, cast.Registrar, program, made, default);
        Assert.True(list.Rows.Count >= size.Rows, $"The made list has only {list.Rows.Count} good rows.");
        var total = list.Rows.Sum(row => row.AmountMinor);
        var grants = await new Funding(client, administrator, cast, program, made, Time, oneCurrency: true).FundAsync([Slices.FirstShare(total), total - Slices.FirstShare(total)], default);
        await client.MutateAsync(
            cast.Registrar, "enrolBeneficiaries", new JsonObject { ["programId"] = program, ["listId"] = list.ListId }, "transaction { hash }", default);

        var disbursing = new Disbursing(client, cast, program, list.ListId, VoucherWorld.Currency, Time);
        BulkSlice Slice(int first, int rows) => new(first, rows, list.Rows.Skip(first).Take(rows).Sum(row => row.AmountMinor));
        var (shoppers, awaiting) = (Slice(0, size.Shoppers), Slice(size.Shoppers, size.Awaiting));
        var paid = await disbursing.ReleaseAsync(shoppers.FirstRow, shoppers.Rows, shoppers.TotalMinor, false, Shares(grants, shoppers.TotalMinor), null, default);
        Assert.Equal(shoppers.TotalMinor, (await disbursing.PaidAsync(paid, _ => { }, default)).PaidMinor);
        var inPerson = await disbursing.ReleaseAsync(awaiting.FirstRow, awaiting.Rows, awaiting.TotalMinor, true, Shares(grants, awaiting.TotalMinor), null, default);
        return new VoucherWorld(
            domain, cast, program, list.ListId, grants, [.. list.Rows.Take(size.Shoppers)], inPerson, [.. list.Rows.Skip(size.Shoppers).Take(size.Awaiting)],
            await DevicesAsync(client, cast, program, awaiting.TotalMinor),
            [.. Enumerable.Range(0, size.BulkSlices).Select(slice => Slice(size.Shoppers + size.Awaiting + (slice * size.BulkRows), size.BulkRows))]);
    }

    /// <summary>What each grant bears of an amount.</summary>
    public static (string Grant, long AmountMinor)[] Shares(IReadOnlyList<FundedGrant> grants, long amountMinor) =>
        [(grants[0].Id, Slices.FirstShare(amountMinor)), (grants[1].Id, amountMinor - Slices.FirstShare(amountMinor))];

    private static async Task<string> ProgramAsync(GraphQlClient client, Cast cast)
    {
        var terms = JsonNode.Parse(TermsJson.Preset("voucher")!)!;
        foreach (var rule in ((JsonArray)terms["rules"]!).Where(rule => (string?)rule!["rule"] == "entitlementPerPeriod"))
        {
            rule!["maximumMinor"] = DemoList.RaisedCapMinor;
        }

        var created = await client.MutateAsync(
            cast.Administrator,
            "createProgram",
            new JsonObject { ["name"] = "Food vouchers", ["unit"] = VoucherWorld.Currency, ["terms"] = terms.ToJsonString() },
            "program { id }",
            default);
        var program = (string)created["program"]!["id"]!;
        for (var vendor = 0; vendor < cast.Vendors.Count; vendor++)
        {
            await client.MutateAsync(
                cast.Administrator,
                "accreditVendor",
                new JsonObject
                {
                    ["programId"] = program, ["vendorAccountId"] = cast.Vendors[vendor].AccountId, ["categories"] = Casting.Texts([Casting.Categories[vendor]]),
                },
                "transaction { hash }",
                default);
        }

        return program;
    }

    private static async Task<IReadOnlyList<string>> DevicesAsync(GraphQlClient client, Cast cast, string program, long totalMinor)
    {
        var devices = new List<string>();
        foreach (var agent in cast.Agents)
        {
            var registered = await client.MutateAsync(
                cast.Administrator,
                "registerDevice",
                new JsonObject
                {
                    ["memberId"] = agent.Actor.Member.ToString(),
                    ["programId"] = program,
                    ["site"] = "",
                    ["address"] = Secp256k1.AddressOf(agent.DeviceKey).ToChecksumText(),
                    ["perDay"] = Json.Money(totalMinor, VoucherWorld.Currency),
                    ["perBeneficiary"] = Json.Money(totalMinor, VoucherWorld.Currency),
                },
                "deviceId",
                default);
            devices.Add((string)registered["deviceId"]!);
        }

        return devices;
    }

    private static string Shown(Regex line, string firstStart) =>
        line.Match(firstStart) is { Success: true } match ? match.Groups[1].Value : throw new InvalidOperationException($"The first start does not show {line}: {firstStart}");

    [GeneratedRegex(@"^\s+ledger\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex LedgerId();

    [GeneratedRegex(@"^\s+administrator\s+(\S+)", RegexOptions.Multiline)]
    private static partial Regex Administrator();

    [GeneratedRegex(@"administrator's API key\s+(\S+)")]
    private static partial Regex ApiKey();

    [GeneratedRegex(@"administrator's signing key\s+0x([0-9a-f]{64})")]
    private static partial Regex SigningKey();
}
