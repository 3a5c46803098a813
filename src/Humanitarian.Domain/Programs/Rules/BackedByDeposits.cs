using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// Units are opened only against money that is deposited one to one into the program's reserve, gifts included, and leave it again only
/// by conversion, for accounts with the tag, less a fee: one part of it is kept in units for the commons fund, its reserve with it, the
/// other is paid out for running costs. No account goes below zero, whatever its credit.
/// </summary>
/// <param name="Money">Unit of the reserve, with as many decimal places as the program's.</param>
/// <param name="ConvertibleTag">The tag of accounts that may convert, such as professional.</param>
/// <param name="DonationPerMillion">Part of what is converted that goes to the commons fund, in millionths, rounded down.</param>
/// <param name="RunningPerMillion">Part for running costs, in millionths; it bears the rounding.</param>
public sealed record BackedByDeposits(string Money, string ConvertibleTag, int DonationPerMillion, int RunningPerMillion) : Rule
{
    private const int Million = 1_000_000;

    public override Refusal? Validate() =>
        Units.UnitRecord.IsCode(Money) && ConvertibleTag.Length is > 0 and <= 64
        && DonationPerMillion is >= 0 and < Million && RunningPerMillion is >= 0 and < Million && DonationPerMillion + RunningPerMillion < Million
            ? null
            : new Refusal(RefusalCode.InvalidInput, "Money is a unit's code, the tag has 1 to 64 characters, and the fee's parts are less than the whole.", "terms");

    public override Refusal? Check(Movement movement, ILedgerView view) => movement.Kind switch
    {
        _ when movement.Lots.Any(part => !part.Lot.IsNone) =>
            new Refusal(RefusalCode.MovementForbidden, "What a grant backs is not what deposits back.", "amountMinor"),
        MovementKind.Transfer or MovementKind.Promise or MovementKind.Accept or MovementKind.Depart => OwnAccounts.Check(movement) ?? CheckBalance(movement, view),
        MovementKind.Deposit => OwnAccounts.Check(movement) ?? CheckUnits(movement.Program, view),
        MovementKind.ConvertOut when movement.Payer?.Tags.Contains(ConvertibleTag) != true =>
            new Refusal(RefusalCode.MovementForbidden, $"Only accounts with the tag {ConvertibleTag} convert back into money.", "account"),
        MovementKind.ConvertOut => OwnAccounts.Check(movement) ?? CheckUnits(movement.Program, view) ?? CheckBalance(movement, view),
        _ => new Refusal(RefusalCode.MovementForbidden, "Units are opened by deposits of money and leave by conversion only.", "program"),
    };

    /// <summary>How a converted amount splits: what is paid out, what the commons fund keeps, what running costs take.</summary>
    public (long PayoutMinor, long DonationMinor, long RunningMinor) Split(long amountMinor)
    {
        var payout = (long)((Int128)amountMinor * (Million - DonationPerMillion - RunningPerMillion) / Million);
        var donation = (long)((Int128)amountMinor * DonationPerMillion / Million);
        return (payout, donation, amountMinor - payout - donation);
    }

    // An account may have credit of its own, but what it paid with that would be units that nobody deposited.
    private static Refusal? CheckBalance(Movement movement, ILedgerView view) =>
        movement is { Payer: { FloorMinor: < 0 } payer, OutwardMinor: var outward } && outward > 0
        && view.Book(payer.Id) is { } book && book.Available(movement.Program.Unit) < outward
            ? new Refusal(RefusalCode.InsufficientFunds, "The account does not have enough; what deposits back knows no credit.", "amountMinor")
            : null;

    private Refusal? CheckUnits(ProgramRecord program, ILedgerView view) =>
        Money != program.Unit && view.Unit(Money) is { } money && view.Unit(program.Unit) is { } unit && money.Exponent == unit.Exponent
            ? null
            : new Refusal(RefusalCode.UnitMismatch, "Reserve and currency are two units with as many decimal places.", "program");
}
