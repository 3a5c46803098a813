using Humanitarian.Domain.Grants;

namespace Humanitarian.Grains.Reading;

/// <summary>
/// Traces of converted money in the donor's currency, at each conversion's own value. Every part is valued down, so that none that
/// only grows ever shrinks and none exceeds its whole; what the donor's minor unit cannot show stands in a part of its own.
/// </summary>
internal static class ConversionTraces
{
    /// <summary>
    /// A conversion's node: donated + exchange gain = unspent + disbursed − expired + costs + returned + exchange loss + rounding.
    /// </summary>
    /// <param name="local">The conversion's lot in the program's currency.</param>
    public static TraceNode InDonorsCurrency(TraceNode local, ConversionRecord conversion)
    {
        var children = local.Children.Select(child => Part(child, conversion)).ToArray();
        var (unspent, costs, returned) = (conversion.ValueOf(local.UnspentMinor), conversion.ValueOf(local.CostsMinor), conversion.ValueOf(local.ReturnedMinor));
        var sum = LedgerReader.Sum("conversion", conversion.Id, conversion.FromUnit, children);
        return sum with
        {
            DonatedMinor = conversion.FromMinor,
            UnspentMinor = unspent,
            CostsMinor = costs,
            ReturnedMinor = returned,
            ExchangeLossMinor = conversion.LossMinor,
            ExchangeGainMinor = conversion.GainMinor,
            RoundingMinor = conversion.ValueMinor - unspent - (sum.DisbursedMinor - sum.ExpiredMinor) - costs - returned,
            Rate = conversion.Rate,
            Local = local with { Label = "conversion" },
        };
    }

    /// <summary>A grant's node over receipts and conversions: what a conversion took was donated in a receipt and counts once.</summary>
    public static TraceNode OfGrant(TraceNode sum)
    {
        TraceNode[] converted = [.. sum.Children.Select(child => child.Local).OfType<TraceNode>()];
        return converted.Length == 0 ? sum : sum with
        {
            DonatedMinor = sum.Children.Where(child => child.Local is null).Sum(child => child.DonatedMinor),
            Local = LedgerReader.Sum(sum.Label, sum.Id, converted[0].Unit, converted) with { Children = [] },
        };
    }

    // Held and expired follow from what people kept, so that they are nothing when they are nothing.
    private static TraceNode Part(TraceNode local, ConversionRecord conversion)
    {
        var kept = conversion.ValueOf(local.DisbursedMinor - local.ExpiredMinor);
        var (share, disbursed, redeemed) = (conversion.ValueOf(local.DonatedMinor), conversion.ValueOf(local.DisbursedMinor), conversion.ValueOf(local.RedeemedMinor));
        return new TraceNode(
            local.Label, local.Id, conversion.FromUnit, share, share - kept, disbursed, redeemed, conversion.ValueOf(local.SettledMinor), disbursed - kept,
            kept - redeemed, 0, 0, [])
        {
            Local = local,
        };
    }
}
