using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>Beneficiaries pay only vendors the program has accredited, for the categories of goods it accredited them for.</summary>
public sealed record AccreditedVendors : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view)
    {
        if (movement.Kind != MovementKind.Redeem)
        {
            return null;
        }

        if (movement.Payee is not { } payee || view.Accreditation(movement.Program.Id, payee.Id) is not { Active: true } accreditation)
        {
            return new Refusal(RefusalCode.VendorNotAccredited, "The vendor is not accredited in this program.", "vendorAccount");
        }

        return accreditation.Categories.Count > 0 && movement.Categories.Any(category => !accreditation.Categories.Contains(category))
            ? new Refusal(RefusalCode.CategoryNotAllowed, "The vendor is not accredited for one of these categories.", "categories")
            : null;
    }
}
