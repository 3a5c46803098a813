using System.Text;
using System.Text.Json;
using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.GraphQL;

/// <summary>Global ids. Who finds what by them is told by the matrix of rights.</summary>
public sealed class NodeTests(ApiServer api)
{
    [Fact]
    public async Task Many_are_answered_in_the_order_asked_for_each_as_its_own_type()
    {
        var me = (await api.QueryAsync(api.OperatorKey, "{ me { id nodeId organisationId } ledger { nodeId } }")).GetProperty("me");
        var organisation = (await api.QueryAsync(
            api.OperatorKey, "query($id: Id!) { organisation(id: $id) { nodeId name } ledger { nodeId name } }", new { id = me.GetProperty("organisationId").GetString() }));
        string[] ids = [Text(organisation.GetProperty("ledger"), "nodeId"), Text(me, "nodeId"), "nothing", Text(organisation.GetProperty("organisation"), "nodeId"), Text(me, "nodeId")];
        var nodes = (await api.QueryAsync(
            api.OperatorKey, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename nodeId ... on Ledger { name } ... on Organisation { name } ... on Member { id } } }", new { ids }))
            .GetProperty("nodes").EnumerateArray().ToArray();
        Assert.Equal(["Ledger", "Member", null, "Organisation", "Member"], nodes.Select(node => node.ValueKind == JsonValueKind.Null ? null : Text(node, "__typename")));
        Assert.Equal(Text(organisation.GetProperty("organisation"), "name"), Text(nodes[3], "name"));
        Assert.Equal(Text(me, "id"), Text(nodes[1], "id"));
    }

    [Fact]
    public async Task Id_of_another_type_or_of_none_finds_nothing()
    {
        var me = (await api.QueryAsync(api.OperatorKey, "{ me { id } }")).GetProperty("me").GetProperty("id").GetString();
        string[] texts = ["", "?", new('A', 200), Of($"Organisation:{me}"), Of($"Query:{me}"), Of($"Nothing:{me}"), Of("Member:1"), Of($"Member:{me}:{me}"), Of($"TypedData:{me}")];
        foreach (var id in texts)
        {
            var found = await api.QueryAsync(api.OperatorKey, "query($id: ID!) { node(id: $id) { nodeId } }", new { id });
            Assert.True(found.GetProperty("node").ValueKind == JsonValueKind.Null, $"{id}: {found}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public async Task No_or_too_many_ids_are_refused(int count)
    {
        var answer = await api.ExecuteAsync(api.OperatorKey, "query($ids: [ID!]!) { nodes(ids: $ids) { nodeId } }", new { ids = Enumerable.Repeat("a", count) });
        Assert.Equal(RefusalCode.InvalidInput, Front.Code(answer));
    }

    private static string Of(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text)).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;
}
