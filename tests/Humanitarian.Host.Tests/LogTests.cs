using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Humanitarian.Host.Tests;

/// <summary>Whatever clients send, the log is lines of JSON that a terminal shows as they are.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class LogTests
{
    private const string Marker = "hostile7f3a";

    /// <summary>Line ends, terminal sequences, directions of writing, markup, templates, what is no text at all.</summary>
    private static readonly string[] Hostile =
    [
        $"{Marker}\r\n{{\"LogLevel\":\"Critical\",\"Message\":\"forged\"}}", $"{Marker}\u001b[2J\u001b[31mred\u001b]0;title\u0007", $"{Marker}\u009b31m\u0000\u0008\u007f", $"{Marker}\u2028\u2029\u0085next",
        $"{Marker}\u202eevil\u2066\u200f\u061c", $"{Marker}<script>alert(1)</script>&\"'", $"{Marker}[red]markup[/][bold]", $"{Marker}{{0}}{{Message}}%n%s${{jndi:x}}", $"{Marker}\ud800\udfff\ufffe\U0001f4a3",
    ];

    [Fact]
    public async Task No_text_that_a_client_can_send_breaks_a_line_of_the_log()
    {
        using var folder = new TemporaryFolder();
        var talkative = new Dictionary<string, string>
        {
            ["HUMANITARIAN__Logging__LogLevel__Default"] = "Debug", ["HUMANITARIAN__Logging__LogLevel__Microsoft"] = "Debug", ["HUMANITARIAN__Logging__LogLevel__Microsoft.AspNetCore"] = "Trace",
            ["HUMANITARIAN__Logging__LogLevel__OpenIddict"] = "Debug",
        };
        await using var server = HostProcess.Start(folder.Path, talkative, "serve", "--url", "http://127.0.0.1:0");
        var key = (await server.LineWithAsync("administrator's API key")).Split(' ', StringSplitOptions.RemoveEmptyEntries)[^1];
        var url = (await server.LineWithAsync("GraphQL at")).Split(' ')[2];
        using var http = new HttpClient { BaseAddress = new Uri(new Uri(url), "/"), Timeout = HostProcess.Patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        foreach (var text in Hostile)
        {
            await SendAsync(http, text);
        }

        var (code, output, errors) = await server.TerminateAsync();
        Assert.Equal(0, code);
        Assert.DoesNotContain(Marker, output, StringComparison.Ordinal);
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.All(lines, line =>
        {
            Assert.Equal(JsonValueKind.Object, JsonNode.Parse(line)!.GetValueKind());
            Assert.DoesNotContain(line, character => character is < ' ' or > '~');
            Assert.NotEqual("forged", (string?)JsonNode.Parse(line)!["Message"]);
        });

        // Some of it is told, so that there was something to break.
        Assert.Contains(lines, line => line.Contains(Marker, StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains(key, StringComparison.Ordinal));
    }

    /// <summary>A text wherever one can stand: documents, names, variables, keys, paths, queries, headers, forms and files.</summary>
    private static async Task SendAsync(HttpClient http, string text)
    {
        var escaped = Uri.EscapeDataString(text);
        const string Open = "mutation Open($input: OpenAccountInput!) { openAccount(input: $input) { userErrors { code } } }";
        await IgnoreAsync(http.PostAsJsonAsync("graphql", new { query = text }));
        await IgnoreAsync(http.PostAsJsonAsync("graphql", new { query = $"{{ me {{ id }} }} # {text}" }));
        await IgnoreAsync(http.PostAsJsonAsync("graphql", new { query = "query A { me { id } } query B { me { id } }", operationName = text }));
        await IgnoreAsync(http.PostAsJsonAsync("graphql", new { query = Open, variables = new { input = new { idempotencyKey = text, kind = "VENDOR", tags = new[] { text } } } }));
        await IgnoreAsync(http.PostAsJsonAsync("graphql", new { query = Open, variables = new { input = text }, extensions = new Dictionary<string, string> { [text] = text } }));
        await IgnoreAsync(http.GetAsync($"graphql?query={escaped}&{escaped}={escaped}"));
        await IgnoreAsync(http.GetAsync($"{escaped}/{escaped}"));
        await IgnoreAsync(http.PostAsync($"bulk/{escaped}?mode={escaped}", new StringContent(text)));
        await IgnoreAsync(http.PostAsync("bulk/transfer", new StringContent(text)));
        await IgnoreAsync(http.PostAsync($"lists?program={escaped}", new StringContent(text, Encoding.UTF8, "text/csv")));
        await IgnoreAsync(http.GetAsync($"exports/statements/{escaped}?from={escaped}"));
        await IgnoreAsync(http.PostAsync("connect/token", new FormUrlEncodedContent(new Dictionary<string, string> { ["grant_type"] = text, ["client_id"] = text, ["client_secret"] = text })));
        await IgnoreAsync(http.GetAsync($"connect/authorize?client_id={escaped}&redirect_uri={escaped}&scope={escaped}"));
        using var headed = new HttpRequestMessage(HttpMethod.Post, "graphql") { Content = JsonContent.Create(new { query = "{ me { id } }" }) };
        headed.Headers.TryAddWithoutValidation("User-Agent", Uri.EscapeDataString(text));
        headed.Headers.TryAddWithoutValidation("Idempotency-Key", escaped);
        headed.Headers.TryAddWithoutValidation("Origin", $"https://{Marker}.example.org/<b>");
        await IgnoreAsync(http.SendAsync(headed));
    }

    private static async Task IgnoreAsync(Task<HttpResponseMessage> sending)
    {
        try
        {
            (await sending).Dispose();
        }
        catch (Exception refused) when (refused is HttpRequestException or UriFormatException or InvalidOperationException)
        {
            // The server may hang up; it is the log that counts.
        }
    }
}
