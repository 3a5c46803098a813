using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Ledgers;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// Both sides of a payment give a share of its price to the commons fund. Shares are of the price, never of each other, and are
/// rounded down to the minor unit. What the fund itself pays or is paid bears none.
/// </summary>
/// <param name="PayerPerMillion">The payer's share beside the price, in millionths of it.</param>
/// <param name="PayeePerMillion">The payee's share of the price, in millionths of it.</param>
public sealed record Levy(int PayerPerMillion, int PayeePerMillion) : Rule
{
    private const int Million = 1_000_000;

    public override Refusal? Validate() =>
        PayerPerMillion is >= 0 and < Million && PayeePerMillion is >= 0 and < Million
            ? null
            : new Refusal(RefusalCode.InvalidInput, "A levy is at least zero and less than the whole price.", "terms");

    public override Movement Decide(Movement movement, ILedgerView view) =>
        Bears(movement) && CommonsFund.Of(movement.Program, view) is { } fund
            ? movement with { Legs = [.. movement.Legs, .. Share(movement, movement.Payer!, fund, PayerPerMillion), .. Share(movement, movement.Payee!, fund, PayeePerMillion)] }
            : movement;

    public override Refusal? Check(Movement movement, ILedgerView view) =>
        Bears(movement) && CommonsFund.Of(movement.Program, view) is null ? CommonsFund.Missing() : null;

    // A promise bears none: what the payer owes then is due when it is accepted, or never.
    private static bool Bears(Movement movement) =>
        movement is { Kind: MovementKind.Transfer or MovementKind.Accept, Payer.AccountKind: not AccountKind.CommonsFund, Payee.AccountKind: not AccountKind.CommonsFund };

    private static Posting[] Share(Movement movement, AccountRecord from, AccountRecord fund, int perMillion)
    {
        var share = (long)((Int128)movement.AmountMinor * perMillion / Million);
        return share == 0
            ? []
            :
            [
                new Posting(from.Id, from.NamesPerson, movement.Program.Unit, Id.None, -share),
                new Posting(fund.Id, false, movement.Program.Unit, Id.None, share),
            ];
    }
}
