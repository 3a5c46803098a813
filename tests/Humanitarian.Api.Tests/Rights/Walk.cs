using System.Text.Json;
using GraphQL;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;

namespace Humanitarian.Api.Tests.Rights;

/// <summary>The whole of what root fields answer: all fields of each object, and of the objects within.</summary>
internal static class Walk
{
    /// <summary>All fields of a type and of those within it, each type once on the way down; nothing for what has no fields.</summary>
    public static string Selection(IGraphType type) => Selection(type.GetNamedType(), []);

    /// <summary>The same without its braces, to be asked for beside others.</summary>
    public static string Fields(IGraphType type) => Selection(type)[1..^1];

    /// <summary>Notes what an answer has within it.</summary>
    /// <param name="way">Root field, and the field within that led here.</param>
    public static void Note(JsonElement value, IGraphType type, string root, string way, Seen seen)
    {
        foreach (var one in value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : new[] { value })
        {
            if (one.ValueKind == JsonValueKind.Object && type.GetNamedType() is IObjectGraphType named)
            {
                Note(one, named, root, way, seen);
            }
        }
    }

    private static void Note(JsonElement one, IObjectGraphType type, string root, string way, Seen seen)
    {
        seen.Types.Add(type.Name);
        if (one.TryGetProperty("nodeId", out var id))
        {
            seen.Objects.Add((way, id.GetString()!));
        }

        foreach (var field in type.Fields)
        {
            if (!one.TryGetProperty(field.Name, out var value))
            {
                continue;
            }

            var (name, rule) = ($"{type.Name}.{field.Name}", AllowAttribute.Find(field));
            if (rule is not null)
            {
                seen.Ruled[$"{root} > {name}"] = value.ValueKind != JsonValueKind.Null || seen.Ruled.GetValueOrDefault($"{root} > {name}");
            }

            Note(value, field.ResolvedType!, root, IsShape(type) ? way : $"{root} > {name}", seen);
        }
    }

    private static string Selection(IGraphType type, string[] above)
    {
        if (type is not IComplexGraphType complex)
        {
            return "";
        }

        string[] within = [.. above, type.Name];
        var fields = complex.Fields.Where(field => !within.Contains(field.ResolvedType!.GetNamedType().Name) && !(IsShape(type) && field.Name == "nodes"));
        return $"{{ __typename {string.Join(' ', fields.Select(field => $"{field.Name}{Arguments(field)} {Selection(field.ResolvedType!.GetNamedType(), within)}"))} }}";
    }

    /// <summary>The least that a field within takes; one that needs more than a length says so by failing.</summary>
    private static string Arguments(FieldType field) => field.Arguments?.Any(argument => argument.Name == "first") == true ? "(first: 1)" : "";

    private static bool IsShape(IGraphType type) => type.Name.EndsWith("Connection", StringComparison.Ordinal) || type.Name.EndsWith("Edge", StringComparison.Ordinal);
}

/// <summary>What one actor has seen on the walk.</summary>
internal sealed class Seen
{
    /// <summary>Fields that are not for all who see their objects, by the way to them: whether any was shown.</summary>
    public SortedDictionary<string, bool> Ruled { get; } = new(StringComparer.Ordinal);

    /// <summary>What can be asked for again, by the way on which it was seen.</summary>
    public HashSet<(string Way, string NodeId)> Objects { get; } = [];

    public HashSet<string> Types { get; } = [];
}
