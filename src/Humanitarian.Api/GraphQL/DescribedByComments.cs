using System.Reflection;
using System.Xml.Linq;
using GraphQL;
using GraphQL.Types;
using GraphQL.Utilities;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Organisations;

[assembly: DescribedByComments]

namespace Humanitarian.Api.GraphQL;

/// <summary>Remembers which member of the code a part of the schema comes from, so that <see cref="Describer"/> finds its comment.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class DescribedByCommentsAttribute : GraphQLAttribute
{
    public const string Key = "member";

    public override void Modify(IGraphType graphType, Type sourceType) => graphType.Metadata[Key] = sourceType;

    public override void Modify(FieldType fieldType, bool isInputType, IGraphType graphType, MemberInfo memberInfo, ref bool ignore) =>
        fieldType.Metadata[Key] = memberInfo;

    public override void Modify(QueryArgument queryArgument, ParameterInfo parameterInfo) => queryArgument.Metadata[Key] = parameterInfo;
}

/// <summary>
/// Describes types, fields, arguments and values of the schema by the comments of the code, which the compiler writes to a file beside
/// each assembly. A type without a comment has that of its base. What a field's rule asks of the caller is told with it.
/// </summary>
internal sealed class Describer : BaseSchemaNodeVisitor
{
    private readonly Dictionary<Assembly, IReadOnlyDictionary<string, XElement>> files = [];

    public override void VisitObject(IObjectGraphType type, ISchema schema) => Describe(type);

    public override void VisitInputObject(IInputObjectGraphType type, ISchema schema) => Describe(type);

    public override void VisitEnum(EnumerationGraphType type, ISchema schema) =>
        type.Description ??= type.Values.FirstOrDefault()?.Value is { } value ? OfType(value.GetType()) : null;

    public override void VisitEnumValue(EnumValueDefinition value, EnumerationGraphType type, ISchema schema) =>
        value.Description ??= value.Value is { } known ? Summary(known.GetType().Assembly, $"F:{NameOf(known.GetType())}.{known}") : null;

    public override void VisitObjectFieldDefinition(FieldType field, IObjectGraphType type, ISchema schema)
    {
        Describe(field);
        if (AllowAttribute.Find(field) is { } rule)
        {
            field.Description = $"{field.Description} {Callers(rule)}";
        }
    }

    public override void VisitInputObjectFieldDefinition(FieldType field, IInputObjectGraphType type, ISchema schema) => Describe(field);

    public override void VisitObjectFieldArgumentDefinition(QueryArgument argument, FieldType field, IObjectGraphType type, ISchema schema)
    {
        if (argument.GetMetadata<object?>(DescribedByCommentsAttribute.Key) is ParameterInfo parameter)
        {
            argument.Description ??=
                Find(parameter.Member)?.Elements("param").FirstOrDefault(one => (string?)one.Attribute("name") == parameter.Name) is { } text ? Text(text)
                : parameter.ParameterType.Assembly == typeof(ApiSchema).Assembly ? OfType(parameter.ParameterType)
                : null;
        }
    }

    private void Describe(IGraphType type)
    {
        if (type.GetMetadata<object?>(DescribedByCommentsAttribute.Key) is Type source)
        {
            type.Description ??= OfType(source);
        }
    }

    private void Describe(FieldType field)
    {
        if (field.GetMetadata<object?>(DescribedByCommentsAttribute.Key) is MemberInfo member)
        {
            field.Description ??= Find(member)?.Element("summary") is { } text ? Text(text) : null;
        }
    }

    private string? OfType(Type? type) =>
        type is null || type == typeof(object) ? null : Summary(type.Assembly, $"T:{NameOf(type)}") ?? OfType(type.BaseType);

    private static string Callers(AllowAttribute rule) =>
        rule.AnyOf is not { } anyOf ? "For every member."
        : $"For {string.Join(" or ", Enum.GetValues<Role>().Where(role => anyOf.HasFlag((Domain.Organisations.Roles)role)).Select(role => role.ToString().ToConstantCase()))}.";

    private XElement? Find(MemberInfo member) =>
        Comments(member.DeclaringType!.Assembly).GetValueOrDefault($"{(member is MethodInfo ? 'M' : 'P')}:{NameOf(member.DeclaringType)}.{member.Name}");

    private string? Summary(Assembly assembly, string name) => Comments(assembly).GetValueOrDefault(name)?.Element("summary") is { } text ? Text(text) : null;

    // Without their parameters' types: no method of the schema is overloaded.
    private IReadOnlyDictionary<string, XElement> Comments(Assembly assembly)
    {
        if (!files.TryGetValue(assembly, out var comments))
        {
            var path = Path.ChangeExtension(assembly.Location, ".xml");
            files[assembly] = comments = File.Exists(path)
                ? XDocument.Load(path).Descendants("member").GroupBy(member => ((string)member.Attribute("name")!).Split('(')[0]).ToDictionary(same => same.Key, same => same.First())
                : new Dictionary<string, XElement>();
        }

        return comments;
    }

    private static string NameOf(Type type) => (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    /// <summary>A comment as one line: names for the links to them, code in quotes.</summary>
    private static string Text(XElement comment) => string.Join(' ', string.Concat(comment.Nodes().Select(node => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement link => $"`{((string?)link.Attribute("cref") ?? (string?)link.Attribute("name") ?? (string?)link.Attribute("langword") ?? link.Value).Split('.', ':')[^1]}`",
        _ => "",
    })).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
