using Humanitarian.Domain.Lots;

namespace Humanitarian.Domain.Grants;

/// <summary>A cost that was charged to a grant, with the indirect part charged with it, so that both find their lots again.</summary>
/// <param name="At">When it was booked first, in Unix milliseconds; a recharge keeps it.</param>
/// <param name="Direct">The receipts' lots it was paid from, in the grant's currency.</param>
/// <param name="Indirect">The lots of its indirect part; empty for none.</param>
/// <param name="RechargedFrom">The cost of another grant that it stands for; none for one that was booked here first.</param>
/// <param name="RechargedTo">The cost that stands for it since it was recharged to another grant; none while it counts.</param>
public sealed record CostRecord(
    Id Id, Id Program, Id Grant, string BudgetLine, string Unit, long At, IReadOnlyList<LotPart> Direct, IReadOnlyList<LotPart> Indirect,
    Id RechargedFrom, Id RechargedTo) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Cost;
    public override Id Parent => Grant;

    /// <summary>Minor units of the grant's currency, the indirect part apart.</summary>
    public long DirectMinor => Direct.Sum(part => part.AmountMinor);

    /// <summary>Minor units of the grant's currency.</summary>
    public long IndirectMinor => Indirect.Sum(part => part.AmountMinor);

    /// <summary>True while it counts.</summary>
    public bool Counts => RechargedTo.IsNone;
}
