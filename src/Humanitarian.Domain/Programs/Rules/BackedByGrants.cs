using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// Units are issued only from what the program's own grants brought in its currency, received or converted, while each grant is
/// eligible; nothing else moves.
/// </summary>
public sealed record BackedByGrants : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view)
    {
        if (movement.Kind != MovementKind.Issue)
        {
            return movement.Lots.Any(part => part.Lot.IsNone)
                ? new Refusal(RefusalCode.InsufficientFunds, "Only what a grant backs moves in this program; there is no credit.", "amountMinor")
                : null;
        }

        foreach (var part in movement.Lots)
        {
            if (view.Lot(part.Lot) is not { IsReceipt: true } lot || lot.Unit != movement.Program.Unit || view.Grant(lot.Origin).Record is not { } grant || grant.Program != movement.Program.Id)
            {
                return new Refusal(RefusalCode.GrantIneligible, "Only money of this program's grants, in the program's currency, may be drawn on.", "grants");
            }

            if (!grant.Active || movement.At < grant.EligibleFrom || movement.At >= grant.EligibleUntil)
            {
                return new Refusal(RefusalCode.GrantIneligible, "A grant is outside its eligibility dates; choose another or extend it.", "grants");
            }
        }

        return null;
    }
}
