using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// Units are nothing but members' mutual debts: every payment makes as much minus as plus, nothing is issued, paid out or redeemed,
/// and the balances of a program's accounts sum to zero.
/// </summary>
public sealed record MutualCredit : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Kind is not (MovementKind.Transfer or MovementKind.Promise or MovementKind.Accept or MovementKind.Depart)
            ? new Refusal(RefusalCode.MovementForbidden, "Mutual credit is neither issued nor paid out; members pay one another.", "program")
            : movement.Lots.Any(part => !part.Lot.IsNone)
                ? new Refusal(RefusalCode.MovementForbidden, "What a grant backs is no mutual credit.", "amountMinor")
                : OwnAccounts.Check(movement);
}
