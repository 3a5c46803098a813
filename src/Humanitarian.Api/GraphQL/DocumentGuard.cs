using System.Collections.Concurrent;
using GraphQL;
using GraphQL.DI;
using GraphQLParser;
using GraphQLParser.AST;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Bounds a document before it is validated, because some validation rules compare fields pairwise, and keeps validated documents, so
/// that a client that sends variables is parsed and validated once.
/// </summary>
internal sealed class DocumentGuard : IConfigureExecution
{
    /// <summary>Fields, fragments and directives that a document may have.</summary>
    public const int NodesMax = 1_000;

    private const int CachedMax = 1_000;
    private const int CachedCharsMax = 20_000;

    private readonly ConcurrentDictionary<string, GraphQLDocument> validated = new(StringComparer.Ordinal);

    public float SortOrder => 200;

    public async Task<ExecutionResult> ExecuteAsync(ExecutionOptions options, ExecutionDelegate next)
    {
        var text = options.Query!;
        if (validated.TryGetValue(text, out var known))
        {
            options.Document = known;
            // Without any, all would run again, which takes longer than the rest of a request.
            options.ValidationRules = options.CachedDocumentValidationRules ?? [];
            return await next(options);
        }

        try
        {
            options.Document = Parser.Parse(text);
        }
        catch (Exception syntax) when (syntax is GraphQLParser.Exceptions.GraphQLParserException)
        {
            // The executer parses it again and reports it in its own form.
            return await next(options);
        }

        if (Nodes(options.Document) > NodesMax)
        {
            return new ExecutionResult
            {
                Errors = [new ExecutionError($"A document has at most {NodesMax} fields, fragments and directives.") { Code = ApiCode.TooComplex }],
            };
        }

        var result = await next(options);
        if (result.Executed && text.Length <= CachedCharsMax)
        {
            Remember(text, options.Document);
        }

        return result;
    }

    private void Remember(string text, GraphQLDocument document)
    {
        if (validated.Count >= CachedMax)
        {
            validated.Clear();
        }

        validated[text] = document;
    }

    private static int Nodes(GraphQLDocument document) => document.Definitions.Sum(definition => definition switch
    {
        GraphQLOperationDefinition operation => Nodes(operation.SelectionSet) + (operation.Directives?.Count ?? 0),
        GraphQLFragmentDefinition fragment => 1 + Nodes(fragment.SelectionSet),
        _ => 1,
    });

    // The parser bounds the depth, so the recursion is bounded too.
    private static int Nodes(GraphQLSelectionSet? set) => set?.Selections.Sum(selection => 1 + (selection switch
    {
        GraphQLField field => Nodes(field.SelectionSet) + (field.Directives?.Count ?? 0) + (field.Arguments?.Count ?? 0),
        GraphQLInlineFragment inline => Nodes(inline.SelectionSet),
        _ => 0,
    })) ?? 0;
}
