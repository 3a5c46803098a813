using GraphQL;
using GraphQL.Types;
using GraphQLParser;
using GraphQLParser.AST;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Works out what an operation may cost. It takes documents that are not validated yet: what the schema does not know costs one, and
/// a fragment within itself nothing, because both are refused afterwards.
/// </summary>
internal sealed class CostAnalysis(ISchema schema, GraphQLDocument document, GraphQLOperationDefinition operation)
{
    /// <summary>More are counted as one, with the longest lists: different variables in fragments within fragments would double them at each level.</summary>
    private const int TermsMost = 100;

    private static readonly OperationCost Nothing = new([], 0);

    private readonly Dictionary<(string Name, ListLength? First), OperationCost> fragments = [];
    private readonly HashSet<string> under = [];

    public static OperationCost Of(ISchema schema, GraphQLDocument document, GraphQLOperationDefinition operation)
    {
        var root = operation.Operation switch
        {
            OperationType.Mutation => schema.Mutation,
            OperationType.Subscription => schema.Subscription,
            _ => (IObjectGraphType?)schema.Query,
        };
        return new CostAnalysis(schema, document, operation).Of(operation.SelectionSet, root, null);
    }

    /// <param name="first">How long the parent says that its list is.</param>
    private OperationCost Of(GraphQLSelectionSet set, IGraphType? type, ListLength? first)
    {
        var (terms, depth) = (new List<CostTerm>(), 0);
        foreach (var selection in set.Selections)
        {
            var cost = selection switch
            {
                GraphQLField field => Of(field, type, first),
                GraphQLInlineFragment inline => Of(inline.SelectionSet, inline.TypeCondition is { } condition ? schema.AllTypes[condition.Type.Name.Value] : type, first),
                GraphQLFragmentSpread spread => Of(spread, first),
                _ => Nothing,
            };
            terms.AddRange(cost.Terms);
            depth = Math.Max(depth, cost.Depth);
        }

        return new OperationCost(Merged(terms), depth);
    }

    private OperationCost Of(GraphQLFragmentSpread spread, ListLength? first)
    {
        // Worked out once, so that fragments within fragments do not multiply the work.
        var name = spread.FragmentName.Name.StringValue;
        if (fragments.TryGetValue((name, first), out var known))
        {
            return known;
        }

        if (document.Definitions.OfType<GraphQLFragmentDefinition>().FirstOrDefault(one => one.FragmentName.Name == name) is not { } fragment
            || !under.Add(name))
        {
            return Nothing;
        }

        var cost = Of(fragment.SelectionSet, schema.AllTypes[fragment.TypeCondition.Type.Name.Value], first);
        under.Remove(name);
        return fragments[(name, first)] = cost;
    }

    private OperationCost Of(GraphQLField field, IGraphType? parent, ListLength? first)
    {
        var definition = DefinitionOf(field.Name.Value, parent);
        var isRoot = parent is not null && (parent == schema.Query || parent == schema.Mutation || parent == schema.Subscription) && !field.Name.Value.Span.StartsWith("__");
        var own = new CostTerm(definition is null ? 1 : CostAttribute.Of(definition, isRoot), []);
        if (field.SelectionSet is not { } set)
        {
            return new OperationCost([own], 1);
        }

        var asked = definition?.Arguments?.Find("first") is null ? null
            : ListLength.Of(field.Arguments?.FirstOrDefault(argument => argument.Name == "first")?.Value, operation);
        var isList = definition is not null && IsList(definition);
        var within = Of(set, definition?.ResolvedType?.GetNamedType(), isList ? null : asked);
        var length = !isList ? null : asked ?? first ?? Usual(definition!, parent);
        return new OperationCost([own, .. length is null ? within.Terms : within.Terms.Select(term => Times(term, length))], within.Depth + 1);
    }

    private FieldType? DefinitionOf(ROM name, IGraphType? parent) =>
        parent == schema.Query && name == schema.SchemaMetaFieldType.Name ? schema.SchemaMetaFieldType
        : parent == schema.Query && name == schema.TypeMetaFieldType.Name ? schema.TypeMetaFieldType
        : (parent as IComplexGraphType)?.GetField(name);

    // In the schema itself only types and fields are many; counted like other lists they make walks in a circle cost what they do.
    private static ListLength Usual(FieldType field, IGraphType? parent) =>
        new(null, parent?.Name.StartsWith("__", StringComparison.Ordinal) == true && field.Name is not ("types" or "fields" or "inputFields") ? 2 : OperationCost.ListLength);

    private static bool IsList(FieldType field) => field.ResolvedType is ListGraphType or NonNullGraphType { ResolvedType: ListGraphType };

    private static CostTerm Times(CostTerm term, ListLength length) =>
        length.Variable is null
            ? term with { Factor = Saturating.Multiply(term.Factor, length.Written) }
            : term with { Lengths = [.. term.Lengths, length] };

    private static IReadOnlyList<CostTerm> Merged(List<CostTerm> terms)
    {
        if (terms.Count < 2)
        {
            return terms;
        }

        CostTerm[] merged = [.. terms.GroupBy(term => string.Join(' ', term.Lengths.Select(length => length.Variable))).Select(same => same.First() with
        {
            Factor = same.Aggregate(0L, (sum, term) => Saturating.Add(sum, term.Factor)),
        })];
        return merged.Length <= TermsMost ? merged : [new CostTerm(merged.Aggregate(0L, (sum, term) => Saturating.Add(sum, term.Longest)), [])];
    }
}
