using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>The highest price of an item in a time.</summary>
/// <param name="Item">Code of the goods.</param>
/// <param name="MaximumMinor">Minor units for one.</param>
/// <param name="From">First UTC day, counted from 1970.</param>
/// <param name="Until">First UTC day on which it no longer holds.</param>
public sealed record PriceCeiling(string Item, long MaximumMinor, long From, long Until);

/// <summary>Redemptions name their items, and none costs more than its ceiling of that day.</summary>
public sealed record PriceCeilings(IReadOnlyList<PriceCeiling> Ceilings) : Rule
{
    public override Refusal? Validate() =>
        Ceilings.Count == 0 || Ceilings.Any(ceiling => ceiling.Item.Length is 0 or > 64 || ceiling.MaximumMinor < 0 || ceiling.From >= ceiling.Until)
            ? new Refusal(RefusalCode.InvalidInput, "A ceiling has an item, a price from 0 and ends after it begins.", "terms")
            : null;

    public override Refusal? Check(Movement movement, ILedgerView view)
    {
        // What was bought stands in the closed part, as the payer does.
        if (movement is not { Kind: MovementKind.Redeem, Payer: not null })
        {
            return null;
        }

        if (movement.Items.Count == 0)
        {
            return new Refusal(RefusalCode.ItemsRequired, "A redemption names its items, with their prices.", "items");
        }

        var day = Limits.DayOf(movement.At);
        foreach (var item in movement.Items)
        {
            foreach (var ceiling in Ceilings)
            {
                if (ceiling.Item == item.Item && ceiling.From <= day && day < ceiling.Until && item.PriceMinor > ceiling.MaximumMinor)
                {
                    return new Refusal(RefusalCode.PriceAboveCeiling, $"{ceiling.Item} costs at most {ceiling.MaximumMinor} minor units here.", "items");
                }
            }
        }

        return null;
    }
}
