using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Transactions;
using Humanitarian.Chain.Authority;
using Humanitarian.Grains.Commands;
using Microsoft.Extensions.Logging;

namespace Humanitarian.Grains.Disbursements;

internal sealed partial class DisbursementLife
{
    public async Task<DisbursementStatus?> StatusAsync()
    {
        var record = await RecordAsync();
        if (record is null)
        {
            if (await KeptAsync() is not { } stored)
            {
                return null;
            }

            var (draft, _) = await FreezeAsync();
            return draft is null ? null : StatusOf(draft, StateOf(stored), 0, 0, new Dictionary<string, long>());
        }

        if (record.Lot.IsNone)
        {
            return StatusOf(record, record.State, 0, 0, new Dictionary<string, long>());
        }

        var (paid, unpaid) = record.Mode != DeliveryMode.InPerson ? await ProgressAsync(record) : (await DeliveredAsync(record), []);
        var flows = await services.Reader.FlowsAsync([record.Lot]);
        var state = record.State == DisbursementState.Released && record.Mode != DeliveryMode.InPerson && paid > 0 ? DisbursementState.Executing : record.State;
        return StatusOf(record, state, paid, flows.GetValueOrDefault((record.Lot, LotFlow.Disbursed)) + flows.GetValueOrDefault((record.Lot, LotFlow.Delivered))
            - flows.GetValueOrDefault((record.Lot, LotFlow.Reversed)), unpaid);
    }

    public async Task<bool> ExpireAsync()
    {
        if (await RecordAsync() is not { } record || await ProgramAsync(record.Program) is not { } program || services.Now < record.ExpiresAt)
        {
            return false;
        }

        if (record.State is DisbursementState.Released or DisbursementState.Paused)
        {
            await pools.CompleteAsync(program.Pool, null, Id);
        }

        // Only after completion: from then on nobody is credited from the lot, so what a sweep takes is the end of it.
        return (await RecordAsync())?.State == DisbursementState.Completed && !await SweepAllAsync(record.Lot, program.Unit);
    }

    /// <summary>Pays the chunks that are not paid yet, a few at a time, then completes. Goes on after faults and restarts.</summary>
    private async Task ExecuteAsync()
    {
        while (true)
        {
            try
            {
                if (await RecordAsync() is not { State: DisbursementState.Released, Mode: DeliveryMode.Bulk or DeliveryMode.Cash } record || await KeptAsync() is null)
                {
                    return;
                }

                // Cash is complete when people say so: its lines are still to be reported.
                if (await PayOpenChunksAsync(record) && await ProgramAsync(record.Program) is { } program
                    && (record.Mode == DeliveryMode.Cash || (await pools.CompleteAsync(program.Pool, null, Id)).Refusal is null))
                {
                    return;
                }
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                LogFault(logger, Id, fault);
            }

            await Task.Delay(ResumeAfterFault, services.Time);
        }
    }

    /// <summary>True when every chunk of the list is on the ledger.</summary>
    private async Task<bool> PayOpenChunksAsync(DisbursementRecord record)
    {
        if (await ProgramAsync(record.Program) is not { } program)
        {
            return false;
        }

        var done = await ChunkPlacesAsync(Enumerable.Range(0, record.ChunkRoots.Count));
        using var under = new SemaphoreSlim(ChunksUnderWay);
        var paying = new List<Task<bool>>();
        for (var chunk = 0; chunk < record.ChunkRoots.Count; chunk++)
        {
            if (!done.ContainsKey(chunk))
            {
                await under.WaitAsync();
                paying.Add(PayAsync(chunk));
            }
        }

        return Array.TrueForAll(await Task.WhenAll(paying), paid => paid);

        async Task<bool> PayAsync(int chunk)
        {
            try
            {
                var result = await pools.PayChunkAsync(program.Pool, Id, chunk, await Frozen(stored!).LinesAsync(chunk) ?? []);
                return result.Refusal?.Code is null or RefusalCode.ClaimTaken;
            }
            finally
            {
                under.Release();
            }
        }
    }

    private async Task<Dictionary<int, Storage.Projections.Place>> ChunkPlacesAsync(IEnumerable<int> chunks)
    {
        var claims = chunks.ToDictionary(chunk => services.Identity.ClaimKey.DisbursementChunk(Id, chunk));
        return (await services.Reader.ClaimsAsync([.. claims.Keys])).ToDictionary(taken => claims[taken.Key], taken => taken.Value);
    }

    private readonly Dictionary<int, (long Paid, string[] Unpaid)> counted = [];

    private async Task<(long Paid, Dictionary<string, long> Unpaid)> ProgressAsync(DisbursementRecord record)
    {
        foreach (var (chunk, place) in await ChunkPlacesAsync(Enumerable.Range(0, record.ChunkRoots.Count).Where(chunk => !counted.ContainsKey(chunk))))
        {
            if (await services.Reader.TransactionAtAsync(place) is { Transaction.Chunk: { } paid })
            {
                counted[chunk] = (record.ChunkRoots[chunk].Lines - paid.Unpaid.Count, [.. paid.Unpaid.Select(line => line.Code ?? "")]);
            }
        }

        return (counted.Values.Sum(chunk => chunk.Paid), counted.Values.SelectMany(chunk => chunk.Unpaid).GroupBy(code => code).ToDictionary(group => group.Key, group => group.LongCount()));
    }

    private async Task<long> DeliveredAsync(DisbursementRecord record)
    {
        // One that pays a late delivery has no list.
        if (record.ChunkRoots.Count == 0)
        {
            return record.Lines;
        }

        long delivered = 0;
        for (var chunk = 0; chunk < record.ChunkRoots.Count && stored is not null; chunk++)
        {
            var claims = (await Lines.ChunkAsync(chunk) ?? []).Select(line => services.Identity.ClaimKey.DisbursementLine(Id, line.Account)).ToArray();
            delivered += (await services.Reader.ClaimsAsync(claims)).Count;
        }

        return delivered - (delivered > 0 ? (await PaidLateAsync(record)).Count : 0);
    }

    /// <summary>Sweeps the lot's holders page by page, then those that the projections do not show yet; false when there were none.</summary>
    private async Task<bool> SweepAllAsync(Id lot, string unit)
    {
        var any = false;
        await services.Reader.CurrentAsync();
        Id? after = null;
        while (await services.Reader.HoldersAsync(lot, after, LotExpiries.MaximumHolders) is { Count: > 0 } page)
        {
            any |= await SweepAsync(lot, unit, page);
            after = page[^1];
        }

        foreach (var page in (await services.Reader.TouchedInAsync(lot)).Chunk(LotExpiries.MaximumHolders))
        {
            any |= await SweepAsync(lot, unit, page);
        }

        return any;
    }

    /// <summary>Sweeps some holders: takes leases over their accounts, which voids their own, and posts without activating them.</summary>
    private async Task<bool> SweepAsync(Id lot, string unit, IReadOnlyList<Id> candidates)
    {
        var holders = await HoldersAsync(lot, unit, candidates);
        if (holders.Count == 0)
        {
            return false;
        }

        if (await services.BulkTurnAsync() is { } busy)
        {
            throw new InvalidOperationException($"A sweep has to wait: {busy.Code}.");
        }

        var grants = await Task.WhenAll(holders.Select(services.Gateway.LeaseAsync));
        if (Array.Find(grants, grant => grant.Refusal is not null) is { } refused)
        {
            throw new InvalidOperationException($"A sweep found no lease: {refused.Refusal!.Code}.");
        }

        await services.Reader.Follower.FollowAsync(grants.Max(grant => grant.Height));
        var ran = await runner.RunAsync(null, new Command(null, (scope, view, _) => LotExpiries.Decide(lot, holders, scope, view))
        {
            Bulk = true,
            Leases = [.. grants.Select(grant => grant.Lease)],
            Books = await services.Reader.BooksAsync(holders),
            Flows = await services.Reader.FlowsAsync([lot]),
        });
        if (ran.Result.Refusal is { } refusal)
        {
            throw new InvalidOperationException($"A sweep was refused: {refusal.Code}.");
        }

        return true;
    }

    private async Task<List<Id>> HoldersAsync(Id lot, string unit, IReadOnlyList<Id> candidates)
    {
        var holders = new List<Id>();
        var books = await services.Reader.BooksAsync(candidates);
        foreach (var account in candidates)
        {
            if (books[account].AvailableOf(unit, lot) > 0
                && (await services.Reader.FindAsync<AccountRecord>(RecordKind.Account, account)).Record is { NamesPerson: true })
            {
                holders.Add(account);
            }
        }

        return holders;
    }

    private static DisbursementState StateOf(Stored draft) =>
        draft.Cancelled ? DisbursementState.Cancelled : draft.Validated ? DisbursementState.Validated : DisbursementState.Draft;

    private static DisbursementStatus StatusOf(DisbursementRecord record, DisbursementState state, long paidLines, long paidMinor, IReadOnlyDictionary<string, long> unpaid) => new(
        record.Id, record.Program, (int)state, record.Mode == DeliveryMode.InPerson, record.Lines, record.TotalMinor, record.ListRoot,
        SignedObjects.ObjectOf(record), record.Period, record.AssistanceKind, record.ExpiresAt, record.CreatedBy, record.ApprovedBy, record.ReleasedBy,
        paidLines, paidMinor, unpaid, record.Purpose)
    {
        CoApprovers = record.CoApprovers, Float = record.Cash?.Float ?? Id.None, FollowsUp = record.Cash?.FollowsUp ?? Id.None,
    };

    [LoggerMessage(Level = LogLevel.Error, Message = "Disbursement {Disbursement} is interrupted; it goes on shortly.")]
    private static partial void LogFault(ILogger logger, Id disbursement, Exception fault);
}
