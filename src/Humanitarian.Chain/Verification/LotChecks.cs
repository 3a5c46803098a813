using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
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

        foreach (var (_, record) in state.Records)
        {
            var message = record switch
            {
                LotRecord lot => OfLot(state, lot, byLot.GetValueOrDefault(lot.Id)),
                DisbursementRecord { State: DisbursementState.Completed } d when Flow(state, d.Lot, LotFlow.Disbursed) + Flow(state, d.Lot, LotFlow.Undelivered) != d.TotalMinor =>
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
            var left = lot.SizeMinor - Sum(LotFlow.Drawn, LotFlow.Cost, LotFlow.Returned, LotFlow.Converted) + Sum(LotFlow.Restored, LotFlow.Recovered);
            return left == balance ? null : (Invariants.Donations, $"The parts of receipt {lot.Id} do not sum to the receipt.");
        }

        var disbursed = Sum(LotFlow.Disbursed);
        return disbursed + Sum(LotFlow.Undelivered) > lot.SizeMinor ? (Invariants.Disbursements, $"Lot {lot.Id} paid more than its budget.")
            : Sum(LotFlow.Settled) > Sum(LotFlow.Redeemed) || Sum(LotFlow.Redeemed, LotFlow.Expired) > disbursed
              || lot.SizeMinor - Sum(LotFlow.Undelivered, LotFlow.Settled, LotFlow.Expired) != balance
                ? (Invariants.Donations, $"The parts of lot {lot.Id} do not sum to the lot.")
            : null;
    }

    private static Int128 Flow(LedgerState state, Id lot, LotFlow flow) => state.Flow(lot, flow);
}
