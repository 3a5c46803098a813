using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Humanitarian.Host.Configuration;

namespace Humanitarian.Host.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class ServeTests
{
    private const string Loopback = "http://127.0.0.1:0";

    [Fact]
    public async Task A_first_start_shows_the_administrators_keys_once_and_a_restart_finds_the_ledger()
    {
        using var folder = new TemporaryFolder();
        string genesis, administrator;
        await using (var server = HostProcess.Start(folder.Path, null, "serve", "--url", Loopback))
        {
            genesis = Last(await server.LineWithAsync("genesis hash"));
            administrator = Last(await server.LineWithAsync("administrator    "));
            var apiKey = Last(await server.LineWithAsync("administrator's API key"));
            Assert.Matches("^0x[0-9a-f]{64}$", Last(await server.LineWithAsync("administrator's signing key")));
            using var http = await ClientAsync(server, apiKey);
            using var live = await http.GetAsync("health/live");
            Assert.Equal((HttpStatusCode.OK, "nosniff"), (live.StatusCode, live.Headers.GetValues("X-Content-Type-Options").Single()));
            await ReadyAsync(http);
            Assert.Equal(administrator, await MeAsync(http));
            using var token = await http.PostAsync("connect/token", new FormUrlEncodedContent(new Dictionary<string, string>
            {
                ["grant_type"] = "client_credentials", ["client_id"] = administrator, ["client_secret"] = apiKey,
            }));
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (string?)(await token.Content.ReadFromJsonAsync<JsonNode>())!["access_token"]);
            Assert.Equal(administrator, await MeAsync(http));

            http.DefaultRequestHeaders.Authorization = null;
            Assert.Equal(HttpStatusCode.Unauthorized, (await http.PostAsJsonAsync("graphql", new { query = "{ me { id } }" })).StatusCode);
            Assert.Equal(0, (await server.TerminateAsync()).Code);
        }

        var made = await HostProcess.RunAsync(folder.Path, "apikey", "new", "--member", administrator, "--json");
        Assert.Equal(0, made.Code);
        var second = (string)JsonNode.Parse(made.Output)!["apiKey"]!;
        await using (var server = HostProcess.Start(folder.Path, null, "serve", "--url", Loopback))
        {
            using var http = await ClientAsync(server, second);
            Assert.Equal(administrator, await MeAsync(http));
            var (code, output, _) = await server.TerminateAsync();
            Assert.Equal(0, code);
            Assert.Contains(genesis, output, StringComparison.Ordinal);
            Assert.DoesNotContain("shown this once", output, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await HostProcess.RunAsync(folder.Path, "verify", "--genesis", genesis)).Code);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_nothing_is_made()
    {
        using var folder = new TemporaryFolder();
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var (code, _, errors) = await HostProcess.RunAsync(folder.Path, "serve", "--url", $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}");
        Assert.Equal(2, code);
        Assert.Contains(StartupCode.PortInUse, errors, StringComparison.Ordinal);
        Assert.Contains("Api:Url", errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder["data"]));
    }

    [Fact]
    public async Task Two_ledgers_run_side_by_side_and_a_folder_serves_only_once()
    {
        using var folder = new TemporaryFolder();
        await using var first = HostProcess.Start(folder.Path, null, "serve", "--url", Loopback, "--data", "one");
        await using var second = HostProcess.Start(folder.Path, null, "serve", "--url", Loopback, "--data", "two");
        using var one = await ClientAsync(first, Last(await first.LineWithAsync("API key")));
        using var two = await ClientAsync(second, Last(await second.LineWithAsync("API key")));
        Assert.NotEqual(await MeAsync(one), await MeAsync(two));

        foreach (string[] command in (string[][])[["serve", "--url", Loopback], ["rebuild"], ["apikey", "new", "--member", await MeAsync(one)]])
        {
            var (code, _, errors) = await HostProcess.RunAsync(folder.Path, [.. command, "--data", "one"]);
            Assert.Equal(2, code);
            Assert.Contains(StartupCode.FolderInUse, errors, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await HostProcess.RunAsync(folder.Path, "verify", "--data", "one")).Code);
    }

    [Theory]
    [InlineData("blocks.db", StartupCode.DatabaseDamaged)]
    [InlineData("projections.db", StartupCode.DatabaseDamaged)]
    public async Task A_damaged_database_is_named(string file, string code)
    {
        using var folder = new TemporaryFolder();
        await MakeAsync(folder);
        await File.WriteAllTextAsync(Path.Combine(folder["data"], file), "This was a database once.");
        var ended = await HostProcess.RunAsync(folder.Path, "serve", "--url", Loopback);
        Assert.Equal(2, ended.Code);
        Assert.Contains(code, ended.Errors, StringComparison.Ordinal);
        Assert.Contains(file, ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_password_stops_the_start()
    {
        using var folder = new TemporaryFolder();
        await MakeAsync(folder);
        await File.WriteAllTextAsync(folder["keys/password"], "wrong");
        var ended = await HostProcess.RunAsync(folder.Path, "serve", "--url", Loopback);
        Assert.Equal(2, ended.Code);
        Assert.Contains(StartupCode.PasswordWrong, ended.Errors, StringComparison.Ordinal);
        Assert.Contains("Keys:PasswordFile", ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_keys_of_another_ledger_stop_the_start()
    {
        using var folder = new TemporaryFolder();
        await MakeAsync(folder);
        await MakeAsync(folder, "--data", "other");
        var ended = await HostProcess.RunAsync(folder.Path, "serve", "--url", Loopback, "--keys", "other-keys");
        Assert.Equal(2, ended.Code);
        Assert.Contains(StartupCode.KeyMismatch, ended.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_is_named()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["file"], "");
        var ended = await HostProcess.RunAsync(folder.Path, "serve", "--url", Loopback, "--data", "file/data");
        Assert.Equal(2, ended.Code);
        Assert.Contains(StartupCode.FolderDenied, ended.Errors, StringComparison.Ordinal);
        Assert.Contains("Storage:DataFolder", ended.Errors, StringComparison.Ordinal);
    }

    /// <summary>Starts a ledger once.</summary>
    private static async Task MakeAsync(TemporaryFolder folder, params string[] arguments)
    {
        await using var server = HostProcess.Start(folder.Path, null, ["serve", "--url", Loopback, .. arguments]);
        await server.LineWithAsync("GraphQL at");
        Assert.Equal(0, (await server.TerminateAsync()).Code);
    }

    [Fact]
    public async Task Limits_origins_proxies_and_documents_are_as_they_are_set()
    {
        const string Me = "{ me { id } }";
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["documents"]);
        File.WriteAllText(folder["documents/me.graphql"], Me + "\n");
        var settings = new Dictionary<string, string>
        {
            ["HUMANITARIAN__Api__AllowedOrigins__0"] = "https://aid.example.org", ["HUMANITARIAN__Api__TrustedProxies__0"] = "127.0.0.1",
            ["HUMANITARIAN__Api__Documents__Folder"] = "documents", ["HUMANITARIAN__Api__Documents__Only"] = "true", ["HUMANITARIAN__Api__Limits__BodyBytes"] = "200",
        };
        await using var server = HostProcess.Start(folder.Path, settings, "serve", "--url", Loopback);
        using var http = await ClientAsync(server, Last(await server.LineWithAsync("administrator's API key")));
        http.DefaultRequestHeaders.Add("Origin", "https://aid.example.org");
        http.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        http.DefaultRequestHeaders.Add("X-Forwarded-For", "192.0.2.1");
        http.DefaultRequestHeaders.Host = "aid.example.org";
        await ReadyAsync(http);

        using var taken = await http.PostAsJsonAsync("graphql", new { query = Me });
        Assert.DoesNotContain("errors", await taken.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("https://aid.example.org", taken.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.True(taken.Headers.Contains("Strict-Transport-Security"));
        using var other = await http.PostAsJsonAsync("graphql", new { query = "{ ledger { id } }" });
        Assert.Contains("PERSISTED_QUERY_ONLY", await other.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var large = await http.PostAsJsonAsync("graphql", new { query = Me, variables = new { filler = new string('x', 200) } });
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    private static async Task<HttpClient> ClientAsync(HostProcess server, string apiKey)
    {
        var url = (await server.LineWithAsync("GraphQL at")).Split(' ')[2];
        var http = new HttpClient { BaseAddress = new Uri(new Uri(url), "/"), Timeout = HostProcess.Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
        return http;
    }

    private static async Task<string> MeAsync(HttpClient http)
    {
        using var answer = await http.PostAsJsonAsync("graphql", new { query = "{ me { id } }" });
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["data"]!["me"]!["id"]!;
    }

    /// <summary>Asks until it is ready.</summary>
    private static async Task ReadyAsync(HttpClient http)
    {
        using var patience = new CancellationTokenSource(HostProcess.Patience);
        using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await http.GetAsync("health", patience.Token)).StatusCode != HttpStatusCode.OK)
        {
            await pause.WaitForNextTickAsync(patience.Token);
        }
    }

    private static string Last(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];
}
