using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Humanitarian.Host.Tests;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class TelemetryTests
{
    private const string Key = "a-clients-own-idempotency-key";
    private const string Name = "Mothers of Dadaab";

    [Fact]
    public async Task A_configured_collector_receives_metrics_and_traces_of_the_ledger_and_nothing_that_a_client_wrote()
    {
        using var folder = new TemporaryFolder();
        await using var collector = await Collector.StartAsync();
        var environment = new Dictionary<string, string>
        {
            ["HUMANITARIAN__Telemetry__OtlpEndpoint"] = collector.Url,
            ["HUMANITARIAN__Telemetry__IntervalSeconds"] = "1",
        };
        await using var server = HostProcess.Start(folder.Path, environment, "serve", "--url", "http://127.0.0.1:0");
        var secret = (await server.LineWithAsync("administrator's API key")).Split(' ')[^1];
        using var http = new HttpClient
        {
            BaseAddress = new Uri(new Uri((await server.LineWithAsync("GraphQL at")).Split(' ')[2]), "/"), Timeout = HostProcess.Patience,
        };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        const string Register = "mutation($i: RegisterOrganisationInput!) { registerOrganisation(input: $i) { userErrors { code } } }";
        using var answer = await http.PostAsJsonAsync(
            "graphql", new { query = Register, variables = new { i = new { idempotencyKey = Key, name = Name, kind = "NGO", administratorAddress = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf" } } });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        const string Account = "9f3c5a7b1e2d40868192a3b4c5d6e7f8";
        using (var export = await http.GetAsync(new Uri($"exports/statements/{Account}", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.NotFound, export.StatusCode);
        }

        await collector.SeesAsync(
            "humanitarian.block.transactions", "humanitarian.block.commit.duration", "humanitarian.sequencer.queue.normal", "humanitarian.projections.lag",
            "humanitarian.command.duration", "RegisterOrganisation", "SIGNATURE_REQUIRED", "orleans-", "http.server.request.duration", "/v1/traces", "rpc.method", "/exports/statements/");
        Assert.DoesNotContain(Key, collector.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Name, collector.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, collector.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(Account, collector.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("url.path", collector.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("grain.id", collector.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("target_id", collector.Text, StringComparison.Ordinal);
        var (code, output, errors) = await server.TerminateAsync();
        Assert.Equal(0, code);
        Assert.DoesNotContain(Name, errors, StringComparison.Ordinal);
        Assert.DoesNotContain(Key, output + errors, StringComparison.Ordinal);
    }

    /// <summary>An OTLP endpoint that keeps what it is sent: strings stand in protocol buffers as they are.</summary>
    private sealed class Collector : IAsyncDisposable
    {
        private readonly WebApplication application;
        private readonly ConcurrentQueue<string> received = new();
        private readonly SemaphoreSlim arrived = new(0);

        private Collector()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            builder.Services.AddRoutingCore();
            application = builder.Build();
            application.UseRouting();
            application.MapPost("/v1/{signal}", ReceiveAsync);
        }

        public string Url => application.Urls.First();

        public string Text => string.Concat(received);

        public static async Task<Collector> StartAsync()
        {
            var collector = new Collector();
            await collector.application.StartAsync();
            return collector;
        }

        /// <summary>Returns once every text has been received.</summary>
        public async Task SeesAsync(params string[] texts)
        {
            using var patience = new CancellationTokenSource(HostProcess.Patience);
            while (texts.Where(text => !Text.Contains(text, StringComparison.Ordinal)).ToArray() is [_, ..] missing)
            {
                try
                {
                    await arrived.WaitAsync(patience.Token);
                }
                catch (OperationCanceledException)
                {
                    Assert.Fail($"Not received: {string.Join(", ", missing)}");
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            await application.DisposeAsync();
            arrived.Dispose();
        }

        private async Task ReceiveAsync(HttpContext context)
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            received.Enqueue(context.Request.Path + Encoding.Latin1.GetString(body.ToArray()));
            arrived.Release();
        }
    }
}
