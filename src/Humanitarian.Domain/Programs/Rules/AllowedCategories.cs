using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>A restriction: vouchers buy goods of these categories only, and every redemption names its categories.</summary>
public sealed record AllowedCategories(IReadOnlyList<string> Categories) : Rule
{
    public override Refusal? Validate() =>
        Categories.Count > 0 ? null : new Refusal(RefusalCode.InvalidInput, "categories must name at least one.", "terms");

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Kind == MovementKind.Redeem
        && (movement.Categories.Count == 0 || movement.Categories.Any(category => !Categories.Contains(category)))
            ? new Refusal(RefusalCode.CategoryNotAllowed, $"Vouchers of this program buy: {string.Join(", ", Categories)}.", "categories")
            : null;
}
