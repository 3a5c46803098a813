using GraphQL.Types;
using GraphQLParser.AST;

namespace Humanitarian.Api.GraphQL;

/// <summary>A parsed document, and what each of its operations may cost.</summary>
internal sealed record KnownDocument(GraphQLDocument Document, IReadOnlyList<KnownOperation> Operations)
{
    public static KnownDocument Of(ISchema schema, GraphQLDocument document)
    {
        schema.Initialize();
        return new KnownDocument(
            document,
            [.. document.Definitions.OfType<GraphQLOperationDefinition>().Select(operation => new KnownOperation(operation, CostAnalysis.Of(schema, document, operation)))]);
    }

    /// <summary>The operation that a request asks for; null when it is none of these, or not said which.</summary>
    public KnownOperation? Find(string? name) =>
        !string.IsNullOrEmpty(name) ? Operations.FirstOrDefault(one => one.Operation.Name == name)
        : Operations is [var only] ? only
        : null;
}

/// <summary>An operation and what it may cost.</summary>
internal sealed record KnownOperation(GraphQLOperationDefinition Operation, OperationCost Cost);
