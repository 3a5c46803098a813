using System.Reflection;
using GraphQL;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;

[assembly: DryRuns]

namespace Humanitarian.Api.GraphQL;

/// <summary>Marks the input of a mutation that moves money by one transaction: it may be rehearsed with <c>dryRun</c>.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class MovesMoneyAttribute : Attribute;

/// <summary>Leaves <c>dryRun</c> out of the inputs of all other mutations.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class DryRunsAttribute : GraphQLAttribute
{
    public override void Modify(FieldType fieldType, bool isInputType, IGraphType graphType, MemberInfo memberInfo, ref bool ignore) =>
        ignore |= isInputType && memberInfo.Name == nameof(MutationInput.DryRun) && memberInfo.ReflectedType?.GetCustomAttribute<MovesMoneyAttribute>() is null;
}
