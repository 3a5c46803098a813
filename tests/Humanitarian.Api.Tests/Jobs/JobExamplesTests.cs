using System.Text.RegularExpressions;
using Humanitarian.Api.Tests.Lists;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Api.Tests.Webhooks;
using GraphQLParser.AST;

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
        var root = Path.GetDirectoryName(ListFiles.Above("docs"))!;
        var job = File.ReadAllText(Path.Combine(root, "README.md")).Split("### The main job")[1].Split("\n### ")[0];
        var mutations = File.ReadAllText(Path.Combine(root, "docs", "schema.graphql")).Split("\ntype Mutation {")[1].Split("\n}")[0];
        var named = Quoted.Matches(job).Select(match => match.Groups[1].Value).Where(name => mutations.Contains($"\n  {name}(", StringComparison.Ordinal)).Distinct().ToArray();
        Assert.True(named.Length > 60);
        Assert.Empty(named.Except(JobDocument.Read().Steps.OfType<DocumentStep>().Where(step => step.Operation.Operation == OperationType.Mutation).SelectMany(step => step.Fields)));
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
}
