using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.Outgoing;

namespace Humanitarian.Api.Webhooks;

/// <summary>What became of one attempt.</summary>
/// <param name="RetryAfter">What the receiver asks for; null for nothing.</param>
internal sealed record WebhookAttempt(WebhookDelivery Delivery, TimeSpan? RetryAfter)
{
    /// <summary>True when the receiver wants no more.</summary>
    public bool Gone => Delivery.Status == (int)HttpStatusCode.Gone;
}

/// <summary>
/// Sends messages as the Standard Webhooks specification asks: <c>webhook-id</c>, <c>webhook-timestamp</c> and, for each secret that
/// counts, an HMAC-SHA-256 of both and the body.
/// </summary>
internal sealed class WebhookClient(HumanitarianApiOptions options, TimeProvider time) : IDisposable
{
    private const int AtOnce = 64;

    private readonly HttpClient http = GuardedHttp.Create(options.Webhooks.Outgoing);
    private readonly SemaphoreSlim places = new(AtOnce);

    /// <summary>Tries once. Whatever the receiver does is an outcome, not a fault.</summary>
    public async Task<WebhookAttempt> SendAsync(Webhook webhook, WebhookMessage message, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            return await TryAsync(webhook, message, cancellationToken);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task<WebhookAttempt> TryAsync(Webhook webhook, WebhookMessage message, CancellationToken cancellationToken)
    {
        var at = time.GetUtcNow();
        var began = time.GetTimestamp();
        using var request = Request(webhook, message, at);
        try
        {
            using var response = await http.SendAsync(request, cancellationToken);
            return Attempt((int)response.StatusCode, response.IsSuccessStatusCode ? null : WebhookProblem.Status, RetryAfter(response.Headers.RetryAfter, at));
        }
        catch (HttpRequestException)
        {
            return Attempt(null, WebhookProblem.NotReached, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Attempt(null, WebhookProblem.TimedOut, null);
        }

        WebhookAttempt Attempt(int? status, WebhookProblem? problem, TimeSpan? retryAfter) => new(
            new WebhookDelivery(
                message.Id, message.Topic?.Event, message.Topic is { Subject.IsNone: false } topic ? topic.Subject : null, message.Place, at, problem is null, status, problem,
                (int)time.GetElapsedTime(began).TotalMilliseconds),
            retryAfter);
    }

    private static HttpRequestMessage Request(Webhook webhook, WebhookMessage message, DateTimeOffset at)
    {
        var timestamp = at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ByteArrayContent(message.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", message.Id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add(
            "webhook-signature", string.Join(' ', webhook.SecretsAt(at.ToUnixTimeMilliseconds()).Select(secret => Signature(secret.Text, message, timestamp))));
        return request;
    }

    private static string Signature(string secret, WebhookMessage message, string timestamp)
    {
        byte[] content = [.. Encoding.UTF8.GetBytes($"{message.Id}.{timestamp}."), .. message.Body];
        return $"v1,{Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(secret[WebhookSecret.Prefix.Length..]), content))}";
    }

    private static TimeSpan? RetryAfter(RetryConditionHeaderValue? header, DateTimeOffset now) => header?.Delta ?? (header?.Date is { } date ? date - now : null);

    public void Dispose()
    {
        http.Dispose();
        places.Dispose();
    }
}
