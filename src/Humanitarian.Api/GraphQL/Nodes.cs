using GraphQL;
using GraphQL.Execution;
using GraphQL.Resolvers;
using GraphQL.Types;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using GlobalId = GraphQL.IdAttribute;

[assembly: Nodes]

namespace Humanitarian.Api.GraphQL;

/// <summary>What has an id, and can be asked for again by its global id.</summary>
public interface INode
{
    /// <summary>Its id on the ledger.</summary>
    Id Id { get; }
}

/// <summary>The interface of everything that a client may keep and ask for again.</summary>
public sealed class NodeInterface : InterfaceGraphType<INode>
{
    internal const string NodeIdMeaning = "Its global id: opaque, for ever the same, and unlike that of anything else. Give it to `node`.";

    public NodeInterface()
    {
        Name = "Node";
        Description = "Something that can be asked for again by its global id.";
        Field<NonNullGraphType<IdGraphType>>("nodeId").Description(NodeIdMeaning);
    }
}

/// <summary>Makes every type of the schema that is an <see cref="INode"/> implement Node.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
internal sealed class NodesAttribute : GraphQLAttribute
{
    public override void Modify(IGraphType graphType, Type sourceType)
    {
        if (graphType is IObjectGraphType type && sourceType.IsAssignableTo(typeof(INode)))
        {
            type.Interfaces.Add<NodeInterface>();
            var nodeId = new FieldType
            {
                Name = "nodeId",
                Type = typeof(NonNullGraphType<IdGraphType>),
                Description = NodeInterface.NodeIdMeaning,
                Resolver = new FuncFieldResolver<string>(context => NodeId.Of(context.ParentType.Name, ((INode)context.Source!).Id)),
            };
            AsParentAttribute.Mark(nodeId);
            type.AddField(nodeId);
        }
    }
}

/// <summary>A global id: the type's name and the id on the ledger, as one opaque word.</summary>
internal static class NodeId
{
    public static string Of(string type, Id id) => Paging.Cursor($"{type}:{id}");

    /// <summary>The type and the id; null for what no type's global id looks like.</summary>
    public static (string Type, Id Id)? Read(string text) =>
        Paging.Read(text)?.Split(':') is [var type, var id] && Id.TryParse(id, out var known) ? (type, known) : null;
}

/// <summary>Anything by its global id.</summary>
public sealed class NodeQueries(ApiSchema schema) : IQueries
{
    /// <summary>Anything by its global id; null when its type's own query would answer you nothing.</summary>
    /// <param name="id">A <c>nodeId</c>.</param>
    [Allow(Person = true)]
    public Task<INode?> Node([GlobalId] string id, IResolveFieldContext context) => FindAsync(context, id);

    /// <summary>Many by their global ids, in the order asked for; null in the place of each that is not there or not yours to see.</summary>
    /// <param name="ids">1 to 100 of <c>nodeId</c>; INVALID_INPUT otherwise.</param>
    [Allow(Person = true)]
    [Cost(OperationCost.Root * Paging.Most)]
    public async Task<IReadOnlyList<INode?>> Nodes([GlobalId] IReadOnlyList<string> ids, IResolveFieldContext context)
    {
        if (ids.Count is 0 or > Paging.Most)
        {
            throw Paging.Invalid("ids are 1 to 100.");
        }

        var found = new List<INode?>(ids.Count);
        foreach (var id in ids)
        {
            found.Add(await FindAsync(context, id));
        }

        return found;
    }

    /// <summary>Asks the type's own query, with its rule of who may call it.</summary>
    private async Task<INode?> FindAsync(IResolveFieldContext context, string text)
    {
        if (NodeId.Read(text) is not var (type, id) || OwnQuery(schema, type) is not { } own)
        {
            return null;
        }

        var asked = new ResolveFieldContext(context)
        {
            FieldDefinition = own,
            Arguments = new Dictionary<string, ArgumentValue> { ["id"] = new(id, ArgumentSource.Literal) },
        };
        return await own.Resolver!.ResolveAsync(asked) is INode found && found.Id == id ? found : null;
    }

    /// <summary>The query that answers one of a type by its id, or the only one there is.</summary>
    internal static FieldType? OwnQuery(ISchema schema, string type)
    {
        var answering = schema.Query.Fields.Where(field => (field.ResolvedType is NonNullGraphType some ? some.ResolvedType : field.ResolvedType) is IObjectGraphType one
            && one.Name == type).ToArray();
        return answering.FirstOrDefault(field => field.Arguments is [{ Name: "id" }]) ?? answering.FirstOrDefault(field => field.Arguments is null or { Count: 0 });
    }
}
