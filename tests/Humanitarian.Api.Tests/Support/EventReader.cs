using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace Humanitarian.Api.Tests.Support;

/// <summary>Reads server-sent events line by line. Nothing is waited for longer than a minute.</summary>
internal sealed class EventReader : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly HttpResponseMessage response;
    private readonly StreamReader lines;

    private EventReader(HttpResponseMessage response, Stream body) => (this.response, lines) = (response, new StreamReader(body));

    public HttpResponseMessage Response => response;

    /// <summary>Comments passed over so far.</summary>
    public int Comments { get; private set; }

    public static async Task<EventReader> OpenAsync(ApiServer api, string? key, string query, object? variables = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/graphql") { Content = JsonContent.Create(new { query, variables }) };
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        if (key is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return await OpenAsync(api, request);
    }

    public static async Task<EventReader> OpenAsync(ApiServer api, HttpRequestMessage request)
    {
        using var limit = new CancellationTokenSource(Patience);
        var response = await api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        return new EventReader(response, await response.Content.ReadAsStreamAsync(limit.Token));
    }

    /// <summary>The next event and its data; null at the end of the stream.</summary>
    public async Task<(string Event, string Data)?> NextAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        var (name, data) = ("", "");
        while (await lines.ReadLineAsync(limit.Token) is { } line)
        {
            Comments += line.StartsWith(':') ? 1 : 0;
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data:", StringComparison.Ordinal))
            {
                data = line[5..].Trim();
            }
            else if (line.Length == 0 && name.Length > 0)
            {
                return (name, data);
            }
        }

        return null;
    }

    /// <summary>The result in the next event.</summary>
    public async Task<JsonElement> ResultAsync()
    {
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var next = await NextAsync();
        Assert.Equal("next", next?.Event);
        return JsonDocument.Parse(next!.Value.Data).RootElement;
    }

    public void Dispose()
    {
        lines.Dispose();
        response.Dispose();
    }
}
