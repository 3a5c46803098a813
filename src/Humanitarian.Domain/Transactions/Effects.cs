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
    public static IEnumerable<Posting> AllPostings(Transaction transaction)
    {
        foreach (var posting in transaction.Postings)
        {
            yield return posting;
        }

        if (transaction.Chunk is not { } chunk || chunk.Lines.Count == 0)
        {
            yield break;
        }

        var budget = transaction.Postings[0];
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

    /// <summary>
    /// The accounts whose entries the transaction numbers, each once, in the order of first appearance: postings first, then a
    /// chunk's paid lines. Accounts of persons are unknown without the closed part.
    /// </summary>
    public static IReadOnlyList<Id> TouchedAccounts(Transaction transaction)
    {
        var seen = new HashSet<Id>();
        var touched = new List<Id>();
        foreach (var posting in AllPostings(transaction))
        {
            if (seen.Add(posting.Account))
            {
                touched.Add(posting.Account);
            }
        }

        return touched;
    }

    /// <summary>Changes of balances, one for each (account, unit, lot), in order of first appearance.</summary>
    /// <exception cref="OverflowException">The changes do not fit 64 bits.</exception>
    public static IReadOnlyList<BalanceChange> Balances(Transaction transaction)
    {
        var changes = new List<BalanceChange>();
        var places = new Dictionary<(Id, string, Id), int>();
        foreach (var posting in AllPostings(transaction))
        {
            var key = (posting.Account, posting.Unit, posting.Lot);
            if (!places.TryGetValue(key, out var place))
            {
                places[key] = place = changes.Count;
                changes.Add(new BalanceChange(posting.Account, posting.Unit, posting.Lot, 0, 0));
            }

            var change = changes[place];
            changes[place] = posting.Bucket == Bucket.Available
                ? change with { AvailableMinor = checked(change.AvailableMinor + posting.AmountMinor) }
                : change with { HeldMinor = checked(change.HeldMinor + posting.AmountMinor) };
        }

        return changes;
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
            case TransactionKind.DisbursementCompletion:
                return Falling(transaction, LotFlow.Undelivered).Concat(Rising(transaction, LotFlow.Restored));
            case TransactionKind.Redemption:
                return Falling(transaction, LotFlow.Redeemed);
            case TransactionKind.Settlement:
                return Falling(transaction, LotFlow.Settled);
            case TransactionKind.LotExpiry:
                return Falling(transaction, LotFlow.Expired).Concat(Rising(transaction, LotFlow.Recovered));
            case TransactionKind.Cost:
                return Falling(transaction, LotFlow.Cost);
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

    private static IEnumerable<FlowChange> Rising(Transaction transaction, LotFlow flow) =>
        from posting in transaction.Postings
        where posting.AmountMinor > 0 && !posting.Lot.IsNone
        group posting by posting.Lot into lot
        select new FlowChange(lot.Key, flow, lot.Sum(posting => posting.AmountMinor));
}
