using Humanitarian.Domain.Ledgers;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>Every redemption is bound to the hash of an item receipt.</summary>
public sealed record ItemReceipt : Rule
{
    public override Refusal? Check(Movement movement, ILedgerView view) =>
        movement is { Kind: MovementKind.Redeem, HasReceipt: false }
            ? new Refusal(RefusalCode.ReceiptRequired, "A redemption needs the hash of its item receipt.", "receiptHash")
            : null;
}
