using System.Text.Json.Nodes;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>An NGO of the day with its program and its list.</summary>
/// <param name="Cast">Its members, and the donors and vendors it works with.</param>
/// <param name="Shared">Rows at the head of its list that stand on another NGO's too.</param>
internal sealed record Ngo(string Name, Cast Cast, string ProgramId, ImportedList List, int Shared, IReadOnlyList<FundedGrant> Grants)
{
    public long TotalMinor => SumMinor(0, List.Rows.Count);

    public long SumMinor(int first, int rows) => List.Rows.Skip(first).Take(rows).Sum(row => row.AmountMinor);

    public Disbursing Disbursing(GraphQlClient client, TimeProvider time) => new(client, Cast, ProgramId, List.ListId, DayLists.Currency, time);

    /// <summary>What each grant bears of an amount; together the amount.</summary>
    public IReadOnlyList<(string Grant, long AmountMinor)> Shares(long amountMinor) =>
        [(Grants[0].Id, Slices.FirstShare(amountMinor)), (Grants[1].Id, amountMinor - Slices.FirstShare(amountMinor))];

    /// <summary>Opens a program from a preset, with the vendors accredited where it is one of vouchers.</summary>
    public static async Task<string> OpenProgramAsync(GraphQlClient client, Cast cast, string name, string preset, CancellationToken cancellationToken)
    {
        var created = await client.MutateAsync(
            cast.Administrator, "createProgram",
            new JsonObject { ["name"] = name, ["unit"] = DayLists.Currency, ["terms"] = TermsJson.Preset(preset)! }, "program { id }", cancellationToken);
        var program = (string)created["program"]!["id"]!;
        foreach (var vendor in cast.Vendors.Where(_ => preset == "voucher"))
        {
            await client.MutateAsync(
                cast.Administrator, "accreditVendor",
                new JsonObject { ["programId"] = program, ["vendorAccountId"] = vendor.AccountId, ["categories"] = Casting.Texts(["food"]) },
                "transaction { hash }", cancellationToken);
        }

        return program;
    }
}
