using Humanitarian.Api.Tests.Support;
using Humanitarian.Domain;

namespace Humanitarian.Api.Tests.GraphQL;

/// <summary>A client that lost an answer asks by the key.</summary>
public sealed class OperationTests(ApiServer api)
{
    private const string Query = "query($key: String!) { operation(idempotencyKey: $key) { succeeded kind transaction { hash height position } at } }";

    [Fact]
    public async Task Mutation_is_found_by_its_key_by_who_sent_it_and_by_nobody_else()
    {
        var cast = new Cast(api, "lost answer");
        var administrator = await cast.OrganisationAsync("NGO", "ADMINISTRATOR", "REGISTRAR");
        var input = cast.Input(("kind", "ORGANISATION"));
        var key = (string)input["idempotencyKey"]!;
        Assert.Equal("""{"succeeded":false,"kind":null,"transaction":null,"at":null}""", await AskAsync(administrator.Key, key));

        var done = await cast.DoneAsync(administrator, "openAccount", input);
        var found = (await api.QueryAsync(administrator.Key, Query, new { key })).GetProperty("operation");
        Assert.True(found.GetProperty("succeeded").GetBoolean());
        Assert.Equal("REGISTRY", found.GetProperty("kind").GetString());
        Assert.Equal(done.GetProperty("transaction").GetProperty("hash").GetString(), found.GetProperty("transaction").GetProperty("hash").GetString());

        Assert.Contains("\"succeeded\":false", await AskAsync(cast.Operator.Key, key), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_mutation_or_a_key_that_is_none_has_not_succeeded()
    {
        var cast = new Cast(api, "refused answer");
        var input = cast.Input(("accountId", new string('0', 31) + "1"));
        ApiServer.Refused(RefusalCode.AccountUnknown, await api.MutateAsync(cast.Operator.Key, "freezeAccount", input));
        Assert.Contains("\"succeeded\":false", await AskAsync(cast.Operator.Key, (string)input["idempotencyKey"]!), StringComparison.Ordinal);
        Assert.Contains("\"succeeded\":false", await AskAsync(cast.Operator.Key, new string('k', 256)), StringComparison.Ordinal);
    }

    private async Task<string> AskAsync(string asker, string key) => (await api.QueryAsync(asker, Query, new { key })).GetProperty("operation").ToString();
}
