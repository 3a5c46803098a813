using System.Globalization;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Due;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Api.Alerts;

/// <summary>
/// Reads every block once, on one silo of the cluster, and raises the alerts that it gives cause for. Where it stands is in the side
/// store, so that it goes on there after a restart.
/// </summary>
internal sealed partial class AlertWatch(
    AlertLog alerts, LedgerReader reader, LedgerCommands commands, ISideStore store, Duties duties, TimeProvider time, ILogger<AlertWatch> logger) : BackgroundService
{
    private const string Duty = "alerts";
    private const string Kind = "alert-watch";
    private const string Key = "blocks";
    private const int BlocksAtOnce = 500;

    /// <summary>Blocks that statements may be behind for so long.</summary>
    private const long LagMost = 1_000;
    private static readonly TimeSpan LagFor = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private long? laggingSince;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                while (await duties.HoldAsync(Duty) && await WatchAsync(stoppingToken))
                {
                }
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                // What it asked is being stopped too.
                return;
            }
            catch (Exception fault)
            {
                LogFault(logger, fault);
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads on from where it stands; false when it has reached the newest block.</summary>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var head = (await reader.CurrentAsync(cancellationToken)).Height;
        await WatchLagAsync(cancellationToken);
        var place = await store.FindAsync(Kind, Key, cancellationToken);

        // What came before the first start is known to those it concerns.
        var reached = place is null ? head : ulong.Parse(place.Json, CultureInfo.InvariantCulture);
        var until = Math.Min(head, reached + BlocksAtOnce);
        for (var height = reached + 1; height <= until; height++)
        {
            var written = await reader.WrittenAsync(height, cancellationToken);
            await LookAsync(written, cancellationToken);
            await LookAtSafeguardsAsync(written, height, cancellationToken);
        }

        if (place is null || until != reached)
        {
            await store.PutAsync(new SideDocument(Kind, Key, "", place?.Version ?? 0, until.ToString(CultureInfo.InvariantCulture)), cancellationToken);
        }

        return until < head;
    }

    private async Task LookAsync(IReadOnlyList<Record> written, CancellationToken cancellationToken)
    {
        foreach (var disbursement in written.OfType<DisbursementRecord>().Where(record => record.State == DisbursementState.Completed))
        {
            await LookAsync(disbursement, cancellationToken);
        }

        foreach (var disbursement in written.OfType<ContradictionRecord>().Where(record => record.State == ContradictionState.Open).GroupBy(record => record.Disbursement))
        {
            if ((await reader.FindFollowedAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement.Key, cancellationToken)).Record is { } record)
            {
                await RaiseAsync(record.Program, AlertKind.ReportContradicts, record.Id, Count(disbursement.Count()), $"{disbursement.First().Id}", cancellationToken);
            }
        }

        foreach (var grant in written.OfType<GrantRecord>())
        {
            await LookAsync(grant, cancellationToken);
        }
    }

    private async Task LookAsync(DisbursementRecord disbursement, CancellationToken cancellationToken)
    {
        if (await commands.DisbursementAsync(disbursement.Id) is not { Unpaid.Count: > 0 } status)
        {
            return;
        }

        var detail = string.Join(", ", status.Unpaid.OrderBy(code => code.Key, StringComparer.Ordinal).Select(code => $"{code.Key} {Count(code.Value)}"));
        await RaiseAsync(disbursement.Program, AlertKind.DisbursementFailures, disbursement.Id, detail, $"{disbursement.Id}", cancellationToken);
        if (status.Unpaid.TryGetValue(RefusalCode.AlreadyAssisted, out var twice))
        {
            await RaiseAsync(disbursement.Program, AlertKind.DuplicateFound, disbursement.Id, Count(twice), $"{disbursement.Id}", cancellationToken);
        }
    }

    private async Task LookAsync(GrantRecord grant, CancellationToken cancellationToken)
    {
        if (IsNear(grant.ReceivedMinor, grant.CommitmentMinor))
        {
            await RaiseAsync(grant.Program, AlertKind.LimitNear, grant.Id, "commitment", $"{grant.Id} {grant.CommitmentMinor}", cancellationToken);
        }

        foreach (var line in grant.BudgetLines.Where(line => IsNear(line.SpentMinor, line.LimitMinor)))
        {
            await RaiseAsync(grant.Program, AlertKind.LimitNear, grant.Id, $"budget line {line.Code}", $"{grant.Id} {line.Code} {line.LimitMinor}", cancellationToken);
        }
    }

    private static bool IsNear(long used, long limit) => limit > 0 && (Int128)used * 10 >= (Int128)limit * 9;

    private async Task WatchLagAsync(CancellationToken cancellationToken)
    {
        var lag = await reader.ProjectionLagAsync(cancellationToken);
        if (lag <= LagMost)
        {
            laggingSince = null;
            return;
        }

        laggingSince ??= time.GetTimestamp();
        if (time.GetElapsedTime(laggingSince.Value) >= LagFor && (await reader.WrittenAsync(0, cancellationToken)).OfType<OrganisationRecord>().FirstOrDefault() is { } organisation)
        {
            await alerts.RaiseAsync(organisation.Id, AlertKind.ProjectionLag, Id.None, Count(lag), $"{time.GetUtcNow():yyyy-MM-dd}", cancellationToken);
        }
    }

    private async Task RaiseAsync(Id program, AlertKind kind, Id subject, string detail, string cause, CancellationToken cancellationToken)
    {
        if ((await reader.FindFollowedAsync<ProgramRecord>(RecordKind.Program, program, cancellationToken)).Record is { } record)
        {
            await alerts.RaiseAsync(record.Organisation, kind, subject, detail, cause, cancellationToken);
        }
    }

    private static string Count(long number) => number.ToString(CultureInfo.InvariantCulture);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Blocks cannot be watched for alerts; trying again.")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
