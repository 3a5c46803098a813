using Humanitarian.Domain;
using Humanitarian.Grains.Due;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Webhooks;

/// <summary>Carries every topic of every webhook, as long as this silo of the cluster has that duty.</summary>
internal sealed partial class WebhookSender(
    WebhookStore store, WebhookFollower follower, Duties duties, HumanitarianApiOptions options, TimeProvider time, ILogger<WebhookSender> logger) : BackgroundService
{
    private const string Duty = "webhooks";

    private readonly Dictionary<(Id Webhook, WebhookTopic Topic), Run> running = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var heldAt = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var asked = time.GetTimestamp();
                if (await duties.HoldAsync(Duty).WaitAsync(Duties.HeldFor / 3, time, stoppingToken))
                {
                    heldAt = asked;
                    await CarryAsync(await store.AllAsync(stoppingToken), stoppingToken);
                }
                else
                {
                    await CarryAsync([], stoppingToken);
                }
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogFault(logger, fault);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What it asked is being stopped too.
                break;
            }

            if (time.GetElapsedTime(heldAt) >= Duties.HeldFor / 2)
            {
                await CarryAsync([], stoppingToken);
            }

            await Task.Delay(options.Webhooks.Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await CarryAsync([], CancellationToken.None);
        await duties.LeaveAsync(Duty).WaitAsync(Duties.HeldFor / 3, time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>Ends what is not wanted any more or has changed, and begins what is new.</summary>
    private async Task CarryAsync(IReadOnlyList<Webhook> webhooks, CancellationToken stoppingToken)
    {
        var wanted = webhooks.Where(webhook => webhook.Disabled is null).SelectMany(webhook => webhook.Topics, (webhook, topic) => (Webhook: webhook, Topic: topic))
            .ToDictionary(one => (Webhook: one.Webhook.Id, one.Topic), one => one.Webhook);
        var ended = running.Where(run => !wanted.TryGetValue(run.Key, out var webhook) || webhook.Version != run.Value.Version).ToArray();
        foreach (var (key, run) in ended)
        {
            running.Remove(key);
            await run.Stop.CancelAsync();
        }

        foreach (var (_, run) in ended)
        {
            await run.Following;
            run.Stop.Dispose();
        }

        foreach (var (key, webhook) in wanted.Where(one => !running.ContainsKey(one.Key)))
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            running.Add(key, new Run(webhook.Version, stop, Task.Run(() => follower.RunAsync(webhook, key.Topic, stop.Token), CancellationToken.None)));
        }
    }

    private sealed record Run(long Version, CancellationTokenSource Stop, Task Following);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhooks cannot be looked for; trying again.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
