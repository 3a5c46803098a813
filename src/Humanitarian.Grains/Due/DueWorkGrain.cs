using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Due;

/// <summary>The ledger's own timer; its key is the ledger's id.</summary>
[Alias("IDueWorkGrain")]
public interface IDueWorkGrain : IGrainWithStringKey
{
    /// <summary>Starts the timer, and goes on with released disbursements.</summary>
    [Alias("Start")]
    Task StartAsync();
}

/// <summary>
/// Does what is due by the clock: holds and lots that expire, lists that are released and not yet paid. What is due comes from the
/// projections, so it is found again after every restart; only an ordered transaction does it.
/// </summary>
internal sealed partial class DueWorkGrain(LedgerServices services, IProjectionStore projections, ILogger<DueWorkGrain> logger) : Grain, IDueWorkGrain
{
    private const int Page = 500;
    private static readonly TimeSpan Every = TimeSpan.FromMilliseconds(500);
    private const int TicksBetweenScans = 20;
    private DueRow? done;
    private int ticks;
    private IGrainTimer? timer;

    public async Task StartAsync()
    {
        await ResumeDisbursementsAsync();
        timer ??= this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions(Every, Every) { KeepAlive = true });
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        // Work may come in with an earlier time than what is done already, so now and then everything is looked at again.
        if (++ticks % TicksBetweenScans == 0)
        {
            done = null;
        }

        try
        {
            var due = (await projections.DueAsync(services.Now, done, Page, cancellationToken)).Value;
            foreach (var row in due)
            {
                if (!await DoAsync(row))
                {
                    return;
                }

                done = row;
            }
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            LogFault(logger, fault);
        }
    }

    /// <summary>False when it must be tried again: later rows wait, so that none is passed over.</summary>
    private async Task<bool> DoAsync(DueRow row)
    {
        if (row.Kind == (int)RecordKind.Hold)
        {
            if ((await services.Reader.FindAsync<HoldRecord>(RecordKind.Hold, row.Id)).Record is not { State: HoldState.Open } hold || hold.Until > services.Now)
            {
                return true;
            }

            var result = await GrainFactory.GetGrain<IAccountGrain>(hold.Account.ToString()).EndHoldAsync(null, row.Id);
            return result.Refusal?.Code is null or RefusalCode.HoldEnded;
        }

        if ((await services.Reader.FindAsync<LotRecord>(RecordKind.Lot, row.Id)).Record is { } lot)
        {
            await GrainFactory.GetGrain<IDisbursementGrain>(lot.Origin.ToString()).ExpireAsync();
            return (await services.Reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, lot.Origin)).Record is not { State: DisbursementState.Released };
        }

        return true;
    }

    private async Task ResumeDisbursementsAsync()
    {
        Id? after = null;
        while (true)
        {
            var page = await services.Reader.ListAsync<DisbursementRecord>(RecordKind.Disbursement, null, after, Page);
            foreach (var disbursement in page.Where(disbursement => disbursement.State == DisbursementState.Released))
            {
                await GrainFactory.GetGrain<IDisbursementGrain>(disbursement.Id.ToString()).ResumeAsync();
            }

            if (page.Count < Page)
            {
                return;
            }

            after = page[^1].Id;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Due work is interrupted; it goes on at the next tick.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
