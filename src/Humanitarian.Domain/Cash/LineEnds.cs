using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Cash;

/// <summary>What the end of lines, or its correction, does to claims: an end is claimed, and what nobody received is open again.</summary>
internal static class LineEnds
{
    /// <summary>Each line's end, and what a correction claims again for a line that is found to be delivered after all.</summary>
    public static IEnumerable<Claim> Claims(Transaction transaction, ILedgerView view, ClaimKey key)
    {
        foreach (var (before, after) in Changes(transaction, view))
        {
            if (before.State == CashLineState.Instructed)
            {
                yield return key.HoldEnd(after.Id);
            }
            else if (!before.HoldsClaims && after.HoldsClaims)
            {
                foreach (var claim in after.Claims)
                {
                    yield return claim;
                }
            }
        }
    }

    /// <summary>The claims of lines of which nothing was delivered.</summary>
    public static IEnumerable<Claim> Reopens(Transaction transaction, ILedgerView view) =>
        Changes(transaction, view).Where(change => change.Before.HoldsClaims && !change.After.HoldsClaims).SelectMany(change => change.After.Claims);

    /// <summary>Postings from the float: what was delivered leaves the ledger, the rest goes back to the budget.</summary>
    public static IReadOnlyList<Posting> Postings(Disbursements.DisbursementRecord disbursement, Programs.ProgramRecord program, long deliveredMinor, long restMinor)
    {
        var postings = new List<Posting>();
        void Add(Id account, long amountMinor, Bucket bucket)
        {
            if (amountMinor != 0)
            {
                postings.Add(new Posting(account, false, program.Unit, disbursement.Lot, amountMinor, bucket));
            }
        }

        Add(disbursement.Cash!.Float, -checked(deliveredMinor + restMinor), Bucket.Held);
        Add(Accounts.WorldAccount.IdOf(program.Unit), deliveredMinor, Bucket.Available);
        Add(program.Pool, restMinor, Bucket.Held);
        return postings;
    }

    private static IEnumerable<(CashLineRecord Before, CashLineRecord After)> Changes(Transaction transaction, ILedgerView view)
    {
        foreach (var write in transaction.Writes)
        {
            if (write.Record is CashLineRecord after && view.Peek<CashLineRecord>(RecordKind.CashLine, after.Id).Record is { } before)
            {
                yield return (before, after);
            }
        }
    }
}
