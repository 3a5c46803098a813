using System.Text.Json;
using System.Text.Json.Serialization;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Webhooks;

/// <summary>Webhooks in the side store, each sealed whole: a row that was not written by someone with the pepper sends nothing.</summary>
internal sealed class WebhookStore(ISideStore store, SealedText seal)
{
    private const string Kind = "webhook";
    private const string EndedKind = "webhook-ended";
    private const string StateKind = "webhook-state";
    private const int Page = 500;

    private static readonly JsonSerializerOptions Options = new() { Converters = { new IdConverter(), new JsonStringEnumConverter() } };

    public async Task<Webhook?> FindAsync(Id id, CancellationToken cancellationToken = default) =>
        await store.FindAsync(Kind, id.ToString(), cancellationToken) is { } document ? Read(document) : null;

    /// <summary>True for one that was deleted.</summary>
    public async Task<bool> HasEndedAsync(Id id, Id organisation) =>
        await store.FindAsync(EndedKind, id.ToString()) is { } ended && ended.Owner == organisation.ToString();

    /// <summary>Those of an organisation, or all, ordered by id, after an id.</summary>
    public async Task<IReadOnlyList<Webhook>> ListAsync(Id? organisation, Id? after, int limit, CancellationToken cancellationToken = default) =>
        [.. (await store.ListAsync(Kind, organisation?.ToString(), after?.ToString(), limit, cancellationToken)).Select(Read).OfType<Webhook>()];

    /// <summary>All of every organisation.</summary>
    public async Task<IReadOnlyList<Webhook>> AllAsync(CancellationToken cancellationToken)
    {
        var all = new List<Webhook>();
        string? after = null;
        while (true)
        {
            var page = await store.ListAsync(Kind, null, after, Page, cancellationToken);
            all.AddRange(page.Select(Read).OfType<Webhook>());
            if (page.Count < Page)
            {
                return all;
            }

            after = page[^1].Key;
        }
    }

    /// <summary>Writes it over the version that was read; false when it has changed since.</summary>
    public Task<bool> PutAsync(Webhook webhook, CancellationToken cancellationToken = default)
    {
        var (key, owner) = (webhook.Id.ToString(), webhook.Organisation.ToString());
        return store.PutAsync(
            new SideDocument(Kind, key, owner, webhook.Version, seal.Seal(Place(key, owner), JsonSerializer.Serialize(webhook, Options))), cancellationToken);
    }

    /// <summary>Forgets it with its secrets, its topics and its deliveries; that there was one is remembered.</summary>
    public async Task DeleteAsync(Webhook webhook)
    {
        var key = webhook.Id.ToString();
        await store.PutAsync(new SideDocument(EndedKind, key, webhook.Organisation.ToString(), 0, ""));
        await store.DeleteAsync(Kind, key);
        foreach (var state in await store.ListAsync(StateKind, key, null, Page))
        {
            await store.DeleteAsync(StateKind, state.Key);
        }
    }

    /// <param name="topic">Null for tests.</param>
    public async Task<WebhookState?> StateAsync(Id webhook, WebhookTopic? topic, CancellationToken cancellationToken = default) =>
        await store.FindAsync(StateKind, StateKey(webhook, topic), cancellationToken) is { } document ? ReadState(document) : null;

    public Task<bool> PutStateAsync(Id webhook, WebhookTopic? topic, WebhookState state, CancellationToken cancellationToken = default) => store.PutAsync(
        new SideDocument(StateKind, StateKey(webhook, topic), webhook.ToString(), state.Version, JsonSerializer.Serialize(state, Options)), cancellationToken);

    public Task DeleteStateAsync(Id webhook, WebhookTopic topic) => store.DeleteAsync(StateKind, StateKey(webhook, topic));

    /// <summary>The last attempts of every topic and of tests, newest first.</summary>
    public async Task<IEnumerable<WebhookDelivery>> DeliveriesAsync(Id webhook) =>
        (await store.ListAsync(StateKind, webhook.ToString(), null, Page)).SelectMany(document => ReadState(document).Deliveries).OrderByDescending(delivery => delivery.At);

    private Webhook? Read(SideDocument document) =>
        seal.Open(Place(document.Key, document.Owner), document.Json) is { } json && JsonSerializer.Deserialize<Webhook>(json, Options) is { } webhook
            ? webhook with { Version = document.Version }
            : null;

    private static WebhookState ReadState(SideDocument document) =>
        JsonSerializer.Deserialize<WebhookState>(document.Json, Options)! with { Version = document.Version };

    private static string Place(string key, string owner) => $"{Kind} {key} {owner}";

    private static string StateKey(Id webhook, WebhookTopic? topic) => topic is null ? $"{webhook}/test" : $"{webhook}/{topic.Event}/{topic.Subject}";

    private sealed class IdConverter : JsonConverter<Id>
    {
        public override Id Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Id.Parse(reader.GetString()!);

        public override void Write(Utf8JsonWriter writer, Id value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }
}
