namespace Humanitarian.Domain.Lots;

/// <summary>A part of a lot: how much of it stems from an earlier lot.</summary>
public readonly record struct LotPart(Id Lot, long AmountMinor);

/// <summary>
/// Value with one origin and one expiry. A receipt's lot has a grant and no parts, and so has a conversion's, whose
/// <see cref="Grants.ConversionRecord"/> names the receipts' lots it was taken from; a disbursement's lot has the receipts' lots it
/// was drawn from as its parts, which sum to its size.
/// </summary>
/// <param name="Origin">The grant of a receipt's or a conversion's lot, the disbursement of a disbursement's lot.</param>
/// <param name="SizeMinor">How much was opened, in minor units.</param>
/// <param name="ExpiresAt">First moment, in Unix milliseconds, at which it is unspendable; <see cref="long.MaxValue"/> for never.</param>
public sealed record LotRecord(Id Id, Id Program, Id Origin, string Unit, long SizeMinor, IReadOnlyList<LotPart> Parts, long ExpiresAt, long OpenedAt)
    : Record(Id)
{
    public override RecordKind Kind => RecordKind.Lot;
    public override Id Parent => Origin;

    /// <summary>True for money as it came in, before any disbursement.</summary>
    public bool IsReceipt => Parts.Count == 0;
}
