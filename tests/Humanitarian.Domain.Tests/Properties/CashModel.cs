using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Cash by hand: what each line was sent, what came of it, and that each ended and opened its claims once.</summary>
internal sealed partial class Model
{
    private readonly HashSet<Id> endedLines = [];

    /// <summary>True when the transaction was one of cash.</summary>
    private void Cash(Transaction transaction)
    {
        var lot = Find<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject)?.Lot ?? Id.None;
        foreach (var line in transaction.Writes.Select(write => write.Record).OfType<CashLineRecord>())
        {
            var before = Find<CashLineRecord>(RecordKind.CashLine, line.Id);
            switch (transaction.Kind)
            {
                case TransactionKind.CashInstruction when before is null:
                    Grow(lot, "instructed", line.AmountMinor);
                    break;
                case TransactionKind.CashInstruction:
                    Must(before!.FollowedBy == Id.None && before.State != CashLineState.Instructed, "a line was followed up twice or too early");
                    break;
                case TransactionKind.CashCorrection:
                    Corrected(lot, line.DeliveredMinor - (Int128)before!.DeliveredMinor);
                    break;
                default:
                    Must(before!.State == CashLineState.Instructed && endedLines.Add(line.Id), "a line ended twice");
                    Grow(lot, "delivered", line.DeliveredMinor);
                    Grow(lot, line.State == CashLineState.Recalled ? "recalled" : "failed", line.AmountMinor - (Int128)line.DeliveredMinor);
                    Sum(Retired, World.Unit, line.DeliveredMinor);
                    break;
            }
        }
    }

    private void Corrected(Id lot, Int128 more)
    {
        if (more > 0)
        {
            Grow(lot, "instructed", more);
            Grow(lot, "delivered", more);
            Sum(Retired, World.Unit, more);
        }
        else
        {
            Grow(lot, "reversed", -more);
            Sum(Issued, World.Unit, -more);
        }
    }

    private void Grow(Id lot, string flow, Int128 amount)
    {
        if (amount != 0)
        {
            Flows[(lot, flow)] = Flow(lot, flow) + amount;
        }
    }

    /// <summary>What is with a provider of one lot.</summary>
    public Int128 WithProvider(Id lot) => Flow(lot, "instructed") - Flow(lot, "delivered") - Flow(lot, "failed") - Flow(lot, "recalled");

    /// <summary>What providers delivered of one lot, corrections included.</summary>
    public Int128 Paid(Id lot) => Flow(lot, "delivered") - Flow(lot, "reversed");
}

/// <summary>What must hold of cash after every step.</summary>
internal static class CashChecks
{
    /// <summary>What lines hold on floats.</summary>
    public static IEnumerable<(Id Account, Id Lot, Int128 Amount)> SetAside(Model model) =>
        from line in model.All<CashLineRecord>()
        where line.State == CashLineState.Instructed
        select (CashWorld.Float, model.Find<DisbursementRecord>(RecordKind.Disbursement, line.Disbursement)!.Lot, (Int128)line.AmountMinor);

    public static void Hold(Model model)
    {
        foreach (var lines in model.All<CashLineRecord>().GroupBy(line => line.Disbursement))
        {
            var lot = model.Find<DisbursementRecord>(RecordKind.Disbursement, lines.Key)!.Lot;
            Assert.Equal(model.WithProvider(lot), lines.Where(line => line.State == CashLineState.Instructed).Sum(line => line.AmountMinor));
            Assert.Equal(model.Paid(lot), lines.Sum(line => line.DeliveredMinor));
            Assert.All(lines, line => Assert.InRange(line.DeliveredMinor, 0, line.AmountMinor));
        }

        // Whatever failed and was sent again, nobody receives more for one period than the terms allow, and no household twice.
        foreach (var assisted in model.All<CashLineRecord>().GroupBy(line => (line.Household, model.Find<DisbursementRecord>(RecordKind.Disbursement, line.Disbursement)!.Period)))
        {
            var reachable = assisted.Sum(line => line.State == CashLineState.Instructed ? line.AmountMinor : line.DeliveredMinor);
            Assert.True(reachable <= CashWorld.EntitlementMinor, $"a household may receive {reachable}");
            var first = assisted.Where(line => line.HoldsClaims && line.BeforeMinor == 0).ToArray();
            Assert.True(first.Length <= 1, "a household's period is claimed twice");
            Assert.True(
                first.Length == 0 || reachable <= first[0].AmountMinor
                || assisted.Any(line => model.Find<DisbursementRecord>(RecordKind.Disbursement, line.Disbursement)!.Purpose != DisbursementPurpose.Regular),
                "a follow-up brings more than the rest");
        }

        foreach (var line in model.All<CashLineRecord>())
        {
            Assert.All(line.Claims, claim => Assert.True(!line.HoldsClaims || line.BeforeMinor > 0 || model.Claims.Contains(claim), "a claim in use is open"));
        }
    }
}
