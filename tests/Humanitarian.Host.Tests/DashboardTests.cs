using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Host.Demo;
using Humanitarian.Host.Serving;

namespace Humanitarian.Host.Tests;

/// <summary>The dashboard is there for operators of this machine alone.</summary>
public class DashboardTests
{
    private const string Counters = "DashboardCounters";

    [Fact]
    public async Task Dashboard_is_served_on_its_own_port_to_the_operator_alone()
    {
        using var folder = new TemporaryFolder();
        await using var running = await StartAsync(folder);
        var (dashboard, api, administrator) = (running.Dashboard, running.Api, running.Administrator);

        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(dashboard, Counters));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(dashboard, ""));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(dashboard, Counters, "Bearer hum_nobody"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(dashboard, Counters, $"Bearer {await ReaderAsync(running)}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(dashboard, Counters, $"Bearer {administrator}"));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(dashboard, "", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"operator:{administrator}"))}"));

        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(dashboard, Counters, $"Bearer {administrator}", "ledger.example.org"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(dashboard, "health", $"Bearer {administrator}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(api, Counters, $"Bearer {administrator}"));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(api, Counters, $"Bearer {administrator}", dashboard.Authority));
    }

    [Fact]
    public async Task Dashboard_is_off_unless_it_is_switched_on()
    {
        using var folder = new TemporaryFolder();
        await using var server = HostProcess.Start(folder.Path, null, "serve", "--url", "http://127.0.0.1:0");
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(await UrlAsync(server), Counters, $"Bearer {await KeyAsync(server)}"));
    }

    private static async Task<Running> StartAsync(TemporaryFolder folder)
    {
        var dashboard = new Uri(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}/"));
        var server = HostProcess.Start(
            folder.Path,
            new Dictionary<string, string> { ["HUMANITARIAN__Dashboard__Enabled"] = "true", ["HUMANITARIAN__Dashboard__Url"] = dashboard.ToString() },
            "serve", "--url", "http://127.0.0.1:0");
        return new Running(server, dashboard, await UrlAsync(server), await KeyAsync(server));
    }

    /// <summary>An API key of a member who administers the operator's organisation without running the ledger.</summary>
    private static async Task<string> ReaderAsync(Running running)
    {
        using var http = new HttpClient { BaseAddress = running.Api };
        var domain = new Humanitarian.Chain.Blocks.LedgerDomain(Id.Parse(Last(await running.Server.LineWithAsync("  ledger  "))));
        var client = new GraphQlClient(http, domain, TimeProvider.System);
        var administrator = new Actor(
            running.Administrator, Id.Parse(Last(await running.Server.LineWithAsync("administrator    "))),
            Convert.FromHexString(Last(await running.Server.LineWithAsync("administrator's signing key"))[2..]));
        var cast = await new Casting(client, administrator, new SystemRandomSource()).RegisterAsync(default);
        return cast.Registrar.ApiKey;
    }

    private static async Task<HttpStatusCode> StatusAsync(Uri server, string path, string? authorization = null, string? host = null)
    {
        using var http = new HttpClient { BaseAddress = server, Timeout = HostProcess.Patience };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = authorization is null ? null : AuthenticationHeaderValue.Parse(authorization);
        request.Headers.Host = host;
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<Uri> UrlAsync(HostProcess server) => new(new Uri((await server.LineWithAsync("GraphQL at")).Split(' ')[2]), "/");

    private static async Task<string> KeyAsync(HostProcess server) => Last(await server.LineWithAsync("administrator's API key"));

    private static string Last(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];

    private sealed record Running(HostProcess Server, Uri Dashboard, Uri Api, string Administrator) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
