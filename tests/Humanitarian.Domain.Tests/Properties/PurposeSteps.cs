using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>Top-ups, instalments and retroactive lists in random lives.</summary>
internal static class PurposeSteps
{
    public static DisbursementRecord WithPurpose(this DisbursementRecord draft, Step step) => draft with { Purpose = Of(step.A) };

    /// <summary>The first five numbers are regular.</summary>
    public static DisbursementPurpose Of(int number) => number switch
    {
        5 => DisbursementPurpose.TopUp,
        6 => DisbursementPurpose.Instalment,
        7 => DisbursementPurpose.Retroactive,
        _ => DisbursementPurpose.Regular,
    };

    /// <summary>Invariant 8: what a person is paid for a period stays within the entitlement of the voucher program.</summary>
    public static void Hold(World world, Model model) => Assert.All(model.PaidForPeriod.Where(entry => entry.Key.Program == World.Voucher), entry =>
    {
        Assert.InRange(entry.Value, 1, 5_000);
        Assert.Equal((long)entry.Value, world.State.Paid(entry.Key.Account, entry.Key.Program, entry.Key.Period)!.Value.SumMinor);
    });
}

internal sealed partial class Model
{
    public Dictionary<(Id Account, Id Program, string Period), Int128> PaidForPeriod { get; } = [];

    private void Count(Transaction transaction, Line line)
    {
        var disbursement = Find<DisbursementRecord>(RecordKind.Disbursement, transaction.Subject)!;
        var key = (line.Account, disbursement.Program, disbursement.Period);
        Must(disbursement.Purpose != DisbursementPurpose.Regular || disbursement.Program != World.Voucher || !PaidForPeriod.ContainsKey(key), "a period was paid twice");
        if (disbursement.Program == World.Voucher && !PaidForPeriod.ContainsKey(key))
        {
            CountForHousehold(disbursement, line, transaction.DecidedAt);
        }

        PaidForPeriod[key] = PaidForPeriod.GetValueOrDefault(key) + line.AmountMinor;
    }
}
