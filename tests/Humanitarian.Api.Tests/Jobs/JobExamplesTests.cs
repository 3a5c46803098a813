using System.Text.RegularExpressions;
using GraphQLParser.AST;
using Humanitarian.Api.Tests.Lists;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Api.Tests.Webhooks;

namespace Humanitarian.Api.Tests.Jobs;

/// <summary>What docs/jobs.md shows is what a client can do, from the first organisation to the end of a program.</summary>
public sealed partial class JobExamplesTests(ApiServer api)
{
    [Fact]
    public async Task Every_example_does_what_is_said_of_it_in_the_order_of_the_document()
    {
        var steps = JobDocument.Read().Steps;
        await using var receiver = await Receiver.StartAsync();
        var run = new JobRun(api);
        run.Keep("WEBHOOK_URL", receiver.Url);
        await NeighbourAsync(run, steps.OfType<ShellStep>().First(step => step.File.Contains("national_id", StringComparison.Ordinal)).File);
        foreach (var step in steps)
        {
            await run.DoAsync(step);
        }

        Assert.True(steps.OfType<DocumentStep>().Count() > 100);
    }

    [Fact]
    public void Every_mutation_of_the_readme_is_shown_as_a_whole_document()
    {
        var job = File.ReadAllText(ListFiles.Above("README.md")!).Split("### The main job")[1].Split("\n### ")[0];
        var mutations = RolesOfMutations();
        var named = Quoted.Matches(job).Select(match => match.Groups[1].Value).Where(mutations.ContainsKey).Distinct().ToArray();
        Assert.True(named.Length > 60);
        Assert.Empty(named.Except(Mutations(JobDocument.Read()).SelectMany(step => step.Fields)));
    }

    [Fact]
    public void Who_else_may_do_it_is_what_the_schema_says()
    {
        var document = JobDocument.Read();
        var mutations = RolesOfMutations();
        var cast = document.Steps.OfType<CastStep>().SelectMany(step => step.Rows.Skip(1))
            .ToDictionary(row => JobDocument.NameOf(row[0]), row => row[2].Split(", "));
        foreach (var step in Mutations(document).DistinctBy(step => step.Document).Where(step => mutations[step.Fields.Single()] is not ["every member"]))
        {
            var own = step.Who.SelectMany(who => cast.GetValueOrDefault(who, [who]));
            Assert.Equal((step.Place, Text(mutations[step.Fields.Single()].Except(own))), (step.Place, Text(step.Also)));
        }

        static string Text(IEnumerable<string> roles) => string.Join(", ", roles.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<DocumentStep> Mutations(JobDocument document) =>
        document.Steps.OfType<DocumentStep>().Where(step => step.Operation.Operation == OperationType.Mutation);

    /// <summary>By the end of each mutation's description.</summary>
    private static Dictionary<string, string[]> RolesOfMutations()
    {
        var mutations = File.ReadAllText(Path.Combine(ListFiles.Above("docs")!, "schema.graphql")).Split("\ntype Mutation {")[1].Split("\n}")[0];
        return Described.Matches(mutations).ToDictionary(match => match.Groups[2].Value, match => match.Groups[1].Value.Split(" or "));
    }

    /// <summary>Another organisation that assists the household of the list's third row too.</summary>
    private async Task NeighbourAsync(JobRun run, string list)
    {
        var neighbour = await new Aid(api, "jobs neighbour").SetUpAsync();
        var rows = list.Split('\n');
        var (_, answer) = await neighbour.UploadAsync(neighbour.Registrar, $"{rows[0]}\n{rows[3]}\n");
        await neighbour.Cast.DoneAsync(
            neighbour.Registrar, "enrolBeneficiaries",
            neighbour.Cast.Input(("programId", Aid.Text(neighbour.Program)), ("listId", answer.GetProperty("listId").GetString())));
        run.Keep("NEIGHBOUR_KEY", neighbour.Approver.Key);
        run.Wallet.Take("NEIGHBOUR", neighbour.Approver.Signer);
    }

    [GeneratedRegex("`([a-zA-Z]+)`")]
    private static partial Regex Quoted { get; }

    [GeneratedRegex(@"For ([A-Za-z_ ]+)\.""\n  (\w+)\(")]
    private static partial Regex Described { get; }
}
