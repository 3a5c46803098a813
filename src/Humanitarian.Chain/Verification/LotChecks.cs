using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Chain.Verification;

/// <summary>What must hold of the whole ledger once everything is replayed: invariants 1, 8 and 9 over all accounts and lots.</summary>
public static class LotChecks
{
    /// <summary>The first sum that does not add up, or null. The state must hold the closed parts' accounts.</summary>
    public static VerificationFailure? Check(LedgerState state, ulong height)
    {
        var byUnit = new Dictionary<string, Int128>();
        var byLot = new Dictionary<Id, Int128>();
        foreach (var (account, book) in state.Books)
        {
            foreach (var balance in book.Balances(account))
            {
                var whole = (Int128)balance.AvailableMinor + balance.HeldMinor;
                byUnit[balance.Unit] = byUnit.GetValueOrDefault(balance.Unit) + whole;
                if (!balance.Lot.IsNone && !WorldAccount.Is(account, balance.Unit))
                {
                    byLot[balance.Lot] = byLot.GetValueOrDefault(balance.Lot) + whole;
                }
            }
        }

        if (byUnit.FirstOrDefault(unit => unit.Value != 0) is { Key: { } broken })
        {
            return Invariants.Fail(Invariants.SumsToZero, height, null, $"Balances of {broken} are not what was issued less what was retired.");
        }

        var cash = CashLines(state);
        foreach (var (_, record) in state.Records)
        {
            var message = record switch
            {
                LotRecord lot => OfLot(state, lot, byLot.GetValueOrDefault(lot.Id)),
                DisbursementRecord { Cash: not null } d when CashBroken(state, d, cash.GetValueOrDefault(d.Id)) =>
                    (Invariants.Disbursements, "What was delivered, failed, was recalled and is with the provider is not what was instructed."),
                DisbursementRecord { State: DisbursementState.Completed } d
                    when Flow(state, d.Lot, LotFlow.Disbursed) + Paid(state, d.Lot) + Flow(state, d.Lot, LotFlow.Undelivered) != d.TotalMinor =>
                    (Invariants.Disbursements, "A completed disbursement's delivered and undelivered parts are not its list's total."),
                ConversionRecord c when c.FromMinor + Flow(state, c.Id, LotFlow.ExchangeGain) != c.ValueMinor + Flow(state, c.Id, LotFlow.ExchangeLoss) =>
                    (Invariants.Donations, $"The exchange differences of conversion {c.Id} are not those of its rate."),
                _ => default((int, string)?),
            };
            if (message is var (invariant, text))
            {
                return Invariants.Fail(invariant, height, null, text);
            }
        }

        return null;
    }

    private static (int Invariant, string Message)? OfLot(LedgerState state, LotRecord lot, Int128 balance)
    {
        Int128 Sum(params ReadOnlySpan<LotFlow> flows)
        {
            Int128 sum = 0;
            foreach (var flow in flows)
            {
                sum += Flow(state, lot.Id, flow);
            }

            return sum;
        }

        if (lot.IsReceipt)
        {
            var left = lot.SizeMinor - Sum(LotFlow.Drawn, LotFlow.Cost, LotFlow.Indirect, LotFlow.Fee, LotFlow.Returned, LotFlow.Converted)
                + Sum(LotFlow.Restored, LotFlow.Recovered, LotFlow.Recharged, LotFlow.IndirectRecharged);
            return left == balance ? null : (Invariants.Donations, $"The parts of receipt {lot.Id} do not sum to the receipt.");
        }

        var disbursed = Sum(LotFlow.Disbursed);
        var paid = Paid(state, lot.Id);
        var redeemed = NetFlow.Redeemed(flow => state.Flow(lot.Id, flow));
        var settled = NetFlow.Settled(flow => state.Flow(lot.Id, flow));
        return disbursed + paid + Sum(LotFlow.Undelivered) > lot.SizeMinor || paid < 0 ? (Invariants.Disbursements, $"Lot {lot.Id} paid more than its budget.")
            : settled < 0 || settled > redeemed || redeemed + Sum(LotFlow.Expired) > disbursed
              || lot.SizeMinor - paid - settled - Sum(LotFlow.Undelivered, LotFlow.Expired) != balance
                ? (Invariants.Donations, $"The parts of lot {lot.Id} do not sum to the lot.")
            : null;
    }

    // Every line's record is in closed parts, so this is asked of a whole replay only.
    private static Dictionary<Id, (Int128 WithProvider, Int128 Delivered)> CashLines(LedgerState state)
    {
        var sums = new Dictionary<Id, (Int128 WithProvider, Int128 Delivered)>();
        foreach (var line in state.Records.Select(entry => entry.Record).OfType<CashLineRecord>())
        {
            var (with, delivered) = sums.GetValueOrDefault(line.Disbursement);
            sums[line.Disbursement] = (with + (line.State == CashLineState.Instructed ? line.AmountMinor : 0), delivered + line.DeliveredMinor);
        }

        return sums;
    }

    private static bool CashBroken(LedgerState state, DisbursementRecord disbursement, (Int128 WithProvider, Int128 Delivered) lines) =>
        lines.WithProvider != Flow(state, disbursement.Lot, LotFlow.Instructed) - Flow(state, disbursement.Lot, LotFlow.Delivered)
            - Flow(state, disbursement.Lot, LotFlow.Failed) - Flow(state, disbursement.Lot, LotFlow.Recalled)
        || lines.Delivered != Paid(state, disbursement.Lot)
        || (disbursement.State == DisbursementState.Completed && lines.WithProvider != 0);

    private static Int128 Paid(LedgerState state, Id lot) => Flow(state, lot, LotFlow.Delivered) - Flow(state, lot, LotFlow.Reversed);

    private static Int128 Flow(LedgerState state, Id lot, LotFlow flow) => state.Flow(lot, flow);
}
