using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Projections;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Due;

/// <summary>The way to the accounts and disbursements that have something due: grains in production.</summary>
internal interface IDueActors
{
    Task<CommandResult> EndHoldAsync(Id account, Id hold);

    /// <summary>True when nothing of the disbursement's lot is left to be done.</summary>
    Task<bool> ExpireAsync(Id disbursement);

    Task ResumeAsync(Id disbursement);

    /// <summary>Takes back lines of a disbursement that nobody claimed in time.</summary>
    Task<CommandResult> RecallAsync(Id account, Id disbursement, Id[] lines);

    /// <summary>Puts a program's approved terms in effect.</summary>
    Task<CommandResult> PutTermsInEffectAsync(Id program);
}

/// <summary>
/// Does what is due by the clock: holds and lots that expire, lists that are released and not yet paid, terms whose time has come. What is due comes from the
/// projections, so it is found again after every restart; only an ordered transaction does it.
/// </summary>
internal sealed partial class DueWork(LedgerServices services, IProjectionStore projections, IDueActors actors, ILogger logger)
{
    private const int Page = 500;

    // A hold's row goes away with the hold; a lot's stays, so that what is swept is remembered: one id for each disbursement.
    private readonly HashSet<Id> swept = [];

    /// <summary>
    /// Does all that is due now. Always from the first row: one that came in late may lie before others that are done. A row that fails
    /// is tried again at the next tick and holds no other up.
    /// </summary>
    public async Task TickAsync(CancellationToken cancellationToken)
    {
        DueRow? after = null;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var due = (await projections.DueAsync(services.Now, after, Page, cancellationToken)).Value;
            foreach (var row in due)
            {
                cancellationToken.ThrowIfCancellationRequested();
                await TryAsync(row, cancellationToken);
                after = row;
            }

            await RecallAsync(due, cancellationToken);

            if (due.Count < Page)
            {
                return;
            }
        }
    }

    /// <summary>Goes on with every released disbursement.</summary>
    public async Task ResumeDisbursementsAsync(CancellationToken cancellationToken)
    {
        Id? after = null;
        while (true)
        {
            var page = await services.Reader.ListAsync<DisbursementRecord>(RecordKind.Disbursement, null, after, Page, cancellationToken);
            foreach (var disbursement in page.Where(disbursement => disbursement.State == DisbursementState.Released))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await actors.ResumeAsync(disbursement.Id);
            }

            if (page.Count < Page)
            {
                return;
            }

            after = page[^1].Id;
        }
    }

    private async Task TryAsync(DueRow row, CancellationToken cancellationToken)
    {
        try
        {
            if (row.Kind == (int)RecordKind.Hold)
            {
                await EndHoldAsync(row.Id);
            }
            else if (row.Kind == (int)RecordKind.Program)
            {
                await PutTermsInEffectAsync(row.Id);
            }
            else if (row.Kind == (int)RecordKind.Lot && !swept.Contains(row.Id)
                && (await services.Reader.FindAsync<LotRecord>(RecordKind.Lot, row.Id, cancellationToken)).Record is { } lot
                && await actors.ExpireAsync(lot.Origin))
            {
                swept.Add(row.Id);
            }
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            LogFault(logger, row.Id, fault);
        }
    }

    /// <summary>Recalls cash lines, those of a disbursement together: a page is at most what one transaction takes.</summary>
    private async Task RecallAsync(IReadOnlyList<DueRow> due, CancellationToken cancellationToken)
    {
        var lines = new List<CashLineRecord>();
        foreach (var row in due.Where(row => row.Kind == (int)RecordKind.CashLine))
        {
            if ((await services.Reader.FindAsync<CashLineRecord>(RecordKind.CashLine, row.Id, cancellationToken)).Record is { State: CashLineState.Instructed } line)
            {
                lines.Add(line);
            }
        }

        foreach (var disbursement in lines.GroupBy(line => line.Disbursement))
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                if ((await services.Reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement.Key, cancellationToken)).Record is { Cash: { } plan })
                {
                    await actors.RecallAsync(plan.Float, disbursement.Key, [.. disbursement.Select(line => line.Id)]);
                }
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                LogFault(logger, disbursement.Key, fault);
            }
        }
    }

    private async Task PutTermsInEffectAsync(Id id)
    {
        if ((await services.Reader.FindAsync<ProgramRecord>(RecordKind.Program, id)).Record is { Active: true, Amendment: { IsApproved: true } amendment }
            && amendment.IsDue(services.Now, services.Reader.Records.NextHeight))
        {
            await actors.PutTermsInEffectAsync(id);
        }
    }

    private async Task EndHoldAsync(Id id)
    {
        if ((await services.Reader.FindAsync<HoldRecord>(RecordKind.Hold, id)).Record is { State: HoldState.Open } hold && hold.Until <= services.Now)
        {
            await actors.EndHoldAsync(hold.Account, id);
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Due work on {Record} is interrupted; it goes on at the next tick.")]
    private static partial void LogFault(ILogger logger, Id record, Exception fault);
}
