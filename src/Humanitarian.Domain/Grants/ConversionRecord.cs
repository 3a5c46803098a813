using Humanitarian.Domain.Lots;

namespace Humanitarian.Domain.Grants;

/// <summary>
/// A grant's money as it passed from the donor's currency into the program's. Its id is that of the lot it opened; that lot carries
/// the amount received, this record everything else. It never changes.
/// </summary>
/// <param name="FromMinor">What left the donor's currency, in its minor units.</param>
/// <param name="Sources">The receipts' lots it was taken from, first in first out; they sum to <paramref name="FromMinor"/>.</param>
/// <param name="ToMinor">What the bank paid out, in minor units of the program's currency: the lot's size.</param>
/// <param name="Rate">The rate that was agreed, as <see cref="ExchangeRate"/> writes it.</param>
/// <param name="ValueMinor">
/// What <paramref name="ToMinor"/> is worth at that rate, in minor units of the donor's currency. Where it differs from
/// <paramref name="FromMinor"/>, the exchange lost or gained the difference.
/// </param>
/// <param name="OnDay">The bank's value date, in days since 1970.</param>
/// <param name="Evidence">Hash of the bank's advice.</param>
public sealed record ConversionRecord(
    Id Id, Id Grant, string FromUnit, long FromMinor, IReadOnlyList<LotPart> Sources, string ToUnit, long ToMinor, string Rate, long ValueMinor, long OnDay,
    Hash32 Evidence) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Conversion;
    public override Id Parent => Grant;

    /// <summary>Lost in exchange, in minor units of the donor's currency; 0 for a gain.</summary>
    public long LossMinor => Math.Max(0, FromMinor - ValueMinor);

    /// <summary>Gained in exchange, in minor units of the donor's currency; 0 for a loss.</summary>
    public long GainMinor => Math.Max(0, ValueMinor - FromMinor);

    /// <summary>
    /// What some units of the lot are worth in minor units of the donor's currency, rounded down. It never shrinks as the units grow,
    /// and parts are never worth more than their whole; the whole lot is worth <see cref="ValueMinor"/>.
    /// </summary>
    public long ValueOf(long amountMinor) => (long)((Int128)ValueMinor * amountMinor / ToMinor);
}
