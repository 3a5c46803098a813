using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Keys;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Webhooks;

/// <summary>What a webhook is to follow.</summary>
/// <param name="Event">Whose events are sent.</param>
/// <param name="SubjectId">The account, disbursement or program; absent for blocks and alerts.</param>
/// <param name="After">The first event sent is the next after this place (a height, or the number of an entry or alert); the newest when absent.</param>
public sealed record WebhookTopicInput(WebhookEvent Event, Id? SubjectId, ulong? After);

/// <param name="Url">Where events are posted: https, at a public address.</param>
/// <param name="Topics">1 to 20, each of which you may follow yourself.</param>
/// <param name="Enabled">False for one that sends nothing yet; true when absent.</param>
public sealed record CreateWebhookInput(string IdempotencyKey, string Url, IReadOnlyList<WebhookTopicInput> Topics, bool? Enabled) : MutationInput(IdempotencyKey);

/// <param name="WebhookId">The webhook.</param>
/// <param name="Url">Where events are posted; as before when absent.</param>
/// <param name="Topics">All that it is to follow; as before when absent. One that stays goes on where it stood.</param>
/// <param name="Enabled">Whether it sends; as before when absent.</param>
public sealed record UpdateWebhookInput(string IdempotencyKey, Id WebhookId, string? Url, IReadOnlyList<WebhookTopicInput>? Topics, bool? Enabled) : MutationInput(IdempotencyKey);

/// <param name="WebhookId">The webhook.</param>
/// <param name="OldValidSeconds">How long events are signed with the old secret too, 0 to 604800; a day when absent.</param>
public sealed record RotateWebhookSecretInput(string IdempotencyKey, Id WebhookId, int? OldValidSeconds) : MutationInput(IdempotencyKey);

/// <param name="WebhookId">The webhook.</param>
public sealed record DeleteWebhookInput(string IdempotencyKey, Id WebhookId) : MutationInput(IdempotencyKey);

/// <param name="WebhookId">The webhook.</param>
public sealed record TestWebhookInput(string IdempotencyKey, Id WebhookId) : MutationInput(IdempotencyKey);

/// <param name="WebhookId">The webhook.</param>
/// <param name="Event">The topic's event.</param>
/// <param name="SubjectId">The topic's account, disbursement or program.</param>
/// <param name="After">Every event after this place is sent again, with the <c>webhook-id</c> it had.</param>
public sealed record ReplayWebhookInput(string IdempotencyKey, Id WebhookId, WebhookEvent Event, Id? SubjectId, ulong After) : MutationInput(IdempotencyKey);

public abstract record WebhookPayload : Payload
{
    /// <summary>The webhook as it is now; null when refused.</summary>
    public WebhookView? Webhook { get; internal set; }
}

public abstract record WebhookSecretPayload : WebhookPayload
{
    /// <summary>What the receiver checks signatures with; told to this idempotency key alone, as long as it is the current one.</summary>
    public string? Secret { get; internal set; }
}

public sealed record CreateWebhookPayload : WebhookSecretPayload;

public sealed record UpdateWebhookPayload : WebhookPayload;

public sealed record RotateWebhookSecretPayload : WebhookSecretPayload;

public sealed record DeleteWebhookPayload : Payload;

public sealed record TestWebhookPayload : WebhookPayload
{
    /// <summary>What came of it; null when refused.</summary>
    public WebhookDelivery? Delivery { get; internal set; }
}

public sealed record ReplayWebhookPayload : WebhookPayload;

/// <summary>Webhooks of your own organisation. They are settings of this installation and not on the ledger.</summary>
internal sealed class WebhookMutations(
    WebhookStore store, WebhookRules rules, WebhookTrials trials, Caller caller, IRandomSource random, TimeProvider time) : IMutations
{
    private const int SecretBytes = 32;
    private const int OfOrganisationMost = 20;
    private static readonly TimeSpan OldValidMost = TimeSpan.FromDays(7);

    /// <summary>Makes a webhook, which sends what its topics' subscriptions would send you, signed as the Standard Webhooks specification says.</summary>
    [Allow(Roles.Administrator)]
    [MakesAccess]
    public async Task<CreateWebhookPayload> CreateWebhook(CreateWebhookInput input)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<CreateWebhookPayload>(invalid);
        }

        var id = Webhook.IdOf(caller.Principal, input.IdempotencyKey);
        var command = CommandOf(input);
        if (await store.HasEndedAsync(id, caller.Organisation))
        {
            return MutationRunner.Refused<CreateWebhookPayload>(
                new Refusal(RefusalCode.AlreadyExists, "This webhook was made and deleted; make another with a new idempotency key.", "idempotencyKey"));
        }

        if (await store.FindAsync(id) is { } existing)
        {
            return Repeated<CreateWebhookPayload>(existing, command) ?? throw new InvalidDataException("A webhook does not know what made it.");
        }

        var topics = await rules.TopicsAsync(input.Topics);
        var refusal = WebhookRules.RefuseUrl(input.Url) ?? topics.Refusal
            ?? ((await store.ListAsync(caller.Organisation, null, OfOrganisationMost)).Count < OfOrganisationMost
                ? null
                : new Refusal(RefusalCode.WrongState, $"An organisation has at most {OfOrganisationMost} webhooks; delete one first."));
        if (refusal is not null)
        {
            return MutationRunner.Refused<CreateWebhookPayload>(refusal);
        }

        var webhook = new Webhook(
            id, caller.Organisation, caller.Principal, input.Url, [.. topics.Value!.Keys], input.Enabled == false ? WebhookDisabledReason.Member : null,
            NewSecret(command), null, time.GetUtcNow().ToUnixTimeMilliseconds(), [command]);
        await BeginAsync(id, topics.Value);
        return await store.PutAsync(webhook)
            ? Told(webhook, command, new CreateWebhookPayload())
            : MutationRunner.Refused<CreateWebhookPayload>(new Refusal(RefusalCode.Retry, "The same call is under way; ask again.", null));
    }

    /// <summary>Changes a webhook. From then on it acts for you.</summary>
    [Allow(Roles.Administrator)]
    [MakesAccess]
    public Task<UpdateWebhookPayload> UpdateWebhook(UpdateWebhookInput input) => ChangeAsync<UpdateWebhookPayload>(input, input.WebhookId, async (webhook, _) =>
    {
        if (input.Url is { } url && WebhookRules.RefuseUrl(url) is { } refusal)
        {
            return refusal;
        }

        var topics = webhook.Topics;
        if (input.Topics is { } asked)
        {
            var found = await rules.TopicsAsync(asked);
            if (found.Refusal is { } wrong)
            {
                return wrong;
            }

            await BeginAsync(webhook.Id, found.Value!.Where(topic => !webhook.Topics.Contains(topic.Key)));
            topics = [.. found.Value!.Keys];
        }

        if (input.Enabled == true)
        {
            await ForgiveAsync(webhook.Id, topics);
        }

        return webhook with
        {
            Principal = caller.Principal,
            Url = input.Url ?? webhook.Url,
            Topics = topics,
            Disabled = input.Enabled switch { null => webhook.Disabled, true => null, false => WebhookDisabledReason.Member },
        };
    });

    /// <summary>Gives a webhook a new secret. For a time events carry two signatures, one by each, so that the receiver can change over.</summary>
    [Allow(Roles.Administrator)]
    [MakesAccess]
    public Task<RotateWebhookSecretPayload> RotateWebhookSecret(RotateWebhookSecretInput input) => ChangeAsync<RotateWebhookSecretPayload>(input, input.WebhookId, (webhook, command) =>
    {
        var oldValid = TimeSpan.FromSeconds(input.OldValidSeconds ?? TimeSpan.FromDays(1).TotalSeconds);
        return Task.FromResult<Outcome<Webhook>>(oldValid < TimeSpan.Zero || oldValid > OldValidMost
            ? new Refusal(RefusalCode.InvalidInput, "oldValidSeconds lies between 0 and 604800.", "oldValidSeconds")
            : webhook with { Secret = NewSecret(command), Old = webhook.Secret with { Until = (time.GetUtcNow() + oldValid).ToUnixTimeMilliseconds() } });
    });

    /// <summary>Ends a webhook and forgets its secrets. Repeating it changes nothing.</summary>
    [Allow(Roles.Administrator)]
    public async Task<DeleteWebhookPayload> DeleteWebhook(DeleteWebhookInput input)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<DeleteWebhookPayload>(invalid);
        }

        if (await FindAsync(input.WebhookId) is { } webhook)
        {
            await store.DeleteAsync(webhook);
            return new DeleteWebhookPayload();
        }

        return await store.HasEndedAsync(input.WebhookId, caller.Organisation)
            ? new DeleteWebhookPayload { Replayed = true }
            : MutationRunner.Refused<DeleteWebhookPayload>(NotFound());
    }

    /// <summary>Sends an event of type <c>webhook.test</c> now, once, also while the webhook is disabled, and tells what came of it. At most one a second, five at once.</summary>
    [Allow(Roles.Administrator)]
    public async Task<TestWebhookPayload> TestWebhook(TestWebhookInput input)
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<TestWebhookPayload>(invalid);
        }

        if (await FindAsync(input.WebhookId) is not { } webhook)
        {
            return MutationRunner.Refused<TestWebhookPayload>(NotFound());
        }

        var tested = await trials.SendAsync(webhook, CommandOf(input).Scope);
        return tested.Value is { } trial
            ? new TestWebhookPayload { Webhook = WebhookView.Of(webhook, time.GetUtcNow()), Delivery = trial.Delivery, Replayed = trial.Replayed }
            : MutationRunner.Refused<TestWebhookPayload>(tested.Refusal!);
    }

    /// <summary>Sets a topic back, or forward, to a place it has reached: what comes after is sent, at once when the webhook sends.</summary>
    [Allow(Roles.Administrator)]
    public Task<ReplayWebhookPayload> ReplayWebhook(ReplayWebhookInput input) => ChangeAsync<ReplayWebhookPayload>(input, input.WebhookId, async (webhook, _) =>
    {
        var topic = new WebhookTopic(input.Event, input.SubjectId ?? Id.None);
        if (!webhook.Topics.Contains(topic) || await rules.ReachedAsync(topic) is not { } reached)
        {
            return new Refusal(RefusalCode.NotFound, "The webhook has no such topic.", "event");
        }

        if (input.After > reached)
        {
            return new Refusal(RefusalCode.InvalidInput, "after lies ahead of what there is.", "after");
        }

        await ChangeStateAsync(webhook.Id, topic, state => state with { After = input.After, FailingSince = null, Failures = 0 });
        return webhook;
    });

    private async Task<T> ChangeAsync<T>(MutationInput input, Id id, Func<Webhook, WebhookCommand, Task<Outcome<Webhook>>> change)
        where T : WebhookPayload, new()
    {
        if (IdempotencyKey.Refuse(input.IdempotencyKey) is { } invalid)
        {
            return MutationRunner.Refused<T>(invalid);
        }

        var command = CommandOf(input);
        while (await FindAsync(id) is { } webhook)
        {
            if (Repeated<T>(webhook, command) is { } repeated)
            {
                return repeated;
            }

            var changed = await change(webhook, command);
            if (changed.Value is not { } next)
            {
                return MutationRunner.Refused<T>(changed.Refusal!);
            }

            if (await store.PutAsync(next.With(command)))
            {
                return Told(next, command, new T());
            }
        }

        return MutationRunner.Refused<T>(NotFound());
    }

    /// <summary>The answer to a command that the webhook knows; null for a new one.</summary>
    private T? Repeated<T>(Webhook webhook, WebhookCommand command)
        where T : WebhookPayload, new() =>
        webhook.Commands.FirstOrDefault(known => known.Scope == command.Scope) is not { } known ? null
        : known == command ? Told(webhook, command, new T { Replayed = true })
        : MutationRunner.Refused<T>(new Refusal(RefusalCode.IdempotencyConflict, "This idempotency key was used with other input.", "idempotencyKey"));

    private T Told<T>(Webhook webhook, WebhookCommand command, T payload)
        where T : WebhookPayload
    {
        payload.Webhook = WebhookView.Of(webhook, time.GetUtcNow());
        if (payload is WebhookSecretPayload secret && webhook.Secret.MadeBy == command.Scope)
        {
            secret.Secret = webhook.Secret.Text;
        }

        return payload;
    }

    private async Task<Webhook?> FindAsync(Id id) => await store.FindAsync(id) is { } webhook && webhook.Organisation == caller.Organisation ? webhook : null;

    private async Task BeginAsync(Id webhook, IEnumerable<KeyValuePair<WebhookTopic, ulong>> topics)
    {
        foreach (var (topic, place) in topics)
        {
            await store.DeleteStateAsync(webhook, topic);
            await store.PutStateAsync(webhook, topic, WebhookState.At(place));
        }
    }

    /// <summary>Forgets failures, so that the days until it is disabled begin anew.</summary>
    private async Task ForgiveAsync(Id webhook, IReadOnlyList<WebhookTopic> topics)
    {
        foreach (var topic in topics)
        {
            await ChangeStateAsync(webhook, topic, state => state with { FailingSince = null, Failures = 0 });
        }
    }

    private async Task ChangeStateAsync(Id webhook, WebhookTopic topic, Func<WebhookState, WebhookState> change)
    {
        while (await store.StateAsync(webhook, topic) is { } state && !await store.PutStateAsync(webhook, topic, change(state)))
        {
        }
    }

    private WebhookCommand CommandOf(MutationInput input) => new(
        Convert.ToHexStringLower(SHA256.HashData([.. caller.Principal.ToBytes(), .. Encoding.UTF8.GetBytes(input.IdempotencyKey)])), CanonicalInput.Hash(input).ToString());

    private WebhookSecret NewSecret(WebhookCommand command)
    {
        var bytes = new byte[SecretBytes];
        random.Fill(bytes);
        return new WebhookSecret(WebhookSecret.Prefix + Convert.ToBase64String(bytes), command.Scope, long.MaxValue);
    }

    private static Refusal NotFound() => new(RefusalCode.NotFound, "There is nothing with this id that you may see.", "webhookId");
}
