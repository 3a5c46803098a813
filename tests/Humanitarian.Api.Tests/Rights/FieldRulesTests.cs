using GraphQL.Types;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Tests.Rights;

/// <summary>No schema is built with a field that does not say who may read it.</summary>
public sealed class FieldRulesTests
{
    [Fact]
    public void Resolver_within_an_object_without_a_rule_stops_the_schema() =>
        Assert.Contains("does not say who may read it", Assert.Throws<InvalidOperationException>(Build<Lacking>).Message, StringComparison.Ordinal);

    [Fact]
    public void Rule_of_a_field_that_cannot_be_nothing_stops_the_schema() =>
        Assert.Contains("can never be answered by nothing", Assert.Throws<InvalidOperationException>(Build<Unkept>).Message, StringComparison.Ordinal);

    [Fact]
    public void Resolvers_with_rules_make_a_schema()
    {
        Build<Ruled>();
        Build<Shared>();
    }

    private static void Build<T>()
        where T : notnull
    {
        var query = new ObjectGraphType { Name = "Query" };
        query.AddField(new FieldType { Name = "one", ResolvedType = new AutoRegisteringObjectGraphType<T>() });
        using var schema = new Schema { Query = query };
        schema.RegisterVisitor(new FieldRules());
        schema.Initialize();
    }

    private sealed class Lacking
    {
        public string? More() => null;
    }

    private sealed class Unkept
    {
        [Allow(Roles.Finance)]
        public string More() => "";
    }

    private sealed class Ruled
    {
        [Allow(Roles.Finance)]
        public string? More() => null;
    }

    private sealed class Shared
    {
        [AsParent]
        public string More() => "";
    }
}
