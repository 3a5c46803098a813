using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Humanitarian.Domain.Programs;

/// <summary>
/// Terms as JSON. The canonical text has no white space and its members in declaration order, so that equal terms have equal bytes.
/// A rule's discriminator is its class name in camel case; rules are found by themselves, so a new one is registered nowhere.
/// </summary>
public static class TermsJson
{
    private const int MaximumCached = 1024;

    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { FindRules } },
    };

    // Parsed terms are immutable and few; the cache only saves parsing and is cleared when it is full.
    private static readonly ConcurrentDictionary<string, Terms> Parsed = new();

    /// <summary>The canonical text.</summary>
    public static string Write(Terms terms) => JsonSerializer.Serialize(terms, Options);

    /// <summary>Reads terms a person wrote.</summary>
    public static Outcome<Terms> Read(string json)
    {
        try
        {
            var terms = JsonSerializer.Deserialize<Terms>(json, Options);
            return terms is null ? new Refusal(RefusalCode.InvalidInput, "The terms are empty.", "terms")
                : terms.Validate() is { } refusal ? refusal
                : terms;
        }
        catch (JsonException fault)
        {
            return new Refusal(RefusalCode.InvalidInput, $"The terms are not valid: {fault.Path}. See docs/terms.md for the rules.", "terms");
        }
        catch (NotSupportedException)
        {
            return new Refusal(RefusalCode.InvalidInput, "The terms name a rule this program does not know.", "terms");
        }
    }

    /// <summary>The terms of a program's record.</summary>
    /// <exception cref="InvalidDataException">The record's terms do not parse; they were checked when they were written.</exception>
    public static Terms Of(ProgramRecord program)
    {
        if (Parsed.TryGetValue(program.Terms, out var known))
        {
            return known;
        }

        var terms = Read(program.Terms).Value ?? throw new InvalidDataException("A program's terms do not parse.");
        if (Parsed.Count >= MaximumCached)
        {
            Parsed.Clear();
        }

        Parsed[program.Terms] = terms;
        return terms;
    }

    /// <summary>The terms of a preset that ships with the program, by name, or null.</summary>
    public static string? Preset(string name)
    {
        using var stream = typeof(TermsJson).Assembly.GetManifestResourceStream($"Humanitarian.Domain.Programs.Presets.{name}.json");
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    private static void FindRules(JsonTypeInfo type)
    {
        if (type.Type != typeof(Rule))
        {
            return;
        }

        type.PolymorphismOptions = new JsonPolymorphismOptions
        {
            TypeDiscriminatorPropertyName = "rule",
            UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization,
        };
        foreach (var rule in typeof(Rule).Assembly.GetTypes().Where(t => t.IsSubclassOf(typeof(Rule)) && !t.IsAbstract).OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            type.PolymorphismOptions.DerivedTypes.Add(new JsonDerivedType(rule, JsonNamingPolicy.CamelCase.ConvertName(rule.Name)));
        }
    }
}
