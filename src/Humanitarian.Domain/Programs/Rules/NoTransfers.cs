using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>Units do not pass between beneficiaries or members: they are received and redeemed.</summary>
public sealed record NoTransfers : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Kind == MovementKind.Transfer
            ? new Refusal(RefusalCode.TransferForbidden, "This program's units cannot be passed on; redeem them at an accredited vendor.")
            : null;
}
