using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Grants;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Grants;

/// <summary>A line of a grant's budget: what a purpose may cost at most and has cost so far.</summary>
[Name("BudgetLine")]
public sealed record BudgetLineView(string Code, Money Limit, Money Spent);

/// <summary>A donor's money for a program.</summary>
[Name("Grant")]
public sealed record GrantView(
    Id Id, Id DonorId, Id ProgramId, Money Commitment, Money Received, DateTimeOffset EligibleFrom, DateTimeOffset EligibleUntil, string Earmark,
    IReadOnlyList<BudgetLineView> BudgetLines, bool Active)
{
    internal static GrantView Of(GrantRecord record) => new(
        record.Id, record.Donor, record.Program, new Money(record.CommitmentMinor, record.Unit), new Money(record.ReceivedMinor, record.Unit),
        DateTimeOffset.FromUnixTimeMilliseconds(record.EligibleFrom), DateTimeOffset.FromUnixTimeMilliseconds(record.EligibleUntil), record.Earmark,
        [.. record.BudgetLines.Select(line => new BudgetLineView(line.Code, new Money(line.LimitMinor, record.Unit), new Money(line.SpentMinor, record.Unit)))],
        record.Active);
}

/// <summary>
/// What became of a grant's money, in the donor's currency: donated + exchangeGain = unspent + disbursed − expired + instructed +
/// delivered + costs + fees + returned + converted + exchangeLoss + rounding, but for a grant, where conversions go on with what was converted; and disbursed = redeemed +
/// expired + held.
/// </summary>
[Name("DonationTrace")]
public sealed record DonationTraceView(
    string Label, Id Id, Money Donated, Money Unspent, Money Disbursed, Money Redeemed, Money Settled, Money Expired, Money Held, Money Costs,
    Money Returned, Money Converted, Money ExchangeLoss, Money ExchangeGain, Money Rounding, string? Rate, DonationTraceView? Local,
    IReadOnlyList<DonationTraceView> Children)
{
    /// <summary>With financial service providers, not reported yet.</summary>
    public required Money Instructed { get; init; }

    /// <summary>Paid out in cash by providers; never what was only instructed.</summary>
    public required Money Delivered { get; init; }

    /// <summary>What providers took.</summary>
    public required Money Fees { get; init; }

    internal static DonationTraceView Of(TraceNode node)
    {
        Money In(long amountMinor) => new(amountMinor, node.Unit);
        return new DonationTraceView(
            node.Label, node.Id, In(node.DonatedMinor), In(node.UnspentMinor), In(node.DisbursedMinor), In(node.RedeemedMinor), In(node.SettledMinor),
            In(node.ExpiredMinor), In(node.HeldMinor), In(node.CostsMinor), In(node.ReturnedMinor), In(node.ConvertedMinor),
            In(node.ExchangeLossMinor), In(node.ExchangeGainMinor), In(node.RoundingMinor), node.Rate, node.Local is { } local ? Of(local) : null,
            [.. node.Children.Select(Of)])
        {
            Instructed = In(node.InstructedMinor), Delivered = In(node.DeliveredMinor), Fees = In(node.FeesMinor),
        };
    }
}

/// <summary>Grants that your organisation gave, or that were given to its programs.</summary>
public sealed class GrantQueries(Access access, LedgerReader reader) : IQueries
{
    [Allow(Access.Readers)]
    public async Task<GrantView?> Grant(Id id) => await access.GrantAsync(id) is { } record ? GrantView.Of(record) : null;

    /// <summary>A grant's money, followed to the shop counter; its numbers add up exactly.</summary>
    [Allow(Access.Readers)]
    public async Task<DonationTraceView?> DonationTrace(Id grantId) =>
        await access.GrantAsync(grantId) is not null && await reader.TraceAsync(grantId) is { } trace ? DonationTraceView.Of(trace) : null;
}
