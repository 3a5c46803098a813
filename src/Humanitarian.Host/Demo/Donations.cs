using System.Text.Json.Nodes;

namespace Humanitarian.Host.Demo;

/// <summary>What the donors of the demo's grants are answered.</summary>
internal static class Donations
{
    /// <summary>Each donor's own question; a converted grant in the program's currency, with the donor's beside it.</summary>
    public static async Task<Trace[]> TracesAsync(GraphQlClient client, IReadOnlyList<FundedGrant> grants, CancellationToken cancellationToken)
    {
        var traces = new List<Trace>();
        foreach (var grant in grants)
        {
            async Task<JsonObject> AskAsync(string query) =>
                await client.QueryAsync(grant.DonorMember, query, new JsonObject { ["grantId"] = grant.Id }, cancellationToken)
                ?? throw new RefusedException("donationTrace", "NOT_FOUND", "A donor does not find their grant.");
            var found = await AskAsync(Trace.Query);
            var trace = found["local"] is null ? Trace.Read(found) : Trace.ReadLocal(await AskAsync(Trace.LocalQuery));
            traces.Add(trace with { Label = grant.Donor });
        }

        return [.. traces];
    }
}
