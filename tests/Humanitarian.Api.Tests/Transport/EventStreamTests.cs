using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Transport;

/// <summary>Server-sent events by graphql-sse's mode of distinct connections.</summary>
public sealed class EventStreamTests(ApiServer api)
{
    private const string Blocks = "subscription($after: UInt64String) { blocks(after: $after) { height } }";

    [Fact]
    public async Task Subscription_streams_its_events()
    {
        using var stream = await EventReader.OpenAsync(api, api.OperatorKey, Blocks, new { after = "0" });
        Assert.Equal("text/event-stream", stream.Response.Content.Headers.ContentType!.ToString());
        Assert.True(stream.Response.Headers.CacheControl!.NoStore);
        Assert.Equal("""{"data":{"blocks":{"height":"1"}}}""", (await stream.ResultAsync()).ToString());
        Assert.Equal("""{"data":{"blocks":{"height":"2"}}}""", (await stream.ResultAsync()).ToString());
        Assert.True(stream.Comments > 0);
    }

    [Theory]
    [InlineData("{ __typename }", """{"__typename":"Query"}""")]
    [InlineData("mutation { __typename }", """{"__typename":"Mutation"}""")]
    public async Task Query_or_mutation_is_one_result_and_complete(string query, string expected)
    {
        using var stream = await EventReader.OpenAsync(api, api.OperatorKey, query);
        Assert.Equal(expected, (await stream.ResultAsync()).GetProperty("data").ToString());
        Assert.Equal(("complete", ""), await stream.NextAsync());
        Assert.Null(await stream.NextAsync());
    }

    [Theory]
    [InlineData("{ nothing }")]
    [InlineData("subscription { blocks(after: \"99999999\") { height } }")]
    public async Task What_fails_is_a_result_with_errors_and_complete(string query)
    {
        using var stream = await EventReader.OpenAsync(api, api.OperatorKey, query);
        var result = await stream.ResultAsync();
        Assert.True(result.GetProperty("errors").GetArrayLength() > 0, result.ToString());
        Assert.False(result.TryGetProperty("data", out _));
        Assert.Equal(("complete", ""), await stream.NextAsync());
        Assert.Null(await stream.NextAsync());
    }

    [Fact]
    public async Task Subscription_streams_by_get_too_and_a_mutation_does_not()
    {
        using var stream = await EventReader.OpenAsync(api, Get("subscription{blocks(after:\"0\"){height}}"));
        Assert.Equal("""{"data":{"blocks":{"height":"1"}}}""", (await stream.ResultAsync()).ToString());
        using var mutation = await EventReader.OpenAsync(api, Get("mutation{__typename}"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, mutation.Response.StatusCode);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData("application/graphql-response+json")]
    public async Task Subscription_under_another_media_type_is_refused(string accept)
    {
        using var response = await api.SendAsync(api.OperatorKey, HttpMethod.Post, "/graphql", JsonContent.Create(new { query = Blocks }), accept);
        Assert.Equal(HttpStatusCode.NotAcceptable, response.StatusCode);
    }

    [Fact]
    public async Task Stream_without_a_living_key_is_refused()
    {
        using var stream = await EventReader.OpenAsync(api, "hum_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", Blocks);
        Assert.Equal(HttpStatusCode.Unauthorized, stream.Response.StatusCode);
    }

    private HttpRequestMessage Get(string query)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"/graphql?query={Uri.EscapeDataString(query)}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", api.OperatorKey);
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        return request;
    }
}
