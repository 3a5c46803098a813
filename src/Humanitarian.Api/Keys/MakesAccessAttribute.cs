using GraphQL;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Keys;

/// <summary>
/// Marks a mutation that makes or ends another way in, or says what a way in needs: a credential with limits, or a member whose roles
/// count in some programs only, would get around their limits by it.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MakesAccessAttribute : GraphQLAttribute
{
    private const string Key = "makesAccess";

    public override void Modify(FieldType fieldType, bool isInputType) => fieldType.Metadata[Key] = true;

    internal static bool Marks(FieldType field) => field.GetMetadata(Key, false);

    /// <summary>FORBIDDEN for a credential with limits, OUT_OF_SCOPE for a member with a scope; null else.</summary>
    internal static Refusal? Refuse(Caller caller) =>
        !caller.Limits.AreNone ? new Refusal(RefusalCode.Forbidden, "A credential with limits makes no other; use one without.")
        : caller.Member.Scope is not null ? Principals.OutOfScope()
        : null;
}
