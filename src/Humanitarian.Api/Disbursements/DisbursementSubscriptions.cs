using System.Runtime.CompilerServices;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Disbursements;

/// <summary>A disbursement as it stood at a height or shortly after.</summary>
/// <param name="Disbursement">How it stands.</param>
/// <param name="Height">Give the last one seen as <c>after</c> to go on behind it.</param>
public sealed record DisbursementProgress(ulong Height, DisbursementView Disbursement);

/// <summary>Disbursements of programs that your organisation runs, as they are paid.</summary>
public sealed class DisbursementSubscriptions(Live live, DisbursementReads disbursements, LedgerReader reader) : ISubscriptions
{
    // Drafts are validated beside the ledger, so no block tells of it.
    private static readonly TimeSpan DraftsAgain = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A disbursement now and whenever it has changed; steps that follow fast on each other may come as one. With <paramref name="after"/>,
    /// first only if the ledger has gone on since that height.
    /// </summary>
    /// <param name="disbursementId">The disbursement.</param>
    /// <param name="after">Height of the last event seen; INVALID_INPUT when the ledger has not reached it.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow]
    public async IAsyncEnumerable<DisbursementProgress> DisbursementProgress(
        Id disbursementId, ulong? after = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Live.RequireReached(after, (await reader.CurrentAsync(cancellationToken)).Height);
        DisbursementView? last = null;
        var events = live.FollowAsync<DisbursementProgress>(
            async token =>
            {
                // Before the read, so that it is at least as new as the height says.
                var height = (await reader.CurrentAsync(token)).Height;
                if (await disbursements.ReadAsync(disbursementId) is not { } now)
                {
                    return null;
                }

                var isNews = last is { } before ? !Same(before, now) : !(height <= after) || now.State is DisbursementState.Draft or DisbursementState.Validated or DisbursementState.Cancelled;
                last = now;
                return isNews ? [new DisbursementProgress(height, now)] : [];
            },
            Live.Rest, DraftsAgain, cancellationToken);
        await foreach (var one in events)
        {
            yield return one;
        }
    }

    private static bool Same(DisbursementView a, DisbursementView b) => a with { Unpaid = b.Unpaid, ApprovedBefore = b.ApprovedBefore } == b && a.Unpaid.SequenceEqual(b.Unpaid) && a.ApprovedBefore.SequenceEqual(b.ApprovedBefore);
}
