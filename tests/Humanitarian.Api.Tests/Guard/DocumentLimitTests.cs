using System.Net;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Guard;

/// <summary>The attacks that are known against GraphQL servers, each answered by one error before anything is read.</summary>
public sealed class DocumentLimitTests(ApiServer api)
{
    /// <summary>What most tools send to learn a schema.</summary>
    private const string Introspection =
        """
        query IntrospectionQuery { __schema { queryType { name } mutationType { name } subscriptionType { name } types { ...FullType }
          directives { name description locations args { ...InputValue } } } }
        fragment FullType on __Type { kind name description fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated
          deprecationReason } inputFields { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
          possibleTypes { ...TypeRef } }
        fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
        fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType {
          kind name ofType { kind name ofType { kind name } } } } } } } } } }
        """;

    public static TheoryData<string, string> Attacks => new()
    {
        { "101 aliases", $"{{ {Times(101, n => $"a{n}: __typename")} }}" },
        { "101 aliases in fragments", $"{{ {Times(11, n => $"... {{ {Times(10, m => $"a{n}x{m}: __typename")} }}")} }}" },
        { "500 repeats of a field", $"{{ {Times(500, _ => "__typename")} }}" },
        { "101 fields side by side", $"{{ {Times(101, _ => "__typename")} }}" },
        { "1,001 fields", $"{{ {Times(20, _ => $"... {{ {Times(50, _ => "__typename")} }}")} }}" },
        { "51 directives", $"{{ {Times(51, _ => "__typename @include(if: true)")} }}" },
        { "5,001 tokens", $"mutation {{ addMember(input: {{idempotencyKey: \"a\", roles: [{Times(5_000, _ => "READER")}]}}) {{ replayed }} }}" },
        { "21 levels", $"{{ __type(name: \"Query\") {{ {Times(20, _ => "ofType {")} name {Times(20, _ => "}")} }} }}" },
        { "introspection in a circle", "{ __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }" },
        { "fragments that double", $"{{ ...f0 }} {Times(29, n => $"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}")} fragment f29 on Query {{ __typename }}" },
        {
            "fragments whose lists double", $"query ($a: Int, $b: Int) {{ ...f0 }} {Times(24, n => $"fragment f{n} on Query {{ x: programs(first: $a) {{ nodes {{ ...f{n + 1} }} }} y: programs(first: $b) {{ nodes {{ ...f{n + 1} }} }} }}")} fragment f24 on Query {{ __typename }}"
        },
        { "long lists within long lists", "{ organisation(id: \"00000000000000000000000000000001\") { a: members(first: 100) { nodes { id } } " + Times(49, n => $"b{n}: members(first: 100) {{ nodes {{ id organisationId address active roles }} }}") + " } "
            + Times(40, _ => "... { programs(first: 100) { nodes { id name terms termsVersion organisationId unit active poolAccountId } } }") + " }" },
    };

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task Attack_is_refused_with_one_error(string name, string query)
    {
        Assert.NotEmpty(name);
        var answer = await api.ExecuteAsync(api.OperatorKey, query);
        Assert.Equal("DOCUMENT_TOO_COMPLEX", Front.Code(answer));
        Assert.False(answer.TryGetProperty("data", out _));
    }

    [Theory]
    [InlineData("{ __typename @a @b @c @d @e @f @g @h @i @j }")]
    [InlineData("{ __typename @a @a @a @a @a @a @a @a @a @a }")]
    [InlineData("{ a b c d e f g h i j }")]
    public async Task Ten_mistakes_of_one_kind_are_one_error(string query)
    {
        var answer = await api.ExecuteAsync(api.OperatorKey, query);
        var codes = answer.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("extensions").GetProperty("code").GetString()).ToArray();
        Assert.Equal(codes.Distinct(), codes);
        Assert.InRange(codes.Length, 1, 2);
        Assert.DoesNotContain("Did you mean", answer.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task Tools_of_members_learn_the_schema_and_nobody_else()
    {
        var data = await api.QueryAsync(api.OperatorKey, Introspection);
        Assert.Equal("Query", data.GetProperty("__schema").GetProperty("queryType").GetProperty("name").GetString());
        using var anonymous = await api.SendAsync(null, HttpMethod.Post, "/graphql", System.Net.Http.Json.JsonContent.Create(new { query = Introspection }));
        Assert.Equal(HttpStatusCode.Unauthorized, anonymous.StatusCode);
    }

    [Fact]
    public async Task Limits_are_settings()
    {
        await using var front = await Front.StartAsync(api, new ApiLimits { BodyBytes = 400, Tokens = 30, Depth = 2, Nodes = 8, Breadth = 3, Aliases = 1, Directives = 0 });
        var (large, _) = await front.PostAsync(api.OperatorKey, new { query = "{ me { id } }", variables = new { filler = new string('x', 400) } });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        foreach (var query in new[]
        {
            "{ me { id roles active } ledger { id name height headHash } }", "{ me { id } ... { ... { ... { me { id } } } } me { id } }", "{ me { id } a: __typename b: __typename }",
            "{ me { id } __typename @skip(if: true) }", "{ __schema { types { name } } }", "{ me { id } me { id } me { id } me { id } }",
        })
        {
            Assert.Equal("DOCUMENT_TOO_COMPLEX", Front.Code((await front.PostAsync(api.OperatorKey, new { query })).Answer));
        }

        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { query = "{ me { id } a: __typename }" })).Answer));
    }

    private static string Times(int count, Func<int, string> text) => string.Join(' ', Enumerable.Range(0, count).Select(text));
}
