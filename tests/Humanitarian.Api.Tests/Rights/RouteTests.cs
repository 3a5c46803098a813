using Humanitarian.Api.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Api.Tests.Rights;

/// <summary>No way in that nobody has thought of: each has its row in the matrix of rights, or is open for a reason.</summary>
public sealed class RouteTests(ApiServer api)
{
    private static readonly Dictionary<string, string> Open = new()
    {
        ["GET /graphql"] = "Each root field has its rule.", ["POST /graphql"] = "Each root field has its rule.",
        ["POST /join"] = "An invitation's code is what lets in.",
        ["POST /person/token"] = "A beneficiary proves here who they are.", ["POST /person/challenge"] = "It tells the same of every account, there or not.",
        ["GET /connect/authorize"] = "Members sign in here.", ["POST /connect/authorize"] = "Members sign in here.",
        ["GET /connect/token"] = "A code or a client's secret is what lets in.", ["POST /connect/token"] = "A code or a client's secret is what lets in.",
        ["GET /.well-known/openid-configuration"] = "Public by its standard.", ["POST /.well-known/openid-configuration"] = "Public by its standard.",
        ["GET /.well-known/jwks"] = "Public keys.", ["POST /.well-known/jwks"] = "Public keys.",
        ["GET /graphiql"] = "Files of the program, which hold nothing of anybody.", ["GET /graphiql/{file}"] = "Files of the program, which hold nothing of anybody.",
    };

    [Fact]
    public async Task Every_route_of_a_server_with_all_switched_on_is_in_the_matrix_or_open_for_a_reason()
    {
        WebApplication? application = null;
        await using var front = await Front.StartAsync(api, options => options with { Ide = true }, map: mapped => application = mapped);
        var routes = application!.Services.GetRequiredService<EndpointDataSource>().Endpoints.Cast<RouteEndpoint>().SelectMany(route =>
            route.Metadata.GetRequiredMetadata<IHttpMethodMetadata>().HttpMethods.Select(method => $"{method} {route.RoutePattern.RawText}")).ToArray();
        var rows = File.ReadLines(Path.Combine(Lists.ListFiles.Above("tests")!, "Humanitarian.Api.Tests", "Rights", "matrix.md")).Select(line => line.Split('|')[1].Trim()).Where(row => row.Contains(" /", StringComparison.Ordinal));
        Assert.Equal(rows.Concat(Open.Keys).Order(StringComparer.Ordinal), routes.Order(StringComparer.Ordinal));
    }
}
