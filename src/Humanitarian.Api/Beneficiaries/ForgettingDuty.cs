using Humanitarian.Grains.Due;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Beneficiaries;

/// <summary>At start and each hour, on one silo of the cluster, finishes what is to be forgotten, and tells what is due to be.</summary>
internal sealed partial class ForgettingDuty(PersonErasure erasure, ForgettingAlerts alerts, Duties duties, TimeProvider time, ILogger<ForgettingDuty> logger) : BackgroundService
{
    private const string Duty = "forgetting";
    private static readonly TimeSpan Every = TimeSpan.FromHours(1);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var isDone = false;
            try
            {
                isDone = await duties.HoldAsync(Duty);
                if (isDone)
                {
                    await erasure.FinishAsync(stoppingToken);
                    await alerts.TellAsync(stoppingToken);
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What it asked is being stopped too.
                return;
            }
            catch (Exception fault)
            {
                isDone = false;
                LogFault(logger, fault);
            }

            await Task.Delay(isDone ? Every : Retry, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "What is to be forgotten cannot be deleted or told; trying again.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
