using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;
using Orleans;

namespace Humanitarian.Domain.Redemptions;

/// <summary>A line of a receipt.</summary>
/// <param name="Item">Code of the goods, 1 to 64 characters.</param>
/// <param name="Quantity">How many, at least 1.</param>
/// <param name="PriceMinor">Minor units for one.</param>
[GenerateSerializer, Immutable, Alias("BoughtItem")]
public readonly record struct BoughtItem([property: Orleans.Id(0)] string Item, [property: Orleans.Id(1)] int Quantity, [property: Orleans.Id(2)] long PriceMinor);

/// <summary>A redemption that can be looked back at: what was bought, and what of it has not been given back. Kept where the terms ask for it.</summary>
/// <param name="At">Unix milliseconds.</param>
/// <param name="Parts">What has not been given back, by lot in the order it was spent.</param>
public sealed record RedemptionRecord(
    Id Id, Id Program, Id Account, Id Vendor, string Unit, long At, long AmountMinor, IReadOnlyList<LotPart> Parts, IReadOnlyList<BoughtItem> Items) : Record(Id)
{
    /// <summary>Most lines of a receipt.</summary>
    public const int MaximumItems = 64;

    public override RecordKind Kind => RecordKind.Redemption;
    public override Id Parent => Vendor;
    public override bool NamesPerson => true;

    /// <summary>What has not been given back, in minor units.</summary>
    public long RemainingMinor => Parts.Sum(part => part.AmountMinor);

    /// <summary>True where a program's terms look back at redemptions.</summary>
    internal static bool IsKept(ProgramRecord program) => TermsJson.Of(program) is var terms && (terms.Find<Refunds>() is not null || terms.Find<PriceCeilings>() is not null);

    /// <summary>The record that a redemption writes, or null.</summary>
    internal static RedemptionRecord? Of(Transaction transaction)
    {
        foreach (var write in transaction.Writes)
        {
            if (write is { Version: 1, Record: RedemptionRecord record })
            {
                return record;
            }
        }

        return null;
    }

    internal bool Is(RedemptionRecord other) =>
        this with { Parts = other.Parts, Items = other.Items } == other && Parts.SequenceEqual(other.Parts) && Items.SequenceEqual(other.Items);

    internal Refusal? WrongItems()
    {
        Int128 sum = 0;
        foreach (var item in Items)
        {
            if (item.Item is not { Length: > 0 and <= Shapes.MaximumLabelLength } || item.Quantity < 1 || item.PriceMinor < 0)
            {
                return new Refusal(RefusalCode.InvalidInput, "An item has a code of 1 to 64 characters, a quantity from 1 and a price from 0.", "items");
            }

            sum += (Int128)item.Quantity * item.PriceMinor;
        }

        return Items.Count > MaximumItems ? new Refusal(RefusalCode.InvalidInput, $"A receipt has at most {MaximumItems} items.", "items")
            : Items.Count > 0 && sum != AmountMinor ? new Refusal(RefusalCode.InvalidInput, "The items do not sum to the amount.", "items")
            : null;
    }
}
