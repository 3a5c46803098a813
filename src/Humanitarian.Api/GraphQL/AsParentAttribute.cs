using System.Reflection;
using GraphQL;
using GraphQL.Types;
using GraphQL.Utilities;

namespace Humanitarian.Api.GraphQL;

/// <summary>
/// Says of a field that reads more than its object holds that whoever sees the object sees it too. Its resolver may still answer less, never more.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AsParentAttribute : GraphQLAttribute
{
    private const string Key = "asParent";

    public override void Modify(FieldType fieldType, bool isInputType) => Mark(fieldType);

    internal static void Mark(FieldType field) => field.Metadata[Key] = true;

    internal static bool Marks(FieldType field) => field.GetMetadata(Key, false);
}

/// <summary>Every field of an object has a rule: it is of what the object holds, or says who may read it; the schema is not built otherwise.</summary>
internal sealed class FieldRules : BaseSchemaNodeVisitor
{
    /// <exception cref="InvalidOperationException">A field has no rule, or one that cannot be kept.</exception>
    public override void VisitObjectFieldDefinition(FieldType field, IObjectGraphType type, ISchema schema)
    {
        if (type == schema.Query || type == schema.Mutation || type == schema.Subscription || IsOfSchema(type) || IsHeld(field) || AsParentAttribute.Marks(field))
        {
            return;
        }

        AllowAttribute.EnforceWithin(type, field);
    }

    private static bool IsOfSchema(IObjectGraphType type) => type.Name.StartsWith("__", StringComparison.Ordinal);

    private static bool IsHeld(FieldType field) => field.GetMetadata<object?>(DescribedByCommentsAttribute.Key) is PropertyInfo;
}
