using GraphQL;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.GraphQL;

public sealed class SchemaTests
{
    private readonly ApiSchema schema = Make();

    [Fact]
    public void Printed_schema_is_the_published_one()
    {
        var printed = schema.Print(new() { StringComparison = StringComparison.Ordinal }).ReplaceLineEndings("\n").TrimEnd() + "\n";

        // With UPDATE_SCHEMA set the file is written anew: the change then shows in review.
        var path = Path.Combine(Lists.ListFiles.Above("docs")!, "schema.graphql");
        if (Environment.GetEnvironmentVariable("UPDATE_SCHEMA") is { Length: > 0 })
        {
            File.WriteAllText(path, printed);
        }

        Assert.Equal(File.ReadAllText(path), printed);
    }

    [Fact]
    public void Every_mutation_needs_an_idempotency_key_and_answers_typed_errors()
    {
        foreach (var field in schema.Mutation!.Fields)
        {
            var name = char.ToUpperInvariant(field.Name[0]) + field.Name[1..];
            var argument = Assert.Single(field.Arguments!);
            Assert.Equal(("input", name + "Input!"), (argument.Name, argument.ResolvedType!.ToString()));
            Assert.Equal(name + "Payload!", field.ResolvedType!.ToString());

            // Of many, each has its own.
            var items = ((IComplexGraphType)argument.ResolvedType.GetNamedType()).GetField("items")?.ResolvedType;
            var keyed = (items?.GetNamedType() as IComplexGraphType)?.GetField("idempotencyKey") is null ? argument.ResolvedType : items!;
            Assert.Equal("String!", Member(keyed, "idempotencyKey"));
            Assert.Equal("[UserError!]!", Member(field.ResolvedType, "userErrors"));
            Assert.Equal("TransactionPlace", Member(field.ResolvedType, "transaction"));
            Assert.Equal("Boolean!", Member(field.ResolvedType, "replayed"));
        }
    }

    [Fact]
    public void Everything_is_described()
    {
        var lacking = new List<string>();
        void Need(string? description, string name)
        {
            if (string.IsNullOrWhiteSpace(description) || description.Contains("  ", StringComparison.Ordinal))
            {
                lacking.Add(name);
            }
        }

        foreach (var type in schema.AllTypes.Where(type => !type.Name.StartsWith("__", StringComparison.Ordinal)
            && (type is IComplexGraphType or EnumerationGraphType || type.GetType().Assembly == typeof(ApiSchema).Assembly)))
        {
            Need(type.Description, type.Name);
            foreach (var field in (type as IComplexGraphType)?.Fields.ToArray() ?? [])
            {
                Need(field.Description, $"{type.Name}.{field.Name}");
                foreach (var argument in field.Arguments?.ToArray() ?? [])
                {
                    Need(argument.Description, $"{type.Name}.{field.Name}({argument.Name})");
                }
            }

            foreach (var value in (type as EnumerationGraphType)?.Values.ToArray() ?? [])
            {
                Need(value.Description, $"{type.Name}.{value.Name}");
            }
        }

        Assert.Empty(lacking);
    }

    [Fact]
    public void Root_fields_tell_who_may_call_them()
    {
        Assert.EndsWith(" For REGISTRAR.", schema.Mutation!.GetField("createDisbursement")!.Description, StringComparison.Ordinal);
        Assert.EndsWith(" For ADMINISTRATOR or FINANCE.", schema.Mutation.GetField("createGrant")!.Description, StringComparison.Ordinal);
        Assert.EndsWith(" For every member.", schema.Query.GetField("ledger")!.Description, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_connection_needs_its_size_and_has_the_shape_of_relay()
    {
        var fields = schema.AllTypes.OfType<IObjectGraphType>().SelectMany(type => type.Fields).Where(field => field.ResolvedType!.GetNamedType().Name.EndsWith("Connection", StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(fields);
        Assert.All(fields, field => Assert.Equal("Int!", field.Arguments!.Find("first")!.ResolvedType!.ToString()));
        Assert.All(fields, field =>
        {
            var connection = field.ResolvedType!.GetNamedType();
            var entry = connection.Name[..^"Connection".Length];
            Assert.Equal(("String", $"[{entry}Edge!]!", "PageInfo!"), (field.Arguments!.Find("after")!.ResolvedType!.ToString(), Member(connection, "edges"), Member(connection, "pageInfo")));
            Assert.Equal(("String!", $"{entry}!"), (Member(EdgeOf(connection), "cursor"), Member(EdgeOf(connection), "node")));
        });
        Assert.Equal(
            ["endCursor: String", "hasNextPage: Boolean!", "hasPreviousPage: Boolean!", "startCursor: String"],
            ((IObjectGraphType)schema.AllTypes["PageInfo"]!).Fields.OrderBy(field => field.Name, StringComparer.Ordinal).Select(field => $"{field.Name}: {field.ResolvedType}"));
    }

    [Fact]
    public void Everything_with_an_id_is_a_node_that_its_own_query_finds()
    {
        // A part of a trace has the id of what it is a part of; a pay-out is seen with its settlement.
        var entities = schema.AllTypes.OfType<IObjectGraphType>().Where(type => type.GetField("id")?.ResolvedType?.ToString() == "Id!" && type.Name is not ("DonationTrace" or "Payout")).ToArray();
        Assert.True(entities.Length > 15);
        Assert.Equal(
            entities.Select(type => type.Name).Order(StringComparer.Ordinal),
            schema.AllTypes.OfType<IObjectGraphType>().Where(type => type.ResolvedInterfaces.Any(one => one.Name == "Node")).Select(type => type.Name).Order(StringComparer.Ordinal));
        Assert.All(entities, type => Assert.Equal("ID!", Member(type, "nodeId")));
        Assert.All(entities, type => Assert.Equal(type.Name, NodeQueries.OwnQuery(schema, type.Name)?.ResolvedType?.GetNamedType().Name));
    }

    private static IGraphType EdgeOf(IGraphType connection) => ((IComplexGraphType)connection).GetField("edges")!.ResolvedType!.GetNamedType();

    private static string Member(IGraphType type, string name) => ((IComplexGraphType)type.GetNamedType()).GetField(name)!.ResolvedType!.ToString()!;

    private static ApiSchema Make()
    {
        var made = new ApiSchema(new ServiceCollection().AddHumanitarianApi().BuildServiceProvider());
        made.Initialize();
        return made;
    }
}
