using System.Runtime.CompilerServices;
using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Programs;

/// <summary>Where a program's money was at a height or shortly after, and what has become of it.</summary>
/// <param name="Height">Give the last one seen as <c>after</c> to go on behind it.</param>
/// <param name="Available">In the pool, not set aside.</param>
/// <param name="Held">In the pool, set aside for released disbursements.</param>
/// <param name="Disbursed">Credited to beneficiaries; what was redeemed, settled or expired of it is counted in it too.</param>
/// <param name="Redeemed">Spent at vendors; what was settled of it is counted in it too.</param>
/// <param name="Settled">Paid out to vendors.</param>
/// <param name="Expired">Not spent in time, and back at its grants.</param>
/// <param name="Delivered">Paid out in cash by providers.</param>
[Name("ProgramTotals")]
public sealed record ProgramTotalsView(
    ulong Height, Money Available, Money Held, Money Disbursed, Money Redeemed, Money Settled, Money Expired, Money Delivered);

/// <summary>Totals of programs that your organisation runs.</summary>
public sealed class ProgramTotalsReads(Access access, LedgerReader reader)
{
    /// <summary>Null when there is none, or it is not the caller's to see.</summary>
    public async Task<ProgramTotalsView?> FindAsync(Id program, CancellationToken cancellationToken)
    {
        // Before the reads, so that they are at least as new as the height says.
        var height = (await reader.CurrentAsync(cancellationToken)).Height;
        if (await access.CoveredProgramAsync(program) is not { } record || !access.Reads(record.Organisation))
        {
            return null;
        }

        var totals = await reader.TotalsAsync(record, cancellationToken);
        Money In(long amountMinor) => new(amountMinor, record.Unit);
        return new ProgramTotalsView(
            height, In(totals.AvailableMinor), In(totals.HeldMinor), In(totals.DisbursedMinor), In(totals.RedeemedMinor), In(totals.SettledMinor),
            In(totals.ExpiredMinor), In(totals.DeliveredMinor));
    }
}

/// <summary>Totals now.</summary>
public sealed class ProgramTotalsQueries(ProgramTotalsReads totals) : IQueries
{
    /// <summary>Where the money of a program is that your organisation runs.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    public Task<ProgramTotalsView?> ProgramTotals(Id programId, CancellationToken cancellationToken) => totals.FindAsync(programId, cancellationToken);
}

/// <summary>Totals as they change.</summary>
public sealed class ProgramTotalsSubscriptions(Live live, ProgramTotalsReads totals, LedgerReader reader) : ISubscriptions
{
    /// <summary>
    /// The totals now and whenever they have changed; changes that follow fast on each other come as one. With <paramref name="after"/>,
    /// first only if the ledger has gone on since that height.
    /// </summary>
    /// <param name="programId">The program.</param>
    /// <param name="after">Height of the last event seen; INVALID_INPUT when the ledger has not reached it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    public async IAsyncEnumerable<ProgramTotalsView> ProgramTotals(
        Id programId, ulong? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Live.RequireReached(after, (await reader.CurrentAsync(cancellationToken)).Height);
        ProgramTotalsView? last = null;
        var events = live.FollowAsync<ProgramTotalsView>(
            async token =>
            {
                if (await totals.FindAsync(programId, token) is not { } now)
                {
                    return null;
                }

                var isNews = last is null ? !(now.Height <= after) : last with { Height = now.Height } != now;
                last = now;
                return isNews ? [now] : [];
            },
            Live.Rest, cancellationToken: cancellationToken);
        await foreach (var one in events)
        {
            yield return one;
        }
    }
}
