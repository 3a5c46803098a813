using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Humanitarian.LoadTests.Engine;

namespace Humanitarian.LoadTests.Ledgers;

/// <summary>Sends documents over HTTP as a till or an office would, one a request, with one API key.</summary>
internal sealed class GraphQlClient(HttpClient http, string key)
{
    private static readonly MediaTypeHeaderValue Json = new("application/json");
    private readonly AuthenticationHeaderValue authorization = new("Bearer", key);

    /// <summary>A mutation's document, which names nothing but variables, so that the server parses it once.</summary>
    /// <param name="type">The input's type.</param>
    public static string Mutation(string name, string type) =>
        $"mutation($input: {type}!) {{ {name}(input: $input) {{ transaction {{ hash height }} userErrors {{ code }} }} }}";

    /// <summary>Sends a mutation; its first user error is a refusal.</summary>
    public async Task<Response> MutateAsync(string document, string name, object input)
    {
        using var answer = await SendAsync(document, new { input });
        return answer.RootElement.TryGetProperty("errors", out var errors) ? Response.Failed(CodeOf(errors))
            : answer.RootElement.GetProperty("data").GetProperty(name).GetProperty("userErrors") is { } refusals && refusals.GetArrayLength() > 0
                ? Response.Refused(refusals[0].GetProperty("code").GetString()!)
                : Response.Ok;
    }

    /// <summary>Sends a query whose data must be there.</summary>
    public async Task<Response> QueryAsync(string document, object variables)
    {
        using var answer = await SendAsync(document, variables);
        return answer.RootElement.TryGetProperty("errors", out var errors) ? Response.Failed(CodeOf(errors))
            : answer.RootElement.GetProperty("data").EnumerateObject().Any(field => field.Value.ValueKind == JsonValueKind.Null) ? Response.Failed("NULL")
            : Response.Ok;
    }

    /// <summary>Posts a body to a path, and reads the JSON that is answered.</summary>
    public async Task<(HttpStatusCode Status, JsonDocument Answer)> PostAsync(string path, HttpContent content, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        request.Headers.Authorization = authorization;
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return (response.StatusCode, await JsonDocument.ParseAsync(body, cancellationToken: cancellationToken));
    }

    public static HttpContent Body(object value)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value));
        content.Headers.ContentType = Json;
        return content;
    }

    public static HttpContent Csv(string text)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
        content.Headers.ContentType = new MediaTypeHeaderValue("text/csv");
        return content;
    }

    private async Task<JsonDocument> SendAsync(string query, object variables)
    {
        using var content = Body(new { query, variables });
        return (await PostAsync("/graphql", content)).Answer;
    }

    private static string CodeOf(JsonElement errors) =>
        errors[0].TryGetProperty("extensions", out var extensions) && extensions.TryGetProperty("code", out var code) ? code.GetString()! : "ERROR";
}
