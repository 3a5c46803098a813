using System.Text;
using System.Text.RegularExpressions;
using GraphQLParser;
using GraphQLParser.AST;
using Humanitarian.Api.Tests.Lists;

namespace Humanitarian.Api.Tests.Jobs;

/// <summary>One thing that docs/jobs.md says to do.</summary>
internal abstract record JobStep(string Place)
{
    /// <summary>What is said after it: what to keep, and what to see.</summary>
    public string After { get; set; } = "";
}

/// <summary>A document to send.</summary>
/// <param name="Who">Who sends it, one after the other.</param>
/// <param name="SignedBy">Whose key signs it; empty for the sender's own, null when it is not signed.</param>
/// <param name="Also">Roles that may do it too.</param>
/// <param name="Variables">As JSON with placeholders; null when it has none.</param>
internal sealed record DocumentStep(string Place, string[] Who, string? SignedBy, string[] Also, string Document, string? Variables) : JobStep(Place)
{
    public GraphQLOperationDefinition Operation { get; } = Parser.Parse(Document).Definitions.OfType<GraphQLOperationDefinition>().Single();

    public IEnumerable<string> Fields => Operation.SelectionSet.Selections.OfType<GraphQLField>().Select(selected => selected.Name.StringValue);
}

/// <summary>A command for a shell.</summary>
/// <param name="File">What stands in the file that it sends, from the block before.</param>
internal sealed record ShellStep(string Place, string Command, string File) : JobStep(Place);

/// <summary>A table of who comes in by the documents above it.</summary>
/// <param name="Rows">The header, and a row for each actor.</param>
/// <param name="Above">Those documents, by their mutation.</param>
internal sealed record CastStep(string Place, string[][] Rows, IReadOnlyDictionary<string, DocumentStep> Above) : JobStep(Place);

/// <summary>
/// Reads docs/jobs.md: a graphql block is a document, each json block after it its variables; a json block without one goes with the documents
/// that the sentence before it names "as above"; a csv or jsonl block is the file of the next sh block; "**As the registrar, signed.**" says who, and
/// "(Also `FINANCE`.)" after it who else may.
/// </summary>
internal sealed partial class JobDocument
{
    private readonly List<JobStep> steps = [];
    private readonly Dictionary<string, DocumentStep> known = [];
    private readonly StringBuilder prose = new();
    private string heading = "";
    private string? document;
    private string file = "";
    private (string[] Who, string? SignedBy, string[] Also)? sender;

    private JobDocument()
    {
    }

    public IReadOnlyList<JobStep> Steps => steps;

    public static JobDocument Read()
    {
        var read = new JobDocument();
        var lines = File.ReadAllLines(Path.Combine(ListFiles.Above("docs")!, "jobs.md"));
        for (var at = 0; at < lines.Length; at++)
        {
            at = read.Take(lines, at);
        }

        read.EndProse();
        return read;
    }

    /// <returns>The last line that was taken.</returns>
    private int Take(string[] lines, int at)
    {
        if (lines[at].StartsWith("```", StringComparison.Ordinal))
        {
            var end = Array.FindIndex(lines, at + 1, line => line == "```");
            var next = lines.Skip(end + 1).FirstOrDefault(line => line.Length > 0);
            Block(lines[at][3..], string.Join('\n', lines[(at + 1)..end]), $"{heading}, line {at + 1}", next == "```json");
            return end;
        }

        if (lines[at].StartsWith("| actor |", StringComparison.Ordinal))
        {
            EndProse();
            var rows = lines[at..].TakeWhile(line => line.StartsWith('|')).ToArray();
            var cells = rows.Where((_, row) => row != 1).Select(row => row.Replace("`", "", StringComparison.Ordinal).Trim('|').Split('|', StringSplitOptions.TrimEntries));
            Add(new CastStep($"{heading}, line {at + 1}", [.. cells], known));
            return at + rows.Length - 1;
        }

        if (lines[at].StartsWith('#'))
        {
            EndProse();
            (heading, document, sender) = (lines[at].TrimStart('#', ' '), null, null);
        }

        prose.Append(lines[at]).Append('\n');
        return at;
    }

    private void Block(string language, string text, string place, bool hasVariables)
    {
        var said = EndProse();
        DocumentStep Sent(string? variables) => sender is var (who, signedBy, also)
            ? new DocumentStep(place, who, signedBy, also, document!, variables)
            : throw new InvalidOperationException($"{place}: nobody is named who does it.");
        switch (language)
        {
            case "graphql":
                document = text;
                if (!hasVariables)
                {
                    Add(Sent(null));
                }

                break;
            case "json" when document is not null && !AsAbove.IsMatch(said):
                Add(Sent(text));
                break;
            case "json":
                foreach (var name in AsAbove.Match(said).Groups[1].Captures.Select(name => name.Value))
                {
                    var earlier = known.GetValueOrDefault(name) ?? throw new InvalidOperationException($"{place}: {name} does not stand above.");
                    var (who, signedBy, also) = Actors.IsMatch(said) ? sender!.Value : (earlier.Who, earlier.SignedBy, earlier.Also);
                    Add(earlier with { Place = place, Who = who, SignedBy = signedBy, Also = also, Variables = text, After = "" });
                }

                break;
            case "sh":
                Add(new ShellStep(place, text, file));
                break;
            case "csv" or "jsonl":
                file = text + "\n";
                break;
        }
    }

    private void Add(JobStep step)
    {
        steps.Add(step);

        // A rehearsal is not what "as above" means.
        if (step is DocumentStep sent && sent.Variables?.Contains("dryRun", StringComparison.Ordinal) != true)
        {
            foreach (var name in sent.Fields)
            {
                known.TryAdd(name, sent);
            }
        }
    }

    /// <summary>The prose so far belongs to the step before it, and may name who does the next.</summary>
    private string EndProse()
    {
        var said = prose.ToString();
        prose.Clear();
        if (steps.Count > 0)
        {
            steps[^1].After += said;
        }

        foreach (Match match in Actors.Matches(said))
        {
            var parts = match.Groups[1].Value.Split(", ");
            var signed = parts.SingleOrDefault(part => part.StartsWith("signed", StringComparison.Ordinal));
            sender = (
                [.. parts.Where(part => part != signed).Select(NameOf)],
                signed switch { null => null, "signed" => "", _ => NameOf(signed["signed by ".Length..]) },
                [.. match.Groups[2].Captures.Select(role => role.Value)]);
        }

        return said;
    }

    /// <summary>"then as the field agent" is FIELD_AGENT, as its placeholders begin.</summary>
    public static string NameOf(string actor) => Article.Replace(actor, "").ToUpperInvariant().Replace(' ', '_');

    [GeneratedRegex(@"\*\*As ([^*]+)\.\*\*(?:\s\(Also(?:\s`(\w+)`[,.])+\))?")]
    private static partial Regex Actors { get; }

    [GeneratedRegex("^(then as )?(the )?")]
    private static partial Regex Article { get; }

    [GeneratedRegex(@"(?:`(\w+)`(?:, | and )?)+ as above")]
    private static partial Regex AsAbove { get; }
}
