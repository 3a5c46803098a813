using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Reading;

public sealed partial class LedgerReader
{
    /// <summary>
    /// What beneficiaries were paid in a program for a period, as far as this silo has followed: claim by claim, each leads to the
    /// transaction that took it. A payment whose closed part is deleted counts as all there can be.
    /// </summary>
    internal async Task<IReadOnlyDictionary<Id, PaidSoFar>> PaidAsync(
        IReadOnlyCollection<Id> accounts, Id program, string period, ClaimKey key, CancellationToken cancellationToken = default)
    {
        var paid = accounts.ToDictionary(account => account, _ => PaidSoFar.Nothing);
        var asked = paid.Keys.ToArray();
        for (var instalment = 0; asked.Length > 0; instalment++)
        {
            var claims = asked.ToDictionary(account => key.Entitlement(account, program, period, instalment));
            var taken = await ClaimsAsync([.. claims.Keys], cancellationToken);
            foreach (var place in taken.GroupBy(entry => entry.Value, entry => claims[entry.Key]))
            {
                var lines = await LinesAsync(place.Key, [.. place], cancellationToken);
                foreach (var account in place)
                {
                    paid[account] = lines is var (kind, amounts) && amounts.TryGetValue(account, out var amount)
                        ? paid[account].Plus(amount, kind)
                        : paid[account] with { Count = paid[account].Count + 1, SumMinor = long.MaxValue };
                }
            }

            asked = [.. taken.Keys.Select(claim => claims[claim])];
        }

        return paid;
    }

    private async Task<(string Kind, IReadOnlyDictionary<Id, long> Amounts)?> LinesAsync(Place place, Id[] accounts, CancellationToken cancellationToken)
    {
        if (await TransactionAtAsync(place, cancellationToken) is not { Transaction: { HasClosedPart: true } transaction }
            || (await FindAsync<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject, cancellationToken)).Record is not { } disbursement)
        {
            return null;
        }

        if (LateDecisions.Of(transaction) is { } late)
        {
            return (disbursement.AssistanceKind, new Dictionary<Id, long> { [late.Account] = late.AmountMinor });
        }

        if (disbursement.Cash is null)
        {
            return transaction.Chunk is { } chunk
                ? (disbursement.AssistanceKind, Chunks.Paid(chunk).ToDictionary(entry => entry.Line.Account, entry => entry.Line.AmountMinor))
                : null;
        }

        var cash = new Dictionary<Id, long>();
        foreach (var account in accounts)
        {
            cash[account] = await CashOfAsync(disbursement.Id, account, cancellationToken);
        }

        return (disbursement.AssistanceKind, cash);
    }

    /// <summary>What the chain of an account's lines has delivered, and what is under way counts as if it were.</summary>
    private async Task<long> CashOfAsync(Id disbursement, Id account, CancellationToken cancellationToken)
    {
        CashLineRecord? last = null;
        for (var next = disbursement; !next.IsNone; next = last.FollowedBy)
        {
            if ((await FindAsync<CashLineRecord>(RecordKind.CashLine, CashLineRecord.IdOf(next, account), cancellationToken)).Record is not { } line)
            {
                break;
            }

            last = line;
        }

        return last is null ? 0 : checked(last.BeforeMinor + (last.State == CashLineState.Instructed ? last.AmountMinor : last.DeliveredMinor));
    }
}
