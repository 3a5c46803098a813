using Humanitarian.Domain;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Programs;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Due;

/// <summary>The ledger's own timer; its key is the ledger's id.</summary>
[Alias("IDueWorkGrain")]
public interface IDueWorkGrain : IGrainWithStringKey
{
    /// <summary>Starts the timer, unless it runs.</summary>
    [Alias("Start")]
    Task StartAsync();
}

/// <summary>Hosts the due work of a ledger. A host that stops begins nothing more: the silo that takes over does, or this one after its start.</summary>
internal sealed partial class DueWorkGrain(
    LedgerServices services, AccountGrains accounts, IProjectionStore projections, IClusterMembershipService members, IHostApplicationLifetime host, ILogger<DueWorkGrain> logger)
    : Grain, IDueWorkGrain, IDueActors
{
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private DueWork work = null!;
    private IGrainTimer? timer;
    private MembershipVersion resumedAt = MembershipVersion.MinValue;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        work = new DueWork(services, projections, this, logger);
        return Task.CompletedTask;
    }

    public Task StartAsync()
    {
        timer ??= this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(TimeSpan.Zero, Every) { KeepAlive = true });
        return Task.CompletedTask;
    }

    Task<CommandResult> IDueActors.EndHoldAsync(Id account, Id hold) => accounts.Of(account).EndHoldAsync(null, hold);

    Task<bool> IDueActors.ExpireAsync(Id disbursement) => GrainFactory.GetGrain<IDisbursementGrain>(disbursement.ToString()).ExpireAsync();

    Task IDueActors.ResumeAsync(Id disbursement) => GrainFactory.GetGrain<IDisbursementGrain>(disbursement.ToString()).ResumeAsync();

    Task<CommandResult> IDueActors.RecallAsync(Id account, Id disbursement, Id[] lines) =>
        accounts.Of(account).RecallAsync(disbursement, lines);

    Task<CommandResult> IDueActors.PutTermsInEffectAsync(Id program) => GrainFactory.GetGrain<IProgramGrain>(program.ToString()).PutTermsInEffectAsync();

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping);
        try
        {
            await work.TickAsync(ends.Token);

            // Whoever left the cluster may have been paying a list.
            var version = members.CurrentSnapshot.Version;
            if (version != resumedAt)
            {
                await work.ResumeDisbursementsAsync(ends.Token);
                resumedAt = version;
            }
        }
        catch (Exception) when (ends.IsCancellationRequested)
        {
            // What it asked is being stopped too.
        }
        catch (Exception fault)
        {
            LogFault(logger, fault);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Due work is interrupted; it goes on at the next tick.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
