using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Lots;

/// <summary>What stands of flows that can be undone, in minor units.</summary>
public static class NetFlow
{
    /// <summary>Redeemed and not given back.</summary>
    public static long Redeemed(Func<LotFlow, long> of) => checked(of(LotFlow.Redeemed) - of(LotFlow.Refunded));

    /// <summary>Credited to people and neither redeemed nor expired.</summary>
    public static long WithPeople(Func<LotFlow, long> of) => checked(of(LotFlow.Disbursed) - Redeemed(of) - of(LotFlow.Expired));

    /// <summary>Charged as costs and not recharged to another grant.</summary>
    public static long Costs(Func<LotFlow, long> of) => checked(of(LotFlow.Cost) - of(LotFlow.Recharged));

    /// <summary>Charged as indirect costs and not recharged to another grant.</summary>
    public static long Indirect(Func<LotFlow, long> of) => checked(of(LotFlow.Indirect) - of(LotFlow.IndirectRecharged));

    /// <summary>Settled and not come back.</summary>
    public static long Settled(Func<LotFlow, long> of) => checked(of(LotFlow.Settled) - of(LotFlow.PayoutReturned));
}
