using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.GraphQL;

public sealed class TransportTests(ApiServer api)
{
    private const string ResponseJson = "application/graphql-response+json";

    [Theory]
    [InlineData(null, "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData(ResponseJson, ResponseJson)]
    [InlineData("application/json;q=0.5, application/graphql-response+json", ResponseJson)]
    public async Task Answer_has_the_media_type_that_is_accepted(string? accept, string expected)
    {
        using var response = await PostAsync("""{"query":"{ __typename }"}""", accept);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(expected, response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("utf-8", response.Content.Headers.ContentType.CharSet);
        Assert.Equal("Query", (await JsonAsync(response)).GetProperty("data").GetProperty("__typename").GetString());
    }

    [Theory]
    [InlineData("query={__typename}", HttpStatusCode.OK)]
    [InlineData("query=query($id: Id!){account(id: $id){id}}&variables={\"id\":\"00000000000000000000000000000001\"}", HttpStatusCode.OK)]
    [InlineData("query=query a{__typename} query b{__typename}&operationName=b&variables=null&extensions={}", HttpStatusCode.OK)]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("query=", HttpStatusCode.BadRequest)]
    [InlineData("query={__typename}&query={__typename}", HttpStatusCode.BadRequest)]
    [InlineData("query={__typename}&variables=[]", HttpStatusCode.BadRequest)]
    [InlineData("query={__typename}&variables={", HttpStatusCode.BadRequest)]
    [InlineData("query=mutation{defineUnit(input:{idempotencyKey:\"got\",code:\"GOT\",exponent:2}){replayed}}", HttpStatusCode.MethodNotAllowed)]
    [InlineData("query=query a{__typename} mutation b{defineUnit(input:{idempotencyKey:\"got\",code:\"GOT\",exponent:2}){replayed}}&operationName=b", HttpStatusCode.MethodNotAllowed)]
    public async Task Get_reads_and_changes_nothing(string query, HttpStatusCode expected)
    {
        var path = "/graphql?" + Uri.EscapeDataString(query).Replace("%3D", "=", StringComparison.Ordinal).Replace("%26", "&", StringComparison.Ordinal);
        using var response = await api.SendAsync(api.OperatorKey, HttpMethod.Get, path);
        Assert.Equal(expected, response.StatusCode);
        Assert.Equal(expected == HttpStatusCode.MethodNotAllowed ? ["POST"] : [], response.Content.Headers.Allow);
    }

    [Fact]
    public async Task Document_that_was_valid_before_still_needs_its_variables()
    {
        const string Query = "query($id: Id!) { account(id: $id) { id } }";
        Assert.False((await api.ExecuteAsync(api.OperatorKey, Query, new { id = "00000000000000000000000000000001" })).TryGetProperty("errors", out _));
        Assert.True((await api.ExecuteAsync(api.OperatorKey, Query)).TryGetProperty("errors", out _));
        Assert.True((await api.ExecuteAsync(api.OperatorKey, Query, new { id = 1 })).TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task Unacceptable_media_type_is_refused()
    {
        using var response = await PostAsync("""{"query":"{ __typename }"}""", "text/html");
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/graphql")]
    public async Task Body_of_another_content_type_is_refused(string contentType)
    {
        using var response = await PostAsync("""{"query":"{ __typename }"}""", null, contentType);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("\"{ __typename }\"")]
    [InlineData("{}")]
    [InlineData("""{"query":1}""")]
    [InlineData("""{"query":""}""")]
    [InlineData("""[{"query":"{ __typename }"},{"query":"{ __typename }"}]""")]
    [InlineData("""{"query":"{ __typename }","operationName":1}""")]
    [InlineData("""{"query":"{ __typename }","variables":[1]}""")]
    [InlineData("""{"query":"{ __typename }","variables":"1"}""")]
    [InlineData("""{"query":"{ __typename }","extensions":1}""")]
    public async Task Malformed_request_is_400_under_either_media_type(string body)
    {
        foreach (var accept in new[] { "application/json", ResponseJson })
        {
            using var response = await PostAsync(body, accept);
            Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
            Assert.Equal("BAD_REQUEST", Code(await JsonAsync(response)));
        }
    }

    [Theory]
    [InlineData("{ nothing }")]
    [InlineData("{")]
    [InlineData("query($id: Id!) { account(id: $id) { id } }")]
    [InlineData("{ ledger { id { id } } }")]
    public async Task Invalid_document_is_200_as_json_and_400_as_graphql_response(string query)
    {
        var body = JsonSerializer.Serialize(new { query });
        using var json = await PostAsync(body, "application/json");
        Assert.Equal(HttpStatusCode.OK, json.StatusCode);
        using var response = await PostAsync(body, ResponseJson);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        var answer = await JsonAsync(response);
        Assert.True(answer.GetProperty("errors").GetArrayLength() > 0);
        Assert.False(answer.TryGetProperty("data", out _));
    }

    [Fact]
    public async Task Body_over_a_megabyte_is_refused()
    {
        var body = JsonSerializer.Serialize(new { query = "{ __typename }", variables = new { a = new string('x', 1024 * 1024) } });
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", api.OperatorKey);

        // The server answers before it has read all; a client that only sends would find the connection closed.
        request.Headers.ExpectContinue = true;
        using var response = await api.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Equal("REQUEST_TOO_LARGE", Code(await JsonAsync(response)));
    }

    [Fact]
    public async Task Misspelt_name_is_not_corrected()
    {
        var answer = await api.ExecuteAsync(api.OperatorKey, "{ ledgr { id } }");
        Assert.DoesNotContain("Did you mean", answer.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("'ledger'", answer.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_001, "__typename ")]
    [InlineData(600, "... { __typename } ")]
    public async Task Document_with_too_many_fields_is_refused(int times, string field)
    {
        var query = "{" + new StringBuilder().Insert(0, field, times) + "}";
        Assert.Equal("DOCUMENT_TOO_COMPLEX", Code(await api.ExecuteAsync(api.OperatorKey, query)));
    }

    [Fact]
    public async Task Fault_is_masked_with_a_correlation_id()
    {
        // Without a ledger behind it, every resolver throws.
        using var services = new ServiceCollection().AddLogging().AddSingleton(TimeProvider.System)
            .AddSingleton(new HumanitarianApiOptions { Pepper = default, MatchingKey = default, DataFolder = "." }).AddHumanitarianApi().BuildServiceProvider();
        var result = await services.GetRequiredService<IDocumentExecuter<ApiSchema>>().ExecuteAsync(
            new ExecutionOptions { Query = "{ ledger { id } }", RequestServices = services });
        var text = services.GetRequiredService<IGraphQLTextSerializer>().Serialize(result);
        using var answer = JsonDocument.Parse(text);
        Assert.Equal("INTERNAL_ERROR", Code(answer.RootElement));
        Assert.Matches("under [0-9a-f]{32}\\.$", answer.RootElement.GetProperty("errors")[0].GetProperty("message").GetString());
        Assert.DoesNotContain("Service", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("Exception", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(" at ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("150")]
    [InlineData("1e3")]
    [InlineData("\"1.5\"")]
    [InlineData("\"1e3\"")]
    [InlineData("\" 1\"")]
    [InlineData("\"+1\"")]
    [InlineData("\"9223372036854775808\"")]
    [InlineData("\"\"")]
    [InlineData("true")]
    public async Task Amount_that_is_no_string_of_64_bits_is_refused(string amount)
    {
        const string Fields = "userErrors { code }";
        var inline = $$$"""mutation { recordReceipt(input: {idempotencyKey: "a", grantId: "{{{new string('0', 31)}}}1", amount: {amountMinor: {{{amount}}}, currency: "KES"}}) { {{{Fields}}} } }""";
        Assert.True((await api.ExecuteAsync(api.OperatorKey, inline)).TryGetProperty("errors", out _));

        using var variables = JsonDocument.Parse($$$"""{"input": {"idempotencyKey": "a", "grantId": "{{{new string('0', 31)}}}1", "amount": {"amountMinor": {{{amount}}}, "currency": "KES"} } }""");
        var answer = await api.ExecuteAsync(api.OperatorKey, $"mutation($input: RecordReceiptInput!) {{ recordReceipt(input: $input) {{ {Fields} }} }}", variables.RootElement);
        Assert.True(answer.TryGetProperty("errors", out _));
    }

    private Task<HttpResponseMessage> PostAsync(string body, string? accept, string contentType = "application/json")
    {
        var content = new StringContent(body, Encoding.UTF8);
        content.Headers.ContentType = new MediaTypeHeaderValue(contentType, "utf-8");
        return api.SendAsync(api.OperatorKey, HttpMethod.Post, "/graphql", content, accept);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response) => await response.Content.ReadFromJsonAsync<JsonElement>();

    private static string? Code(JsonElement answer) => answer.GetProperty("errors")[0].GetProperty("extensions").GetProperty("code").GetString();
}
