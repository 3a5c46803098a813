using GraphQLParser;
using GraphQLParser.AST;

namespace Humanitarian.Api.GraphQL;

/// <summary>How large a document is, whatever the schema knows: counted before it is validated, because some rules compare fields pairwise.</summary>
internal sealed class DocumentSize
{
    private int nodes;
    private int breadth;
    private int aliases;
    private int directives;

    /// <summary>What a document has too many of, or null.</summary>
    public static string? Refuse(GraphQLDocument document, ApiLimits limits)
    {
        var size = new DocumentSize();
        foreach (var definition in document.Definitions)
        {
            size.Count(definition);
        }

        return size.nodes > limits.Nodes ? $"A document has at most {limits.Nodes} fields, fragments, arguments and directives."
            : size.aliases > limits.Aliases ? $"A document has at most {limits.Aliases} aliases."
            : size.breadth > limits.Breadth ? $"At most {limits.Breadth} fields stand side by side."
            : size.directives > limits.Directives ? $"A document has at most {limits.Directives} directives."
            : null;
    }

    /// <summary>True when a document has more tokens than are taken. Reading stops there.</summary>
    /// <exception cref="GraphQLParser.Exceptions.GraphQLParserException">It is no GraphQL up to there.</exception>
    public static bool HasMoreTokens(string text, int most)
    {
        var count = 0;
        for (var token = Lexer.Lex(text); token.Kind != TokenKind.EOF; token = Lexer.Lex(text, token.End))
        {
            if (++count > most)
            {
                return true;
            }
        }

        return false;
    }

    private void Count(ASTNode definition)
    {
        nodes++;
        if (definition is GraphQLOperationDefinition operation)
        {
            Count(operation.Directives);
            foreach (var variable in operation.Variables?.Items ?? [])
            {
                nodes++;
                Count(variable.Directives);
            }

            Count(operation.SelectionSet);
        }
        else if (definition is GraphQLFragmentDefinition fragment)
        {
            Count(fragment.Directives);
            Count(fragment.SelectionSet);
        }
    }

    private void Count(GraphQLDirectives? some)
    {
        nodes += some?.Count ?? 0;
        directives += some?.Count ?? 0;
    }

    // The parser bounds the depth, so the recursion is bounded too.
    private void Count(GraphQLSelectionSet? set)
    {
        if (set is null)
        {
            return;
        }

        breadth = Math.Max(breadth, set.Selections.Count);
        nodes += set.Selections.Count;
        foreach (var selection in set.Selections)
        {
            Count((selection as IHasDirectivesNode)?.Directives);
            switch (selection)
            {
                case GraphQLField field:
                    aliases += field.Alias is null ? 0 : 1;
                    nodes += field.Arguments?.Count ?? 0;
                    Count(field.SelectionSet);
                    break;
                case GraphQLInlineFragment inline:
                    Count(inline.SelectionSet);
                    break;
            }
        }
    }
}
