using System.Globalization;
using GraphQL;
using GraphQL.Types;
using GraphQLParser.AST;

namespace Humanitarian.Api.GraphQL;

/// <summary>Says what a field costs itself, where it is not what others cost.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class CostAttribute(int cost) : GraphQLAttribute
{
    private const string Key = "cost";

    public override void Modify(FieldType fieldType, bool isInputType) => fieldType.Metadata[Key] = cost;

    /// <summary>What the field itself costs.</summary>
    public static long Of(FieldType field, bool isRoot) => field.GetMetadata<int?>(Key) ?? (isRoot ? OperationCost.Root : 1);
}

/// <summary>What an operation may cost at most: known before anything is read, and worked out once for each document.</summary>
/// <param name="Depth">Levels of fields within fields.</param>
internal sealed record OperationCost(IReadOnlyList<CostTerm> Terms, int Depth)
{
    /// <summary>What a field costs that reads the ledger, or changes it: those of the query and of the mutation, and some within.</summary>
    public const int Root = 10;

    /// <summary>What a field costs that goes through a whole list or grant.</summary>
    public const int Many = 100;

    /// <summary>How long a list is taken to be that no argument bounds.</summary>
    public const int ListLength = 10;

    /// <summary>The cost with these variables.</summary>
    public long With(Inputs? variables)
    {
        var sum = 0L;
        foreach (var term in Terms)
        {
            sum = Saturating.Add(sum, term.With(variables));
        }

        return sum;
    }
}

/// <summary>Fields that lie in the same lists.</summary>
/// <param name="Factor">Their number, times the lists whose lengths are written in the document.</param>
/// <param name="Lengths">The lists whose lengths are variables.</param>
internal sealed record CostTerm(long Factor, IReadOnlyList<ListLength> Lengths)
{
    /// <summary>The cost with the longest lists.</summary>
    public long Longest => Lengths.Aggregate(Factor, (cost, _) => Saturating.Multiply(cost, Paging.Most));

    public long With(Inputs? variables)
    {
        var cost = Factor;
        foreach (var length in Lengths)
        {
            cost = Saturating.Multiply(cost, length.With(variables));
        }

        return cost;
    }
}

/// <summary>A list's length: written, or a variable's.</summary>
/// <param name="Written">The length, or what counts when the variable is absent.</param>
internal sealed record ListLength(string? Variable, int Written)
{
    public long With(Inputs? variables) =>
        Variable is null ? Written
        : variables is null || !variables.TryGetValue(Variable, out var given) ? Written
        : Bounded(given);

    /// <summary>What the argument <c>first</c> says. What is no length is refused later, and counts as the longest.</summary>
    public static ListLength Of(GraphQLValue? first, GraphQLOperationDefinition operation) => first switch
    {
        GraphQLIntValue number => new ListLength(null, Bounded(int.TryParse(number.Value.Span, CultureInfo.InvariantCulture, out var length) ? length : null)),
        GraphQLVariable variable => new ListLength(
            variable.Name.StringValue,
            operation.Variables?.Items.FirstOrDefault(one => one.Variable.Name == variable.Name)?.DefaultValue is GraphQLIntValue byDefault
                ? Of(byDefault, operation).Written
                : Paging.Most),
        _ => new ListLength(null, Paging.Most),
    };

    private static int Bounded(object? given) => given is int length ? Math.Clamp(length, 0, Paging.Most) : Paging.Most;
}

/// <summary>Sums and products that stay at the most instead of overflowing: too much is too much.</summary>
internal static class Saturating
{
    private const long Most = 1_000_000_000_000_000;

    public static long Add(long a, long b) => a > Most - b ? Most : a + b;

    public static long Multiply(long a, long b) => b != 0 && a > Most / b ? Most : a * b;
}
