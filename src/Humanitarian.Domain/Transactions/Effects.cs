using Humanitarian.Domain.Lots;

namespace Humanitarian.Domain.Transactions;

/// <summary>What a transaction changes on one account.</summary>
/// <param name="AvailableMinor">Change of the available balance, in minor units.</param>
/// <param name="HeldMinor">Change of what holds set aside, in minor units.</param>
public readonly record struct BalanceChange(Id Account, string Unit, Id Lot, long AvailableMinor, long HeldMinor);

/// <summary>Cumulative flows of a lot, each of which only grows.</summary>
public enum LotFlow
{
    /// <summary>Left a receipt's lot for a disbursement's budget.</summary>
    Drawn = 1,

    /// <summary>Credited to beneficiaries from a disbursement's lot.</summary>
    Disbursed = 2,

    /// <summary>Budget that was not delivered and went back to the receipts' lots.</summary>
    Undelivered = 3,
    Redeemed = 4,
    Settled = 5,

    /// <summary>Expired with its holder and went to the return queue of its grants.</summary>
    Expired = 6,
    Cost = 7,

    /// <summary>Went back to the donor.</summary>
    Returned = 8,

    /// <summary>Came back into a receipt's lot, undelivered.</summary>
    Restored = 9,

    /// <summary>Came back into a receipt's lot, expired.</summary>
    Recovered = 10,

    /// <summary>Left a disbursement's budget for a provider's float, or a correction's for the outside.</summary>
    Instructed = 11,

    /// <summary>Reported delivered by a provider; left the ledger.</summary>
    Delivered = 12,

    /// <summary>Reported not delivered; came back to the budget.</summary>
    Failed = 13,

    /// <summary>Unclaimed; came back to the budget.</summary>
    Recalled = 14,

    /// <summary>Reported delivered once and corrected since; came back to the budget from outside.</summary>
    Reversed = 15,

    /// <summary>A provider's fee, charged to a grant.</summary>
    Fee = 16,

    /// <summary>Settled once and come back since: a pay-out failed.</summary>
    PayoutReturned = 60,

    /// <summary>Redeemed once and given back since to the beneficiary.</summary>
    Refunded = 61,

    /// <summary>Redeemed for a category of goods, or at a vendor; counted under the names of <see cref="Lots.LotUse"/>.</summary>
    Spent = 62,

    /// <summary>Indirect costs, charged with a direct one.</summary>
    Indirect = 80,

    /// <summary>A cost once, charged to another grant since; came back into the receipt's lot.</summary>
    Recharged = 81,

    /// <summary>The indirect part of such a cost; came back into the receipt's lot.</summary>
    IndirectRecharged = 82,

    /// <summary>Left a receipt's lot for the program's currency.</summary>
    Converted = 40,

    /// <summary>Of a conversion's lot, in minor units of the donor's currency: less was paid out than at the agreed rate.</summary>
    ExchangeLoss = 41,

    /// <summary>Of a conversion's lot, in minor units of the donor's currency: more was paid out than at the agreed rate.</summary>
    ExchangeGain = 42,
}

/// <summary>An increase of a lot's cumulative flow, in minor units.</summary>
public readonly record struct FlowChange(Id Lot, LotFlow Flow, long AmountMinor);

/// <summary>What follows from a transaction, whoever applies it: replay, projections and account grains share this one reading.</summary>
public static class Effects
{
    /// <summary>Every posting, a chunk's paid lines included.</summary>
    public static IEnumerable<Posting> AllPostings(Transaction transaction) =>
        transaction is { Kind: TransactionKind.DisbursementChunk or TransactionKind.Delivery, Chunk: { Lines.Count: > 0 } chunk }
            ? transaction.Postings.Concat(PaidLines(chunk, transaction.Postings[0]))
            : transaction.Postings;

    /// <summary>
    /// The accounts whose entries the transaction numbers, each once, in the order of first appearance: postings first, then a
    /// chunk's paid lines. Accounts of persons are unknown without the closed part.
    /// </summary>
    public static IReadOnlyList<Id> TouchedAccounts(Transaction transaction) => transaction.Effects.Touched;

    /// <summary>Changes of balances, one for each (account, unit, lot): account by account in the order of <see cref="TouchedAccounts"/>.</summary>
    /// <exception cref="OverflowException">The changes do not fit 64 bits.</exception>
    public static IReadOnlyList<BalanceChange> Balances(Transaction transaction) => transaction.Effects.Changes;

    /// <summary>What the account at an index of <see cref="TouchedAccounts"/> sees of the transaction.</summary>
    /// <exception cref="OverflowException">The changes do not fit 64 bits.</exception>
    public static ArraySegment<BalanceChange> ChangesAt(Transaction transaction, int index) => transaction.Effects.ChangesAt(index);

    /// <summary>What one account sees of a transaction; nothing when it is not touched.</summary>
    /// <exception cref="OverflowException">The changes do not fit 64 bits.</exception>
    public static ArraySegment<BalanceChange> ChangesOf(Transaction transaction, Id account) =>
        transaction.Effects.IndexOf(account) is >= 0 and var index ? transaction.Effects.ChangesAt(index) : ArraySegment<BalanceChange>.Empty;

    private static IEnumerable<Posting> PaidLines(Chunk chunk, Posting budget)
    {
        var unpaid = chunk.Unpaid.Count == 0 ? null : chunk.Unpaid.Select(line => line.Index).ToHashSet();
        for (var index = 0; index < chunk.Lines.Count; index++)
        {
            if (unpaid is null || !unpaid.Contains(index))
            {
                var line = chunk.Lines[index];
                yield return new Posting(line.Account, true, budget.Unit, budget.Lot, line.AmountMinor);
            }
        }
    }

    /// <summary>Flows of lots; see <see cref="LotFlow"/>. Needs the open part only.</summary>
    public static IEnumerable<FlowChange> Flows(Transaction transaction)
    {
        switch (transaction.Kind)
        {
            case TransactionKind.DisbursementRelease:
                return Falling(transaction, LotFlow.Drawn);
            case TransactionKind.DisbursementChunk:
            case TransactionKind.Delivery:
                return Falling(transaction, LotFlow.Disbursed);
            case TransactionKind.DeliveryExceptionDecision:
                return Falling(transaction, LotFlow.Drawn).Concat(Rising(transaction, LotFlow.Disbursed));
            case TransactionKind.DisbursementCompletion:
                return Falling(transaction, LotFlow.Undelivered).Concat(Rising(transaction, LotFlow.Restored));
            case TransactionKind.Redemption:
                return Redeemed(transaction);
            case TransactionKind.Settlement:
                return Falling(transaction, LotFlow.Settled);
            case TransactionKind.Refund:
            case TransactionKind.Recovery:
                return Falling(transaction, LotFlow.Refunded);
            case TransactionKind.PayoutReturn:
                return Falling(transaction, LotFlow.PayoutReturned);
            case TransactionKind.LotExpiry:
                return Falling(transaction, LotFlow.Expired).Concat(Rising(transaction, LotFlow.Recovered));
            case TransactionKind.CashInstruction:
                return Falling(transaction, LotFlow.Instructed);
            case TransactionKind.CashReconciliation:
                return Rising(transaction, LotFlow.Delivered, Bucket.Available).Concat(Rising(transaction, LotFlow.Failed, Bucket.Held));
            case TransactionKind.CashRecall:
                return Rising(transaction, LotFlow.Recalled, Bucket.Held);
            case TransactionKind.CashCorrection:
                return Corrected(transaction);
            case TransactionKind.ProviderFee:
                return Falling(transaction, LotFlow.Fee);
            case TransactionKind.Cost:
            case TransactionKind.CostRecharge:
                return Grants.Costs.Flows(transaction);
            case TransactionKind.GrantReturn:
                return Falling(transaction, LotFlow.Returned);
            case TransactionKind.Conversion:
                return Grants.Conversions.Flows(transaction);
            default:
                return [];
        }
    }

    private static IEnumerable<FlowChange> Falling(Transaction transaction, LotFlow flow) =>
        from posting in transaction.Postings
        where posting.AmountMinor < 0 && !posting.Lot.IsNone
        group posting by posting.Lot into lot
        select new FlowChange(lot.Key, flow, -lot.Sum(posting => posting.AmountMinor));

    private static IEnumerable<FlowChange> Redeemed(Transaction transaction)
    {
        var category = transaction.Labels is [var only] ? only : "";
        foreach (var redeemed in Falling(transaction, LotFlow.Redeemed))
        {
            yield return redeemed;
            yield return new FlowChange(LotUse.OnCategory(redeemed.Lot, category), LotFlow.Spent, redeemed.AmountMinor);
            foreach (var posting in transaction.Postings.Where(posting => posting.AmountMinor > 0 && posting.Lot == redeemed.Lot))
            {
                yield return new FlowChange(LotUse.AtVendor(redeemed.Lot, posting.Account), LotFlow.Spent, posting.AmountMinor);
            }
        }
    }

    // A correction that delivers after all instructs at once; one that takes back comes from outside.
    private static IEnumerable<FlowChange> Corrected(Transaction transaction) => transaction.Postings is [{ Bucket: Bucket.Held }, ..]
        ? Falling(transaction, LotFlow.Instructed).Concat(Rising(transaction, LotFlow.Delivered))
        : Falling(transaction, LotFlow.Reversed);

    private static IEnumerable<FlowChange> Rising(Transaction transaction, LotFlow flow, Bucket? bucket = null) =>
        from posting in transaction.Postings
        where posting.AmountMinor > 0 && !posting.Lot.IsNone && (bucket is null || posting.Bucket == bucket)
        group posting by posting.Lot into lot
        select new FlowChange(lot.Key, flow, lot.Sum(posting => posting.AmountMinor));
}
