using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Log;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Reading;

/// <summary>Where a program's money is and what became of it, in minor units of its unit.</summary>
/// <param name="AvailableMinor">In the pool, not set aside.</param>
/// <param name="HeldMinor">In the pool, set aside for released disbursements.</param>
/// <param name="DisbursedMinor">Credited to beneficiaries so far; what was redeemed, settled or expired of it is counted in it too.</param>
/// <param name="DeliveredMinor">Paid out in cash by providers, corrections included.</param>
public sealed record ProgramTotals(
    long AvailableMinor, long HeldMinor, long DisbursedMinor, long RedeemedMinor, long SettledMinor, long ExpiredMinor, long DeliveredMinor);

/// <summary>What those read who follow the ledger as it goes on.</summary>
public sealed partial class LedgerReader
{
    /// <summary>Completes when this silo follows blocks after this was taken. Take it before reading, and nothing is missed.</summary>
    public Task Moved => follower.Moved;

    /// <summary>Tells whether an account was touched, so that who follows it reads only then.</summary>
    public AccountWatch Watch(Id account) => new(follower.Tail, account);

    /// <summary>
    /// Entries of an account above a number, in order, at most <paramref name="limit"/>, those of one number never parted; as far as this
    /// silo has followed.
    /// </summary>
    public async Task<IReadOnlyList<EntryRow>> EntriesAfterAsync(Id account, ulong after, int limit, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var rows = await projections.EntriesAfterAsync(account, after, limit, cancellationToken);
            var merged = follower.Tail.Read(rows.Height, snapshot => rows.Value.Concat(snapshot.Entries(account)
                .Where(entry => entry.Number > after)
                .SelectMany(entry => RowsOf(account, entry)))
                .Take(limit)
                .ToArray());
            if (merged is not null)
            {
                // The last number of a full page may go on after it.
                return merged.Length < limit ? merged : [.. merged.Where(row => row.Number < merged[^1].Number)];
            }
        }
    }

    /// <summary>The records that the transactions of a block wrote, in order; none for a block that this silo has not followed.</summary>
    public async Task<IReadOnlyList<Record>> WrittenAsync(ulong height, CancellationToken cancellationToken = default) =>
        (follower.Tail.ChangesAt(height) ?? (await FollowedAsync(height, cancellationToken) is { } block ? BlockChanges.Of(block) : null)) is { } changes
            ? [.. changes.Writes.Select(write => write.Record)]
            : [];

    /// <summary>Blocks by which the projections are behind what this silo follows.</summary>
    public async Task<long> ProjectionLagAsync(CancellationToken cancellationToken = default) =>
        Math.Max(0, (long)follower.Tail.NextHeight - 1 - (long)(await projections.HeightAsync(cancellationToken) ?? 0));

    /// <summary>Totals of a program as of the durable head.</summary>
    public async Task<ProgramTotals> TotalsAsync(ProgramRecord program, CancellationToken cancellationToken = default)
    {
        var pool = await BookAsync(program.Pool, cancellationToken);
        var disbursements = await AllAsync<DisbursementRecord>(RecordKind.Disbursement, program.Id, cancellationToken);
        var flows = await FlowsAsync([.. disbursements.Select(disbursement => disbursement.Lot).Where(lot => !lot.IsNone)], cancellationToken);
        long Sum(LotFlow flow) => flows.Where(entry => entry.Key.Flow == flow).Sum(entry => entry.Value);
        return new ProgramTotals(
            pool.Available(program.Unit), pool.Held(program.Unit), Sum(LotFlow.Disbursed), NetFlow.Redeemed(Sum), NetFlow.Settled(Sum), Sum(LotFlow.Expired),
            Sum(LotFlow.Delivered) - Sum(LotFlow.Reversed));
    }
}
