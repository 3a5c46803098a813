using System.Text.Json.Nodes;

namespace Humanitarian.Host.Demo;

/// <summary>What became of the money of the demo's grants.</summary>
internal static class Donations
{
    /// <summary>Exactly, as the organisation that runs the program sees it.</summary>
    public static Task<Trace[]> TracesAsync(GraphQlClient client, Actor finance, IReadOnlyList<FundedGrant> grants, CancellationToken cancellationToken) =>
        AskAsync(client, _ => finance, grants, cancellationToken);

    /// <summary>As each donor is told: no figure is about few households.</summary>
    public static Task<Trace[]> ToldAsync(GraphQlClient client, IReadOnlyList<FundedGrant> grants, CancellationToken cancellationToken) =>
        AskAsync(client, grant => grant.DonorMember, grants, cancellationToken);

    /// <summary>The question for each grant; a converted one in the program's currency, with the donor's beside it.</summary>
    private static async Task<Trace[]> AskAsync(
        GraphQlClient client, Func<FundedGrant, Actor> asker, IReadOnlyList<FundedGrant> grants, CancellationToken cancellationToken)
    {
        var traces = new List<Trace>();
        foreach (var grant in grants)
        {
            async Task<JsonObject> AskAsync(string query) =>
                await client.QueryAsync(asker(grant), query, new JsonObject { ["grantId"] = grant.Id }, cancellationToken)
                ?? throw new RefusedException("donationTrace", "NOT_FOUND", "The grant is not found.");
            var found = await AskAsync(Trace.Query);
            var trace = found["local"] is null ? Trace.Read(found) : Trace.ReadLocal(await AskAsync(Trace.LocalQuery));
            traces.Add(trace with { Label = grant.Donor });
        }

        return [.. traces];
    }
}
