using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>Nobody but the commons fund holds more than this; each account's own holding limit may be lower.</summary>
/// <param name="MaximumMinor">Highest holding limit of an account that receives, in minor units.</param>
public sealed record HoldingLimit(long MaximumMinor) : Rule
{
    public override Refusal? Validate() =>
        MaximumMinor is > 0 and < long.MaxValue ? null : new Refusal(RefusalCode.InvalidInput, "maximumMinor must be positive.", "terms");

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement.Payee is { AccountKind: not AccountKind.CommonsFund } payee && payee.CeilingMinor > MaximumMinor
            ? new Refusal(RefusalCode.MovementForbidden, $"The account to pay needs a holding limit of at most {MaximumMinor} minor units.", "payee")
            : null;
}
