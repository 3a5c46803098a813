using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Tests.Support;

namespace Humanitarian.Domain.Tests.Properties;

/// <summary>What the model says must become of a step, where that can be said in a few plain conditions; null where it does not say.</summary>
internal static class Expectations
{
    public static bool? Of(Step step, Model model, long now) => step.Act switch
    {
        Act.Receive => Receive(step, model),
        Act.Redeem => Redeem(step, model, now),
        Act.Transfer => Transfer(step, model, now),
        Act.RequestSettlement => Request(step, model),
        Act.Cost => FundSteps.Expected(step, model),
        Act.Trade => Trade(step, model, 80),
        Act.Promise => step.A is > 0 and < 8 && Trade(step with { A = 0, C = step.C % 5 }, model, long.MaxValue),
        Act.Convert => ConversionSteps.Expected(step, model),
        >= Act.Deposit => LocalSteps.Expected(step, model, now),
        _ => null,
    };

    private static bool Receive(Step step, Model model) =>
        step.AmountMinor > 0 && model.Find<GrantRecord>(RecordKind.Grant, World.GrantId(step.A % 5)) is { Active: true } grant
        && (Int128)grant.ReceivedMinor + step.AmountMinor <= grant.CommitmentMinor
        && Whole(model, World.PoolOf(grant.Program), grant.Unit) + step.AmountMinor <= long.MaxValue;

    private static bool Redeem(Step step, Model model, long now)
    {
        var program = step.A / 2 % 2 == 0 ? World.Voucher : World.Community;
        var (person, shop) = (World.Person(step.B), World.ShopId(step.C % 3));
        var accredited = program == World.Community
            || model.All<AccreditationRecord>().Any(a => a.Program == program && a.VendorAccount == shop && a.Active);
        return step.AmountMinor > 0 && step.C != 4 && accredited && Pays(model, person) && Takes(model, shop, step.AmountMinor)
            && (program == World.Community || (step.C != 5 && step.C <= 5))
            && model.Available(person, lot => IsOf(model, lot, program, now)) >= step.AmountMinor;
    }

    private static bool Transfer(Step step, Model model, long now)
    {
        var (payer, payee) = (World.Person(step.B), World.Person(step.C));
        return step.A >= 2 && step.C < 6 && step.AmountMinor > 0 && payer != payee && Pays(model, payer) && Takes(model, payee, step.AmountMinor)
            && !model.Find<ProgramRecord>(RecordKind.Program, World.Community)!.Terms.Contains("noTransfers", StringComparison.Ordinal)
            && model.Available(payer, lot => IsOf(model, lot, World.Community, now)) >= step.AmountMinor;
    }

    private static bool Request(Step step, Model model)
    {
        var program = step.A / 2 % 2 == 0 ? World.Voucher : World.Community;
        var shop = World.ShopId(step.B % 3);
        return step.AmountMinor > 0 && step.C > 0 && Pays(model, shop) && model.Available(shop, lot => IsOf(model, lot, program, long.MinValue)) >= step.AmountMinor;
    }

    /// <param name="atOnceMinor">Most that is paid without waiting.</param>
    private static bool Trade(Step step, Model model, long atOnceMinor)
    {
        var (payer, payee) = (step.A == 7 ? Exchange.Fund : Exchange.Member(step.B % 5), step.C == 7 ? Exchange.Fund : Exchange.Member(step.C % 5));
        return payer != payee && step.AmountMinor is > 0 && step.AmountMinor <= atOnceMinor && Pays(model, payer) && Takes(model, payee, 0)
            && InvariantChecks.AvailableIn(model, payer, Exchange.Unit) - step.AmountMinor >= -InvariantChecks.LimitOf(model, payer);
    }

    private static bool IsOf(Model model, Id lot, Id program, long now) =>
        model.Find<LotRecord>(RecordKind.Lot, lot) is { Parts: not [] } found && found.Program == program && found.ExpiresAt > now;

    private static bool Pays(Model model, Id account) => model.Find<AccountRecord>(RecordKind.Account, account) is { Status: AccountStatus.Open };

    private static bool Takes(Model model, Id account, long amountMinor) =>
        model.Find<AccountRecord>(RecordKind.Account, account) is { Status: not AccountStatus.Closed } record
        && Whole(model, account) + amountMinor <= record.CeilingMinor;

    private static Int128 Whole(Model model, Id account, string unit = World.Unit) => model.Balances.Where(entry => entry.Key.Account == account && entry.Key.Unit == unit)
        .Aggregate((Int128)0, (sum, entry) => sum + entry.Value.Available + entry.Value.Held);
}
