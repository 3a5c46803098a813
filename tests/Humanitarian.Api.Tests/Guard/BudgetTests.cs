using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using GraphQL;
using GraphQL.DI;
using Humanitarian.Api.Tests.Support;

namespace Humanitarian.Api.Tests.Guard;

/// <summary>What an operation costs, what a member may spend, and how long a query may take.</summary>
public sealed class BudgetTests(ApiServer api)
{
    private const string Me = "{ me { id } }";

    [Theory]
    [InlineData(Me, null, 11)]
    [InlineData("{ programs(first: 20) { nodes { id name } pageInfo { hasNextPage } } }", null, 10 + 1 + (20 * 2) + 2)]
    [InlineData("query($n: Int!) { programs(first: $n) { nodes { id } } }", 7, 10 + 1 + 7)]
    [InlineData("query($n: Int = 3) { programs(first: $n) { nodes { id } } }", null, 10 + 1 + 3)]
    [InlineData("query($n: Int!) { programs(first: $n) { ...page } } fragment page on ProgramConnection { nodes { id unit } }", 100, 10 + 1 + 200)]
    [InlineData("query($n: Int!) { programs(first: $n) { nodes { id } } me { roles } }", 5, 10 + 1 + 5 + 11)]
    [InlineData("{ donationTrace(grantId: \"00000000000000000000000000000001\") { label } }", null, 101)]
    [InlineData("{ account(id: \"00000000000000000000000000000001\") { balances { available { amountMinor } } } }", null, 10 + 10 + (10 * 2))]
    public async Task Cost_is_known_from_the_document_and_its_variables(string query, int? n, long cost)
    {
        for (var repetition = 0; repetition < 2; repetition++)
        {
            var answer = await api.ExecuteAsync(api.OperatorKey, query, n is null ? null : new { n });
            Assert.True(answer.TryGetProperty("extensions", out var extensions), answer.ToString());
            Assert.Equal(cost, extensions.GetProperty("cost").GetProperty("requested").GetInt64());
            Assert.InRange(extensions.GetProperty("cost").GetProperty("remaining").GetInt64(), 1, 10_000_000);
            Assert.Equal(1_000_000, extensions.GetProperty("cost").GetProperty("restoredPerSecond").GetInt64());
        }
    }

    [Fact]
    public async Task Costly_variable_is_refused_though_its_document_was_taken_before()
    {
        await using var front = await Front.StartAsync(api, new ApiLimits { Cost = 50 });
        const string Query = "query($n: Int!) { programs(first: $n) { nodes { id } } }";
        Assert.Null(Front.Code((await front.PostAsync(api.OperatorKey, new { query = Query, variables = new { n = 10 } })).Answer));
        foreach (object n in new object[] { 40, 100, 1_000_000_000_000L, "40" })
        {
            Assert.Equal("DOCUMENT_TOO_COMPLEX", Front.Code((await front.PostAsync(api.OperatorKey, new { query = Query, variables = new { n } })).Answer));
        }
    }

    [Fact]
    public async Task Member_who_has_spent_the_budget_waits_for_it_and_nobody_else_does()
    {
        var time = new ManualTime();
        await using var front = await Front.StartAsync(api, new ApiLimits { Cost = 25, Budget = 25, BudgetPerSecond = 1 }, time);
        var other = await new Cast(api, "budget").OrganisationAsync("NGO", "READER");
        Assert.Equal(14, Remaining((await front.PostAsync(api.OperatorKey, new { query = Me })).Answer));
        Assert.Equal(3, Remaining((await front.PostAsync(api.OperatorKey, new { query = Me })).Answer));

        var (refused, answer) = await front.PostAsync(api.OperatorKey, new { query = Me });
        Assert.Equal((HttpStatusCode.TooManyRequests, "RATE_LIMITED", 8.0), (refused.StatusCode, Front.Code(answer), refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds));
        Assert.Equal(3, Remaining(answer));
        Assert.Null(Front.Code((await front.PostAsync(other.Key, new { query = Me })).Answer));

        time.Advance(TimeSpan.FromSeconds(7));
        Assert.Equal("RATE_LIMITED", Front.Code((await front.PostAsync(api.OperatorKey, new { query = Me })).Answer));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, Remaining((await front.PostAsync(api.OperatorKey, new { query = Me })).Answer));
    }

    [Fact]
    public async Task Files_are_paid_from_the_same_budget_and_refused_when_it_is_spent()
    {
        var time = new ManualTime();
        await using var front = await Front.StartAsync(api, new ApiLimits { Cost = 100, Budget = 215, BudgetPerSecond = 1 }, time);
        var reader = await new Cast(api, "budget of files").OrganisationAsync("NGO", "READER");
        var path = $"/exports/statements/{new string('1', 32)}";
        Assert.Equal(204, Remaining((await front.PostAsync(reader.Key, new { query = Me })).Answer));
        for (var export = 0; export < 2; export++)
        {
            using var paid = await GetAsync(front, reader.Key, path);
            Assert.Equal(HttpStatusCode.NotFound, paid.StatusCode);
        }

        using (var refused = await GetAsync(front, reader.Key, path))
        {
            Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(96)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
            Assert.Equal("RATE_LIMITED", Front.Code(await refused.Content.ReadFromJsonAsync<JsonElement>()));
        }

        Assert.Equal("RATE_LIMITED", Front.Code((await front.PostAsync(reader.Key, new { query = Me })).Answer));
        time.Advance(TimeSpan.FromSeconds(96));
        using var again = await GetAsync(front, reader.Key, path);
        Assert.Equal(HttpStatusCode.NotFound, again.StatusCode);
    }

    [Fact]
    public async Task Query_past_its_time_is_ended_and_a_mutation_never()
    {
        await using var front = await Front.StartAsync(api, new ApiLimits { QueryTimeout = TimeSpan.FromMilliseconds(50) }, new ImpatientTime(), new StuckQueries());
        Assert.Equal("QUERY_TIMED_OUT", Front.Code((await front.PostAsync(api.OperatorKey, new { query = Me })).Answer));
        var (_, done) = await front.PostAsync(
            api.OperatorKey, new { query = "mutation { defineUnit(input: {idempotencyKey: \"slow\", code: \"SLOW\", exponent: 2}) { transaction { height } userErrors { code } } }" });
        Assert.NotEqual(JsonValueKind.Null, done.GetProperty("data").GetProperty("defineUnit").GetProperty("transaction").ValueKind);
    }

    private static Task<HttpResponseMessage> GetAsync(Front front, string key, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return front.Http.SendAsync(request);
    }

    private static long Remaining(JsonElement answer) => answer.GetProperty("extensions").GetProperty("cost").GetProperty("remaining").GetInt64();

    /// <summary>Every timer is due at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => base.CreateTimer(callback, state, TimeSpan.Zero, period);
    }

    /// <summary>Queries never come back, whatever they are told.</summary>
    private sealed class StuckQueries : IConfigureExecution
    {
        public float SortOrder => 300;

        public async Task<ExecutionResult> ExecuteAsync(ExecutionOptions options, ExecutionDelegate next)
        {
            if (options.Query!.StartsWith('{'))
            {
                await new TaskCompletionSource().Task;
            }

            return await next(options);
        }
    }
}
