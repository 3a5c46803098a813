using System.Text.Json.Nodes;
using Humanitarian.Domain;
using Spectre.Console;

namespace Humanitarian.Host.Demo.Coordination;

/// <summary>How suspicions ended.</summary>
internal sealed record Adjudicated(int Suspected, int Same, int Different, int NotAgreed);

/// <summary>
/// Organisations find households that stand on two of their lists, and decide together whether they are one. None learns who the other is
/// unless that one says so, and none sees another's records.
/// </summary>
internal sealed class Adjudication(GraphQlClient client, IReadOnlyList<Ngo> ngos, IAnsiConsole console, TimeProvider time)
{
    private const int PageHouseholds = 100;

    /// <summary>Compares every list with the others, dry at first, and then raises what is found.</summary>
    /// <returns>How many suspicions stand on the ledger.</returns>
    public async Task<int> MatchAsync(DateTimeOffset decideUntil, CancellationToken cancellationToken)
    {
        var dry = await RunAsync(ngos[0], null, cancellationToken);
        console.MarkupLineInterpolated(
            $"  A dry run tells {ngos[0].Name} only that at least {(string)dry["atLeast"]!} and fewer than {(string)dry["fewerThan"]!} of its households may be known to others.");
        foreach (var ngo in ngos)
        {
            await RunAsync(ngo, decideUntil, cancellationToken);
        }

        return (await Task.WhenAll(ngos.Select(ngo => SuspicionsAsync(ngo, cancellationToken)))).Sum(found => found.Count) / 2;
    }

    /// <summary>Each organisation's approver looks at its suspicions and signs what they are.</summary>
    public async Task DecideAsync(CancellationToken cancellationToken)
    {
        foreach (var ngo in ngos)
        {
            var suspicions = await SuspicionsAsync(ngo, cancellationToken);
            await console.Progress().StartAsync(async progress =>
            {
                var bar = progress.AddTask($"{ngo.Name} decides", maxValue: Math.Max(suspicions.Count, 1));
                foreach (var suspicion in suspicions)
                {
                    await DecideAsync(ngo, suspicion, cancellationToken);
                    bar.Increment(1);
                }
            });
        }
    }

    /// <summary>Waits until nobody has time left, and counts how they ended.</summary>
    public async Task<Adjudicated> EndedAsync(DateTimeOffset decideUntil, CancellationToken cancellationToken)
    {
        if (decideUntil - time.GetUtcNow() is { Ticks: > 0 } left)
        {
            await Task.Delay(left, time, cancellationToken);
        }

        var states = new Dictionary<string, string>();
        foreach (var ngo in ngos)
        {
            foreach (var suspicion in await SuspicionsAsync(ngo, cancellationToken))
            {
                states[(string)suspicion["id"]!] = (string)suspicion["state"]!;
            }
        }

        int Of(string state) => states.Values.Count(found => found == state);
        return new Adjudicated(states.Count, Of("SAME"), Of("DIFFERENT"), Of("UNDECIDED"));
    }

    private async Task<JsonNode> RunAsync(Ngo ngo, DateTimeOffset? decideUntil, CancellationToken cancellationToken) => (await client.MutateAsync(
        ngo.Cast.Registrar, "matchList",
        new JsonObject
        {
            ["programId"] = ngo.ProgramId, ["listId"] = ngo.List.ListId, ["countOnly"] = decideUntil is null, ["decideUntil"] = decideUntil is { } until ? Json.Time(until) : null,
        },
        "run { atLeast fewerThan }", cancellationToken))["run"]!;

    private async Task<IReadOnlyList<JsonNode>> SuspicionsAsync(Ngo ngo, CancellationToken cancellationToken)
    {
        var suspicions = new List<JsonNode>();
        string? after = null;
        do
        {
            var page = await client.QueryAsync(
                ngo.Cast.Approver,
                "query($first: Int!, $after: String) { overlaps(first: $first, after: $after) { nodes { id isStrong state otherOpinion } pageInfo { endCursor hasNextPage } } }",
                new JsonObject { ["first"] = PageHouseholds, ["after"] = after },
                cancellationToken) ?? throw new RefusedException("overlaps", RefusalCode.Forbidden, "The approver may not see them.");
            suspicions.AddRange(((JsonArray)page["nodes"]!).Select(node => node!));
            after = (bool)page["pageInfo"]!["hasNextPage"]! ? (string)page["pageInfo"]!["endCursor"]! : null;
        }
        while (after is not null);

        return suspicions;
    }

    /// <summary>Most are the same; a shared telephone alone is not; of one in ten the first cannot tell, so they do not agree.</summary>
    private async Task DecideAsync(Ngo ngo, JsonNode suspicion, CancellationToken cancellationToken)
    {
        var (id, isFirst) = ((string)suspicion["id"]!, (string)suspicion["otherOpinion"]! == "NONE");
        var opinion = !(bool)suspicion["isStrong"]! ? "DIFFERENT" : Convert.ToInt32(id[^2..], 16) % 10 == 0 && isFirst ? "UNSURE" : "SAME";
        await client.MutateAsync(
            ngo.Cast.Approver, "decideOverlap",
            new JsonObject { ["overlapId"] = id, ["opinion"] = opinion, ["reason"] = "VISITED", ["namesYou"] = true }, "overlap { state }", cancellationToken);
    }
}
