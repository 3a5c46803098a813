using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Audit;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Holds;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.LocalCurrency;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Transfers;

namespace Humanitarian.Domain.Transactions;

/// <summary>
/// Every predicate that a transaction must satisfy at its ordered place, signatures excepted: they need the room of the chain. The
/// same function serves the decision, the model of the tests and the verifier.
/// </summary>
public static class Checks
{
    /// <summary>The first broken predicate, or null. Reads of the transaction are checked by <see cref="Versions"/>.</summary>
    /// <exception cref="OverflowException">A sum does not fit 64 bits.</exception>
    public static Refusal? Check(Transaction transaction, ILedgerView view) =>
        Shapes.Check(transaction) ?? ProgramClosures.Refuse(transaction, view) ?? ByKind(transaction, view) ?? Stops.Check(transaction, view) ?? SumsToZero(transaction) ?? Persons(transaction, view) ?? Limits.Check(transaction, view);

    /// <summary>What the transaction uses up for ever, in order; its command's key apart. Needs the closed part.</summary>
    public static IEnumerable<Claim> Claims(Transaction transaction, ILedgerView view, ClaimKey key) => transaction.Kind switch
    {
        TransactionKind.Enrolment => Enrolments.Claims(transaction, key),
        TransactionKind.HouseholdSplit => HouseholdSplits.Claims(transaction, key),
        TransactionKind.HouseholdMerge => HouseholdMerges.Claims(transaction, key),
        TransactionKind.DisbursementChunk => Chunks.Claims(transaction, view, key),
        TransactionKind.Delivery => FieldDeliveries.Claims(transaction, view, key),
        TransactionKind.DeliveryException => [key.DeviceCounter(transaction.Device!.Device, transaction.Device.Counter)],
        TransactionKind.DeliveryExceptionDecision => LateDecisions.Claims(transaction, view, key),
        TransactionKind.DisbursementCompletion => [key.HoldEnd(view.Peek<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject).Record!.Hold)],
        TransactionKind.Settlement or TransactionKind.PaymentAcceptance or TransactionKind.HoldRelease or TransactionKind.HoldExpiry =>
            HoldEnds.Claims(transaction, key),
        TransactionKind.Redemption => Confirmations.Claims(transaction, key),
        TransactionKind.CashInstruction => Instructions.Claims(transaction, view, key),
        TransactionKind.CashReconciliation or TransactionKind.CashRecall or TransactionKind.CashCorrection => LineEnds.Claims(transaction, view, key),
        _ => [],
    };

    /// <summary>The claims that the transaction opens again, in order. Needs the closed part.</summary>
    public static IEnumerable<Claim> Reopens(Transaction transaction, ILedgerView view) => transaction.Kind switch
    {
        TransactionKind.CashReconciliation or TransactionKind.CashRecall or TransactionKind.CashCorrection => LineEnds.Reopens(transaction, view),
        _ => [],
    };

    /// <summary>Refuses what somebody had before, whose claims were inherited. Needs the closed part.</summary>
    public static Refusal? Inherited(Transaction transaction, ILedgerView view, ClaimKey key) =>
        transaction.Kind is TransactionKind.DisbursementChunk or TransactionKind.Delivery or TransactionKind.CashInstruction
            ? Chunks.Inherited(transaction, view, key)
        : transaction.Kind == TransactionKind.DeliveryExceptionDecision ? LateDecisions.Inherited(transaction, view, key)
        : null;

    /// <summary>Invariant 1: for each unit, postings sum to zero, a chunk's lines included.</summary>
    public static Refusal? SumsToZero(Transaction transaction)
    {
        if (!transaction.HasClosedPart && transaction.Chunk is not null)
        {
            return null;
        }

        var sums = new List<(string Unit, Int128 Sum)>(1);
        foreach (var posting in Effects.AllPostings(transaction))
        {
            var place = 0;
            while (place < sums.Count && sums[place].Unit != posting.Unit)
            {
                place++;
            }

            if (place == sums.Count)
            {
                sums.Add((posting.Unit, 0));
            }

            sums[place] = (posting.Unit, sums[place].Sum + posting.AmountMinor);
        }

        return sums.Exists(one => one.Sum != 0) ? Broken("Postings do not sum to zero.") : null;
    }

    /// <summary>A posting is marked as a person's where its account is a person's, and nowhere else: the mark hides it.</summary>
    private static Refusal? Persons(Transaction transaction, ILedgerView view)
    {
        foreach (var posting in Effects.AllPostings(transaction))
        {
            if (!posting.Account.IsNone
                && view.Peek<AccountRecord>(RecordKind.Account, posting.Account).Record is { } account && account.NamesPerson != posting.OfPerson)
            {
                return Broken("A posting of a person's account stands in the open part, or another's in the closed one.");
            }
        }

        return null;
    }

    /// <summary>Every version read is the newest, and every write is the next version of its record, each record once.</summary>
    /// <param name="newest">0 for a record that does not exist; null for one that has not changed since the decision read it.</param>
    public static Refusal? Versions(Transaction transaction, Func<RecordKey, uint?> newest)
    {
        for (var index = 0; index < transaction.Reads.Count; index++)
        {
            var read = transaction.Reads[index];
            if (newest(read.Key) is { } version && version != read.Version)
            {
                return Stale();
            }
        }

        if (transaction.Writes.Count == 0)
        {
            return null;
        }

        var written = new HashSet<RecordKey>();
        foreach (var write in transaction.Writes)
        {
            if (newest(write.Record.Key) is { } version && (ulong)version + 1 != write.Version)
            {
                return Stale();
            }

            if (!written.Add(write.Record.Key))
            {
                return Broken("A transaction writes a record once.");
            }
        }

        return null;
    }

    /// <summary>A recorded transaction whose shape no decision makes.</summary>
    public static Refusal Broken(string message) => new(RefusalCode.Tampered, message);

    private static Refusal Stale() => new(RefusalCode.Stale, "Something this was decided on has changed; ask again.");

    private static Refusal? ByKind(Transaction transaction, ILedgerView view) => transaction.Kind switch
    {
        TransactionKind.Genesis => Genesis.Check(transaction, view),
        TransactionKind.KeyChange => KeyChanges.Check(transaction, view),
        TransactionKind.Redaction => Redactions.Check(transaction),
        TransactionKind.Registry => Registry.Check(transaction, view),
        TransactionKind.AuditAnchor => AuditAnchors.Check(transaction),
        TransactionKind.Enrolment => Enrolments.Check(transaction, view),
        TransactionKind.Receipt => Receipts.Check(transaction, view),
        TransactionKind.DisbursementApproval => Approvals.Check(transaction, view),
        TransactionKind.DisbursementRelease => Releases.Check(transaction, view),
        TransactionKind.DisbursementChange => StateChanges.Check(transaction, view),
        TransactionKind.DisbursementChunk => Chunks.Check(transaction, view),
        TransactionKind.Delivery => FieldDeliveries.Check(transaction, view),
        TransactionKind.DeliveryException => LateDeliveries.Check(transaction, view),
        TransactionKind.DeliveryExceptionDecision => LateDecisions.Check(transaction, view),
        TransactionKind.DisbursementCompletion => Completions.Check(transaction, view),
        TransactionKind.Redemption => VoucherRedemptions.Check(transaction, view),
        TransactionKind.Transfer => MemberTransfers.Check(transaction, view),
        TransactionKind.SettlementRequest => SettlementRequests.Check(transaction, view),
        TransactionKind.Settlement => SettlementApprovals.Check(transaction, view),
        TransactionKind.Refund or TransactionKind.Recovery => RedemptionRefunds.Check(transaction, view),
        TransactionKind.PayoutReturn => PayoutReturns.Check(transaction, view),
        TransactionKind.HoldRelease or TransactionKind.HoldExpiry => HoldEnds.Check(transaction, view),
        TransactionKind.LotExpiry => LotExpiries.Check(transaction, view),
        TransactionKind.CashInstruction => Instructions.Check(transaction, view),
        TransactionKind.CashReconciliation => Reconciliations.Check(transaction, view),
        TransactionKind.CashRecall => Recalls.Check(transaction, view),
        TransactionKind.CashCorrection => Corrections.Check(transaction, view),
        TransactionKind.InstructionFile => InstructionFiles.Check(transaction, view),
        TransactionKind.ProgramClosure => ProgramClosures.Check(transaction, view),
        TransactionKind.TermsAmendment => Amendments.CheckInEffect(transaction, view),
        TransactionKind.Cost => Costs.Check(transaction, view),
        TransactionKind.CostRecharge => Recharges.Check(transaction, view),
        TransactionKind.ProviderFee or TransactionKind.GrantReturn => GrantOutflows.Check(transaction, view),
        TransactionKind.PendingPayment => PendingPayments.Check(transaction, view),
        TransactionKind.PaymentAcceptance => PaymentAcceptances.Check(transaction, view),
        TransactionKind.Departure => Departures.Check(transaction, view),
        TransactionKind.Demurrage => Charges.Check(transaction, view),
        TransactionKind.Deposit => Deposits.Check(transaction, view),
        TransactionKind.ConversionOut => ConversionsOut.Check(transaction, view),
        TransactionKind.Conversion => Conversions.Check(transaction, view),
        TransactionKind.HouseholdSplit => HouseholdSplits.Check(transaction, view),
        TransactionKind.HouseholdMerge => HouseholdMerges.Check(transaction, view),
        TransactionKind.Death => Deaths.Check(transaction, view),
        TransactionKind.Succession => Successions.Check(transaction, view),
        TransactionKind.OverlapSuspicion => OverlapSuspicions.Check(transaction, view),
        TransactionKind.OverlapDecision => OverlapDecisions.Check(transaction, view),
        _ => Broken("Unknown kind of transaction."),
    };
}
