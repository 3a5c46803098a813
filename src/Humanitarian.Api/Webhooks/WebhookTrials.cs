using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.Webhooks;

/// <summary>What came of a test.</summary>
internal sealed record WebhookTrial(WebhookDelivery Delivery, bool Replayed);

/// <summary>Sends tests, each once and not many at a time: its receiver may be anybody's.</summary>
internal sealed class WebhookTrials(WebhookStore store, WebhookClient client, TimeProvider time)
{
    private readonly Allowances<Id> allowances = new(time, size: 5, perSecond: 1);

    /// <param name="command">Hash of the caller and the idempotency key: one that was sent is answered as it came out.</param>
    public async Task<Outcome<WebhookTrial>> SendAsync(Webhook webhook, string command)
    {
        var message = WebhookMessage.Test(webhook, command, time.GetUtcNow());
        var state = await store.StateAsync(webhook.Id, null) ?? WebhookState.At(0);
        if (state.Deliveries.FirstOrDefault(delivery => delivery.MessageId == message.Id) is { } known)
        {
            return new WebhookTrial(known, true);
        }

        if (allowances.Take(webhook.Organisation, 1) is { Taken: false } wait)
        {
            return new Refusal(ApiCode.RateLimited, $"Tests are sent one a second; ask again in {wait.RetryAfterSeconds} s.", null);
        }

        var attempt = await client.SendAsync(webhook, message, CancellationToken.None);

        // Only the list of attempts depends on it: where another was written meanwhile, this one is left out.
        await store.PutStateAsync(webhook.Id, null, state.With(attempt.Delivery));
        return new WebhookTrial(attempt.Delivery, false);
    }
}
