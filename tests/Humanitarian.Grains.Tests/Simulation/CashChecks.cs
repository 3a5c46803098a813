using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Tests.Simulation;

/// <summary>
/// What holds after every transaction of a history: the float holds what is under way, no money is lost or made, nobody is paid beyond
/// the entitlement, and a line changes only by what may change it. At the end every line has ended and every budget went back.
/// </summary>
internal static class CashChecks
{
    public static void Hold(IEnumerable<FollowedBlock> chain)
    {
        var (pool, provider) = (new AccountBook(), new AccountBook());
        var lines = new Dictionary<Id, CashLineRecord>();
        var received = 0L;
        foreach (var transaction in chain.SelectMany(block => block.Transactions))
        {
            foreach (var change in Effects.Balances(transaction).Where(change => change.Account == SimStory.Float || change.Account == SimStory.PoolOf(SimStory.Cash)))
            {
                (change.Account == SimStory.Float ? provider : pool).Apply(change);
                received += transaction.Kind == TransactionKind.Receipt ? change.AvailableMinor : 0;
            }

            foreach (var line in transaction.Writes.Select(write => write.Record).OfType<CashLineRecord>())
            {
                Assert.True(MayBecome(lines.GetValueOrDefault(line.Id), line, transaction), $"{transaction.Kind} makes {lines.GetValueOrDefault(line.Id)} to {line}");
                lines[line.Id] = line;
            }

            Assert.Equal((0, UnderWay()), (provider.Available("KES"), provider.Held("KES")));
            Assert.Equal(received, pool.Available("KES") + pool.Held("KES") + UnderWay() + lines.Values.Sum(line => line.DeliveredMinor));
            foreach (var payee in lines.Values.GroupBy(line => line.Account))
            {
                var most = payee.Sum(line => line.State == CashLineState.Instructed ? line.AmountMinor : line.DeliveredMinor);
                Assert.True(most <= SimStory.CashEntitlementMinor, $"{transaction.Kind} brings {most} to {payee.Key}");
                Assert.True(payee.Count(line => line.FollowedBy.IsNone && line.HoldsClaims) <= 1, $"{transaction.Kind} assists {payee.Key} a second time");
            }
        }

        Assert.Equal((0, 0), (UnderWay(), pool.Held("KES")));

        long UnderWay() => lines.Values.Where(line => line.State == CashLineState.Instructed).Sum(line => line.AmountMinor);
    }

    private static bool MayBecome(CashLineRecord? before, CashLineRecord after, Transaction transaction) => transaction.Kind switch
    {
        TransactionKind.CashInstruction when before is null => after is { State: CashLineState.Instructed, DeliveredMinor: 0 },
        TransactionKind.CashInstruction => before is { State: not CashLineState.Instructed, FollowedBy.IsNone: true } && after.FollowedBy == transaction.Subject
            && (before.State, before.DeliveredMinor) == (after.State, after.DeliveredMinor),
        TransactionKind.CashReconciliation => before is { State: CashLineState.Instructed } && after.State is not (CashLineState.Instructed or CashLineState.Recalled),
        TransactionKind.CashRecall => before is { State: CashLineState.Instructed } && before.Until <= transaction.DecidedAt
            && after is { State: CashLineState.Recalled, DeliveredMinor: 0 },
        TransactionKind.CashCorrection => before is { State: not CashLineState.Instructed, FollowedBy.IsNone: true } && after.FollowedBy.IsNone && after.Evidence != before.Evidence,
        _ => false,
    };
}
