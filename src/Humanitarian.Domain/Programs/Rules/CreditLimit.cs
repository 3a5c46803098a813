using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;
using Humanitarian.Domain.Units;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// How far below zero an account may pay. The limit begins at <paramref name="OpeningMinor"/> and grows by everything the account
/// receives, up to its own floor: L' = min(cap, L + received). An account beyond its limit is only kept from going further out.
/// The commons fund has no limit but its floor.
/// </summary>
/// <param name="OpeningMinor">Limit of an account that has received nothing, in minor units; with zero nobody could begin.</param>
/// <param name="MaximumMinor">Largest cap that a registrar gives an account; an administrator may give more. In minor units.</param>
public sealed record CreditLimit(long OpeningMinor, long MaximumMinor) : Rule
{
    /// <summary>Largest cap of any account, so that millions of accounts at their limits sum up without overflow.</summary>
    public const long LargestMinor = 1_000_000_000_000;

    public override Refusal? Validate() =>
        OpeningMinor > 0 && MaximumMinor >= OpeningMinor && MaximumMinor <= LargestMinor
            ? null
            : new Refusal(RefusalCode.InvalidInput, "openingMinor must be positive and maximumMinor at least as much.", "terms");

    /// <summary>An account's limit now, in minor units, from what it has received so far.</summary>
    public long LimitOf(AccountRecord account, AccountBook book, string unit) =>
        account.AccountKind == AccountKind.CommonsFund
            ? -account.FloorMinor
            : (long)Int128.Min(-(Int128)account.FloorMinor, (Int128)OpeningMinor + book.Available(UnitRecord.ReceivedOf(unit)));

    public override Movement Decide(Movement movement, ILedgerView view) =>
        movement is { Kind: MovementKind.Transfer or MovementKind.Accept, Payee: { FloorMinor: < 0, AccountKind: not AccountKind.CommonsFund } payee }
            ? movement with { Legs = [.. movement.Legs, .. Received(payee, movement)] }
            : movement;

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement is { Kind: MovementKind.Transfer or MovementKind.Promise or MovementKind.Accept, Payer: { } payer, OutwardMinor: var outward }
        && outward > 0 && view.Book(payer.Id) is { } book
        && (Int128)book.Available(movement.Program.Unit) - outward < -(Int128)LimitOf(payer, book, movement.Program.Unit)
            ? new Refusal(
                RefusalCode.CreditLimitReached,
                $"The payment would take the account past its credit limit of {LimitOf(payer, book, movement.Program.Unit)} minor units; it can still receive.",
                "amountMinor")
            : null;

    private static Posting[] Received(AccountRecord payee, Movement movement)
    {
        var unit = UnitRecord.ReceivedOf(movement.Program.Unit);
        var counted = Math.Min(movement.AmountMinor, LargestMinor);
        return
        [
            new Posting(WorldAccount.IdOf(unit), false, unit, Id.None, -counted),
            new Posting(payee.Id, payee.NamesPerson, unit, Id.None, counted),
        ];
    }
}
