using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Webhooks;

/// <summary>What a webhook follows.</summary>
/// <param name="Event">Whose events are sent.</param>
/// <param name="SubjectId">The account, disbursement or program; null for blocks and alerts.</param>
[Name("WebhookTopic")]
public sealed record WebhookTopicView(WebhookEvent Event, Id? SubjectId);

/// <summary>A URL that events are sent to.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where events are posted.</param>
/// <param name="Topics">What it follows.</param>
/// <param name="ActsForId">The administrator who made or changed it last: it sees what they see, and ends when they do.</param>
/// <param name="DisabledReason">Why it sends nothing; null while it sends.</param>
/// <param name="OldSecretUntil">Until when events are signed with the secret before, too; null when they are not.</param>
/// <param name="CreatedAt">When it was made.</param>
[Name("Webhook")]
public sealed record WebhookView(
    Id Id, string Url, IReadOnlyList<WebhookTopicView> Topics, Id ActsForId, WebhookDisabledReason? DisabledReason, DateTimeOffset? OldSecretUntil, DateTimeOffset CreatedAt)
    : INode
{
    internal static WebhookView Of(Webhook webhook, DateTimeOffset now) => new(
        webhook.Id, webhook.Url, [.. webhook.Topics.Select(topic => new WebhookTopicView(topic.Event, topic.Subject.IsNone ? null : topic.Subject))], webhook.Principal,
        webhook.Disabled, webhook.Old is { } old && old.Until > now.ToUnixTimeMilliseconds() ? DateTimeOffset.FromUnixTimeMilliseconds(old.Until) : null,
        DateTimeOffset.FromUnixTimeMilliseconds(webhook.CreatedAt));
}

/// <summary>Webhooks of your own organisation.</summary>
internal sealed class WebhookQueries(WebhookStore store, Caller caller, TimeProvider time) : IQueries
{
    /// <summary>The webhooks of your organisation, ordered by id.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow(Roles.Administrator)]
    public async Task<Connection<WebhookView>?> Webhooks(int first, string? after = null) => Paging.Cut(
        await store.ListAsync(caller.Organisation, Paging.IdKey(after), Paging.Check(first) + 1), first, after, webhook => webhook.Id.ToString(),
        webhook => WebhookView.Of(webhook, time.GetUtcNow()));

    /// <summary>A webhook of your organisation; null when there is none.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Roles.Administrator)]
    public async Task<WebhookView?> Webhook(Id id) =>
        await store.FindAsync(id) is { } webhook && webhook.Organisation == caller.Organisation ? WebhookView.Of(webhook, time.GetUtcNow()) : null;

    /// <summary>The last attempts of a webhook, newest first: twenty of each topic, and of tests, are kept.</summary>
    /// <param name="webhookId">The webhook.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    [Allow(Roles.Administrator)]
    public async Task<IReadOnlyList<WebhookDelivery>?> WebhookDeliveries(Id webhookId, int first)
    {
        Paging.Check(first);
        return await store.FindAsync(webhookId) is { } webhook && webhook.Organisation == caller.Organisation
            ? [.. (await store.DeliveriesAsync(webhookId)).Take(first)]
            : null;
    }
}
