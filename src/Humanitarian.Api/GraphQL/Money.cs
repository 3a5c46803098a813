using GraphQL;
using Humanitarian.Domain;

namespace Humanitarian.Api.GraphQL;

/// <summary>An amount as it is given.</summary>
/// <param name="AmountMinor">Minor units of the currency.</param>
/// <param name="Currency">Code of the unit: a currency (ISO 4217), hours, points, a commodity.</param>
public sealed record MoneyInput(long AmountMinor, string Currency)
{
    /// <summary>UNIT_MISMATCH unless the amount is in this unit.</summary>
    internal Refusal? Mismatch(string unit, string field) =>
        Currency == unit ? null : new Refusal(RefusalCode.UnitMismatch, $"The amount is in another unit; this counts {unit}.", field);
}

/// <summary>An amount with everything needed to write it: <c>amountMinor</c> × 10^-<c>exponent</c> of the currency.</summary>
/// <param name="AmountMinor">Minor units of the currency.</param>
/// <param name="Currency">Code of the unit: a currency (ISO 4217), hours, points, a commodity.</param>
public sealed record Money(long AmountMinor, string Currency)
{
    /// <summary>Decimal places between the whole unit and the minor unit.</summary>
    [AsParent]
    public async Task<int> Exponent([FromServices] LedgerInfo ledger) =>
        await ledger.UnitAsync(Currency) is { } unit ? unit.Exponent : throw new InvalidDataException($"The unit {Currency} is not defined.");
}
