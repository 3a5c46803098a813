using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Redemptions;

namespace Humanitarian.Api.Redemptions;

/// <summary>A line of a receipt.</summary>
/// <param name="Item">Code of the goods.</param>
/// <param name="Quantity">How many.</param>
/// <param name="Price">Of one.</param>
[Name("BoughtItem")]
public sealed record BoughtItemView(string Item, int Quantity, Money Price);

/// <summary>A redemption of a program whose terms look back at them.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="VendorAccountId">Where it was.</param>
/// <param name="At">When it was.</param>
/// <param name="Amount">What was paid.</param>
/// <param name="Remaining">What of it has not been given back.</param>
/// <param name="Items">What was bought.</param>
[Name("Redemption")]
public sealed record RedemptionView(
    Id Id, Id ProgramId, Id VendorAccountId, DateTimeOffset At, Money Amount, Money Remaining, IReadOnlyList<BoughtItemView> Items) : INode
{
    internal static RedemptionView Of(RedemptionRecord record) => new(
        record.Id, record.Program, record.Vendor, DateTimeOffset.FromUnixTimeMilliseconds(record.At), new Money(record.AmountMinor, record.Unit),
        new Money(record.RemainingMinor, record.Unit), [.. record.Items.Select(item => new BoughtItemView(item.Item, item.Quantity, new Money(item.PriceMinor, record.Unit)))]);
}

/// <summary>Redemptions at your tills or in your programs.</summary>
public sealed class RedemptionQueries(RedemptionReads redemptions) : IQueries
{
    /// <summary>A redemption; null when there is none that you may see, or the terms look back at none.</summary>
    /// <param name="id">Its id, as <c>redeemVoucher</c> answered it.</param>
    [Allow(Access.Readers)]
    public async Task<RedemptionView?> Redemption(Id id) => await redemptions.FindAsync(id) is { } record ? RedemptionView.Of(record) : null;
}

/// <summary>Redemptions that the caller may see: the vendor's members, and readers of the organisation that runs the program.</summary>
public sealed class RedemptionReads(Access access)
{
    public async Task<RedemptionRecord?> FindAsync(Id id) =>
        await access.FindAsync<RedemptionRecord>(RecordKind.Redemption, id) is { } record
        && (await access.AccountAsync(record.Vendor) is not null || (await access.CoveredProgramAsync(record.Program) is { } program && access.Reads(program.Organisation) && access.CoversAllAreas))
            ? record
            : null;
}
