using System.Buffers.Binary;
using System.Text.Json;
using GraphQL;
using Humanitarian.Api.Alerts;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Transport;
using Humanitarian.Chain.Crypto;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Reading;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Webhooks;

/// <summary>
/// Carries one topic of a webhook: runs its subscription as the member it acts for, and reads the next event only when the receiver has
/// taken the one before, so that nothing piles up and each comes at least once and in order. Where it stands is written after each.
/// </summary>
internal sealed partial class WebhookFollower(
    WebhookStore store, WebhookClient client, AlertLog alerts, Operations operations, LedgerReader reader, IGraphQLTextSerializer serializer, IRandomSource random,
    HumanitarianApiOptions options, TimeProvider time, ILogger<WebhookFollower> logger)
{
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <summary>Runs until it is cancelled or the webhook is disabled.</summary>
    public async Task RunAsync(Webhook webhook, WebhookTopic topic, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (!await FollowAsync(webhook, topic, cancellationToken))
                {
                    return;
                }
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                LogFault(logger, webhook.Id, fault);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(Rest, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>True when it is to be tried again: the member's record has changed, or the topic was set to another place.</summary>
    private async Task<bool> FollowAsync(Webhook webhook, WebhookTopic topic, CancellationToken cancellationToken)
    {
        if (await store.StateAsync(webhook.Id, topic, cancellationToken) is not { } state)
        {
            return false;
        }

        var member = await reader.FindAsync<MemberRecord>(RecordKind.Member, webhook.Principal, cancellationToken);
        if (member.Record is not { Active: true } record || record.Organisation != webhook.Organisation || !record.Has(Roles.Administrator))
        {
            await DisableAsync(webhook, WebhookDisabledReason.NotAllowed, cancellationToken);
            return false;
        }

        using var run = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var goOn = true;
        try
        {
            var ended = await operations.RunAsync(
                new Caller(record, member.Version, time), IsAliveAsync, WebhookSource.Of(topic.Event).From(topic.Subject, state.After),
                async result =>
                {
                    var message = WebhookMessage.Of(webhook, topic, Event(topic, result), time.GetUtcNow());
                    (var next, goOn) = await DeliverAsync(webhook, topic, state, message, IsAliveAsync, run.Token);
                    state = next ?? state;
                    if (next is null)
                    {
                        await run.CancelAsync();
                    }
                },
                run.Token);
            if (ended is [{ Code: RefusalCode.NotFound }, ..])
            {
                await DisableAsync(webhook, WebhookDisabledReason.NotAllowed, cancellationToken);
                return false;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested && run.IsCancellationRequested)
        {
            // The delivery has said whether to go on.
        }

        return goOn;

        async Task<bool> IsAliveAsync(CancellationToken token) =>
            (await reader.FindFollowedAsync<MemberRecord>(RecordKind.Member, record.Id, token)).Version == member.Version;
    }

    /// <summary>Tries until the receiver has taken it.</summary>
    /// <returns>Where the topic then stands, or null: the webhook is disabled, or, when it is to go on, the member or the topic has changed.</returns>
    private async Task<(WebhookState? Next, bool GoOn)> DeliverAsync(
        Webhook webhook, WebhookTopic topic, WebhookState state, WebhookMessage message, Func<CancellationToken, Task<bool>> isAlive, CancellationToken cancellationToken)
    {
        while (true)
        {
            // As it stands now: a secret that was rotated, or a URL that was changed, counts from the next attempt on.
            if (await store.FindAsync(webhook.Id, cancellationToken) is not { Disabled: null } standing)
            {
                return (null, false);
            }

            // Who it acts for may be another by now, or may have lost the right to what was read for them.
            if (standing.Principal != webhook.Principal || !await isAlive(cancellationToken))
            {
                return (null, true);
            }

            var attempt = await client.SendAsync(standing, message, cancellationToken);
            state = state.With(attempt.Delivery);
            if (!await store.PutStateAsync(webhook.Id, topic, state, cancellationToken))
            {
                return (null, true);
            }

            state = state with { Version = state.Version + 1 };
            if (attempt.Delivery.Delivered)
            {
                return (state, true);
            }

            var failingFor = time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(state.FailingSince!.Value);
            if (attempt.Gone || failingFor >= options.Webhooks.DisableAfter)
            {
                await DisableAsync(standing, attempt.Gone ? WebhookDisabledReason.Gone : WebhookDisabledReason.Failing, cancellationToken);
                return (null, false);
            }

            await Task.Delay(Wait(state.Failures, attempt.RetryAfter), time, cancellationToken);
        }
    }

    /// <summary>Twice as long after each failure, and by chance half as long again or half as short, so that receivers are not met by all at once.</summary>
    private TimeSpan Wait(int failures, TimeSpan? asked)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        random.Fill(bytes);
        var chance = 0.5 + ((double)BinaryPrimitives.ReadUInt32BigEndian(bytes) / uint.MaxValue);
        var (first, last) = (options.Webhooks.FirstRetry, options.Webhooks.LastRetry);
        var wait = Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 30)), last.TotalSeconds) * chance;
        return TimeSpan.FromSeconds(Math.Max(wait, Math.Min(asked?.TotalSeconds ?? 0, last.TotalSeconds)));
    }

    private async Task DisableAsync(Webhook webhook, WebhookDisabledReason reason, CancellationToken cancellationToken)
    {
        // Whoever changes it meanwhile knows better.
        if (await store.PutAsync(webhook with { Disabled = reason }, cancellationToken))
        {
            await alerts.RaiseAsync(
                webhook.Organisation, AlertKind.WebhookDisabled, webhook.Id, reason.ToString().ToConstantCase(), $"{webhook.Id} {webhook.Version}", cancellationToken);
        }
    }

    private JsonElement Event(WebhookTopic topic, ExecutionResult result)
    {
        using var json = JsonDocument.Parse(serializer.Serialize(result));
        return result.Errors is null or { Count: 0 }
            ? json.RootElement.GetProperty("data").GetProperty(WebhookSource.Of(topic.Event).Field).Clone()
            : throw new InvalidOperationException($"The event cannot be read: {result.Errors[0].Code}.");
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook {Webhook} is interrupted; trying again.")]
    private static partial void LogFault(ILogger logger, Id webhook, Exception fault);
}
