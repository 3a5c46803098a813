using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// A vendor is accredited, and a provider instructed, only with a clear result that still counts of each list, recorded by the program's
/// organisation; who is found on a list later is paid no more. Beneficiaries are never screened.
/// </summary>
public sealed record Screened(IReadOnlyList<string> Lists) : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement is { Kind: MovementKind.Redeem, Payee: { } vendor } ? Screenings.RefuseHit(movement.Program, vendor.Organisation, view) : null;

    public override Refusal? Validate() =>
        Lists.Count is > 0 and <= 16 && Lists.Distinct().Count() == Lists.Count && Lists.All(list => list.Length is > 0 and <= Screenings.MaximumList)
            ? null
            : new Refusal(RefusalCode.InvalidInput, "lists must name 1 to 16 lists, each once.", "terms");
}
