using System.Globalization;
using System.Text;
using System.Text.Json;
using GraphQL;
using GraphQL.Types;

namespace Humanitarian.Api.Tests.Fuzz;

/// <summary>A document and its variables, as a client sends them.</summary>
internal sealed record FuzzRequest(string Query, IReadOnlyDictionary<string, object?> Variables)
{
    public override string ToString() => $"{Query}\n{JsonSerializer.Serialize(Variables)}";
}

/// <summary>Writes documents that mostly fit a schema, with values at and over every edge. The same random numbers write the same documents.</summary>
/// <param name="known">Ids, global ids and hashes of things that are there.</param>
internal sealed class DocumentGenerator(ISchema schema, Random random, IReadOnlyList<string> known)
{
    private const int DepthMost = 5;

    private static readonly string[] Strings =
    [
        "", " ", "a", "KES", "voucher", "2026-11", "food", "2026-11-24", "=1+1", "<script>", "\u0000", "\u202e", "\ud83d\ude00", "'; DROP TABLE records;--", "{}", "[[[[", "null",
        "0x", new string('x', 300), new string('é', 5_000), "\u001b[31m", "%s%n", "../../etc/passwd", "AAAA", "sha256:",
    ];

    private static readonly string[] Numbers =
        ["0", "1", "-1", "99", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "18446744073709551615", "+1", " 1", "1e3", "0x10", "1.5", "", "٣"];

    private static readonly string[] Times =
    [
        "2026-11-24T00:00:00Z", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z", "2026-11-24", "x",
    ];

    private readonly string[] ids = [.. known.Where(text => text.Length == 32)];
    private readonly string[] hashes = [.. known.Where(text => text.StartsWith("0x", StringComparison.Ordinal))];
    private readonly string[] nodeIds = [.. known.Where(text => text.Length != 32 && !text.StartsWith("0x", StringComparison.Ordinal))];
    private readonly StringBuilder variables = new();
    private readonly Dictionary<string, object?> values = [];

    public FuzzRequest Next()
    {
        variables.Clear();
        values.Clear();
        var (word, root, fields) = random.Next(10) < 7 ? ("query", schema.Query, 3) : ("mutation", schema.Mutation!, 2);
        var body = Selection(root, fields, 0);
        var text = $"{word} Fuzz{(variables.Length == 0 ? "" : $"({variables})")} {body}";
        return new FuzzRequest(random.Next(12) == 0 ? Broken(text) : text, new Dictionary<string, object?>(values));
    }

    private string Selection(IGraphType type, int most, int depth)
    {
        var parts = new List<string>();
        for (var count = 1 + random.Next(most); count > 0; count--)
        {
            parts.Add(type switch
            {
                IInterfaceGraphType { PossibleTypes: var possible } when random.Next(2) == 0 && depth < DepthMost =>
                    $"... on {Any(possible.ToArray()).Name} {Selection(Any(possible.ToArray()), most, depth + 1)}",
                IComplexGraphType complex => Field(complex, depth),
                _ => "__typename",
            });
        }

        return $"{{ {string.Join(' ', parts)} }}";
    }

    private string Field(IComplexGraphType of, int depth)
    {
        var fields = of.Fields.ToArray();
        var field = Any(fields);
        var within = field.ResolvedType!.GetNamedType();
        if (random.Next(15) == 0 || (depth >= DepthMost && within is IComplexGraphType))
        {
            return "__typename";
        }

        var arguments = (field.Arguments ?? []).Where(argument => argument.ResolvedType is NonNullGraphType ? random.Next(100) > 0 : random.Next(3) == 0)
            .Select(argument => $"{argument.Name}: {Argument(argument.ResolvedType!)}").ToArray();
        var alias = $"f{random.Next(1_000)}: ";
        var directive = random.Next(200) switch { < 8 => " @include(if: true)", < 16 => " @skip(if: false)", 16 => " @none", _ => "" };
        return $"{alias}{field.Name}{(arguments.Length == 0 ? "" : $"({string.Join(", ", arguments)})")}{directive}"
            + (within is IComplexGraphType ? " " + Selection(within, 4, depth + 1) : "");
    }

    /// <summary>A value in the document, or the variable that carries it.</summary>
    private string Argument(IGraphType type)
    {
        var value = Value(type, 0);
        if (random.Next(2) == 0)
        {
            return Literal(value);
        }

        var name = $"v{values.Count}";
        variables.Append(CultureInfo.InvariantCulture, $"{(values.Count == 0 ? "" : ", ")}${name}: {(random.Next(60) == 0 ? "String" : type.ToString())}");
        values[name] = Plain(value);
        return $"${name}";
    }

    private object? Value(IGraphType type, int depth) => random.Next(80) == 0 ? Wrong() : type switch
    {
        NonNullGraphType some => Some(some.ResolvedType!, depth),
        _ when random.Next(12) == 0 => null,
        _ => Some(type, depth),
    };

    private object? Some(IGraphType type, int depth) => type switch
    {
        ListGraphType list => Enumerable.Range(0, random.Next(30) == 0 ? 150 : random.Next(3)).Select(_ => Value(list.ResolvedType!, depth + 1)).ToArray(),
        IInputObjectGraphType input => input.Fields
            .Where(field => field.ResolvedType is NonNullGraphType ? random.Next(200) > 0 : random.Next(2) == 0 && depth < 3)
            .ToDictionary(field => field.Name, field => field.Name == "idempotencyKey" ? $"fuzz {random.Next(60)}" : Value(field.ResolvedType!, depth + 1)),
        EnumerationGraphType choice => new Name(random.Next(60) == 0 ? "NONE_SUCH" : Any(choice.Values.ToArray()).Name),
        { Name: "Int" } => random.Next(4) > 0 ? random.Next(1, 101) : Any<object>(0, 101, -1, int.MaxValue, int.MinValue, long.MaxValue, 1e100),
        { Name: "Boolean" } => random.Next(2) == 0,
        { Name: "Int64String" or "UInt64String" } => random.Next(3) > 0 ? random.Next(1, 5_000).ToString(CultureInfo.InvariantCulture) : Any(Numbers),
        { Name: "DateTimeOffset" } => random.Next(2) == 0 ? Times[0] : Any(Times),
        { Name: "Id" } when random.Next(6) > 0 => Any(ids),
        { Name: "ID" } when random.Next(6) > 0 => Any(nodeIds),
        { Name: "Hash" } when random.Next(3) > 0 => Any(hashes),
        { Name: "Id" } => Any(new string('0', 32), new string('f', 32), new string('F', 32), new string('0', 31) + "1", "1"),
        { Name: "Hash" } => "0x" + new string(Any('0', 'f'), 64),
        { Name: "Address" } => Any("0x" + new string('0', 40), "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826", "0xcd2A3d9F938E13CD947Ec05AbC7FE734Df8DD826"),
        { Name: "Signature" } => "0x" + new string(Any('0', '1', 'f'), 128) + Any("1b", "1c", "00"),
        _ => random.Next(3) == 0 ? Any([.. known]) : Any(Strings),
    };

    private object? Wrong() => Any<object?>(1, -0.5, true, "text", null, Array.Empty<object>(), new Dictionary<string, object?> { ["x"] = 1 });

    /// <summary>The text with a few signs lost, doubled or put elsewhere.</summary>
    private string Broken(string text)
    {
        var broken = new StringBuilder(text);
        for (var count = 1 + random.Next(3); count > 0 && broken.Length > 2; count--)
        {
            var place = random.Next(broken.Length);
            _ = random.Next(3) switch
            {
                0 => broken.Remove(place, Math.Min(random.Next(1, 6), broken.Length - place)),
                1 => broken.Insert(place, Any("{", "}", "(", ")", "$", "...", "\"", "\"\"\"", "#", "\u0000", "@", "!", "&", "[", "\ufeff")),
                _ => broken.Insert(place, broken[random.Next(broken.Length)]),
            };
        }

        return broken.ToString();
    }

    private static string Literal(object? value) => value switch
    {
        null => "null",
        Name name => name.Text,
        IReadOnlyDictionary<string, object?> members => $"{{{string.Join(", ", members.Select(member => $"{member.Key}: {Literal(member.Value)}"))}}}",
        string text => JsonSerializer.Serialize(text),
        object?[] list => $"[{string.Join(", ", list.Select(Literal))}]",
        _ => JsonSerializer.Serialize(value),
    };

    private static object? Plain(object? value) => value switch
    {
        Name name => name.Text,
        IReadOnlyDictionary<string, object?> members => members.ToDictionary(member => member.Key, member => Plain(member.Value)),
        object?[] list => list.Select(Plain).ToArray(),
        _ => value,
    };

    private T Any<T>(params T[] some) => some[random.Next(some.Length)];

    /// <summary>A word that is no string.</summary>
    private sealed record Name(string Text);
}
