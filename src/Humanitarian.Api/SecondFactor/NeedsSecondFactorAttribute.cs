using GraphQL;
using GraphQL.Types;

namespace Humanitarian.Api.SecondFactor;

/// <summary>Marks a mutation that moves money on one person's word: where a second factor is required, it needs one.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NeedsSecondFactorAttribute : GraphQLAttribute
{
    private const string Key = "secondFactor";

    public override void Modify(FieldType fieldType, bool isInputType) => fieldType.Metadata[Key] = true;

    internal static bool Marks(FieldType field) => field.GetMetadata(Key, false);
}
