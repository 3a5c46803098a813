using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Redemptions;
using Humanitarian.Domain.Settlements;
using Humanitarian.Domain.Tests.Support;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>What is undone of redemptions and pay-outs in random lives.</summary>
internal static class RefundSteps
{
    /// <summary>The voucher program's tills take redemptions back for two days.</summary>
    public static void Allow(World world)
    {
        var program = world.Get<ProgramRecord>(RecordKind.Program, World.Voucher)!;
        var terms = TermsJson.Read(program.Terms.Replace("{\"rule\":\"noTransfers\"}", "{\"rule\":\"noTransfers\"},{\"rule\":\"refunds\",\"days\":2}", StringComparison.Ordinal)).Value!;
        world.Amend(program with { Terms = TermsJson.Write(terms) });
    }

    /// <summary>A redemption that may be taken back, of which a part was paid out and may come back.</summary>
    public static void Warm(World world)
    {
        world.Order(VoucherRedemptions.Decide(
            new RedeemCommand(World.Voucher, World.Person(0), World.ShopId(0), 60, ["food"], World.HashOf("till")), world.Scope(World.Cashier, "first till"), world.State));
        world.Order(SettlementRequests.Decide(
            World.Voucher, World.ShopId(0), World.IdOf("first settlement"), 30, world.Now + (600 * World.Minute), world.Scope(World.Cashier), world.State));
        world.Order(SettlementApprovals.Decide(
            World.IdOf("first settlement"), 20, World.HashOf("bank"), [world.Sign(World.Finance)], world.Scope(World.Finance, "first bank"), world.State));
    }

    public static Outcome<Transaction>? Decide(Step step, World world, int number)
    {
        if (step.Act == Act.ReturnPayout)
        {
            return Chosen<PayoutRecord>(step, world) is { } payout
                ? PayoutReturns.Decide(payout.Id, World.HashOf("bounced"), [world.Sign(World.Finance)], world.Scope(World.Finance, $"bounced {number}"), world.State)
                : default(Outcome<Transaction>?);
        }

        var by = step.B > 4 ? World.Finance : World.Cashier;
        return Chosen<RedemptionRecord>(step, world) is { } redemption
            ? RedemptionRefunds.Decide(
                redemption.Id, step.AmountMinor, World.HashOf("slip"), recovery: step.B > 4, [world.Sign(by)], world.Scope(by, $"back {number}"), world.State)
            : default(Outcome<Transaction>?);
    }

    /// <summary>What redemptions and pay-outs still say of a lot is what was redeemed and settled of it.</summary>
    public static void Hold(Model model)
    {
        var redeemed = model.All<RedemptionRecord>().SelectMany(record => record.Parts).ToLookup(part => part.Lot, part => part.AmountMinor);
        var settled = model.All<PayoutRecord>().Where(payout => payout.ReturnedBy.IsNone).SelectMany(payout => payout.Parts).ToLookup(part => part.Lot, part => part.AmountMinor);
        foreach (var lot in model.All<LotRecord>().Where(lot => lot.Parts.Count > 0))
        {
            Assert.Equal(settled[lot.Id].Sum(), model.Flow(lot.Id, "settled") - model.Flow(lot.Id, "payoutreturned"));
            if (lot.Program == World.Voucher)
            {
                Assert.Equal(redeemed[lot.Id].Sum(), model.Flow(lot.Id, "redeemed") - model.Flow(lot.Id, "refunded"));
            }
        }

        Assert.All(model.All<RedemptionRecord>(), record => Assert.InRange(record.RemainingMinor, 0, record.AmountMinor));
    }

    private static T? Chosen<T>(Step step, World world)
        where T : Record
    {
        T[] all = [.. world.State.Records.Select(entry => entry.Record).OfType<T>()];
        return all.Length == 0 ? null : all[((step.A * 8) + step.C) % all.Length];
    }
}

internal sealed partial class Model
{
    private void Spend(Transaction transaction)
    {
        foreach (var posting in transaction.Postings.Where(posting => posting.AmountMinor > 0))
        {
            foreach (var use in new[] { LotUse.OnCategory(posting.Lot, transaction.Labels.Count == 1 ? transaction.Labels[0] : ""), LotUse.AtVendor(posting.Lot, posting.Account) })
            {
                Flows[(use, "spent")] = Flow(use, "spent") + posting.AmountMinor;
            }
        }
    }

    private void ComeBack(Transaction transaction)
    {
        foreach (var posting in transaction.Postings.Where(posting => posting.AmountMinor > 0))
        {
            Sum(Retired, posting.Unit, -(Int128)posting.AmountMinor);
        }
    }
}
