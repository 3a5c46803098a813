using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Grants;

/// <summary>A line of a grant's budget: what a purpose may cost at most and has cost so far.</summary>
/// <param name="Code">The line's code.</param>
/// <param name="Limit">Most it may cost.</param>
/// <param name="Spent">What it has cost so far.</param>
[Name("BudgetLine")]
public sealed record BudgetLineView(string Code, Money Limit, Money Spent);

/// <summary>A donor's money for a program.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DonorId">The donor's organisation.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="Commitment">What was promised.</param>
/// <param name="Received">What has come in.</param>
/// <param name="EligibleFrom">First moment at which it may be disbursed.</param>
/// <param name="EligibleUntil">First moment at which it may no longer be disbursed.</param>
/// <param name="Earmark">Area, sector or group; empty when unearmarked.</param>
/// <param name="BudgetLines">What may be charged to it as costs.</param>
/// <param name="Active">False once it is closed.</param>
/// <param name="IndirectRateBasisPoints">Indirect costs that may be charged on top of a direct cost, in basis points of it.</param>
/// <param name="IndirectCosts">Indirect costs charged so far.</param>
/// <param name="AllowsRecharges">True when the donor lets costs be recharged from and to it.</param>
[Name("Grant")]
public sealed record GrantView(
    Id Id, Id DonorId, Id ProgramId, Money Commitment, Money Received, DateTimeOffset EligibleFrom, DateTimeOffset EligibleUntil, string Earmark,
    IReadOnlyList<BudgetLineView> BudgetLines, bool Active, int IndirectRateBasisPoints, Money IndirectCosts, bool AllowsRecharges) : INode
{
    internal static GrantView Of(GrantRecord record) => new(
        record.Id, record.Donor, record.Program, new Money(record.CommitmentMinor, record.Unit), new Money(record.ReceivedMinor, record.Unit),
        DateTimeOffset.FromUnixTimeMilliseconds(record.EligibleFrom), DateTimeOffset.FromUnixTimeMilliseconds(record.EligibleUntil), record.Earmark,
        [.. record.BudgetLines.Select(line => new BudgetLineView(line.Code, new Money(line.LimitMinor, record.Unit), new Money(line.SpentMinor, record.Unit)))],
        record.Active, record.IndirectRate, new Money(record.IndirectMinor, record.Unit), record.AllowsRecharges);
}

/// <summary>
/// What became of a grant's money, in the donor's currency: donated + exchangeGain = unspent + disbursed − expired + instructed +
/// delivered + costs + indirectCosts + fees + returned + converted + exchangeLoss + rounding, but for a grant, where conversions go on with what was converted; and disbursed = redeemed +
/// expired + held. A donor's figures move in steps (see <c>leastHouseholds</c>): what they do not tell yet stands where it was before.
/// </summary>
/// <param name="Label">What this part is: a grant, a receipt, a conversion or a disbursement.</param>
/// <param name="Id">Id of the grant, lot or disbursement.</param>
/// <param name="Donated">What came in.</param>
/// <param name="Unspent">What is still in the program's pool.</param>
/// <param name="Disbursed">What was credited to beneficiaries.</param>
/// <param name="Redeemed">What beneficiaries paid to vendors.</param>
/// <param name="Settled">What vendors were paid outside.</param>
/// <param name="Expired">What beneficiaries did not use in time; it goes back to the grant.</param>
/// <param name="Held">What beneficiaries still hold.</param>
/// <param name="Costs">What was charged to budget lines.</param>
/// <param name="Returned">What went back to the donor.</param>
/// <param name="Converted">What a bank took to convert into the program's currency.</param>
/// <param name="ExchangeLoss">What the bank kept beyond the agreed rate.</param>
/// <param name="ExchangeGain">What the bank gave beyond the agreed rate.</param>
/// <param name="Rounding">What is too small for a minor unit of the other currency.</param>
/// <param name="Rate">The agreed rate; null where nothing was converted.</param>
/// <param name="Local">The same part in the program's currency; null where it is the donor's.</param>
/// <param name="Children">The parts it went into.</param>
[Name("DonationTrace")]
public sealed record DonationTraceView(
    string Label, Id Id, Money Donated, Money Unspent, Money Disbursed, Money Redeemed, Money Settled, Money Expired, Money Held, Money Costs,
    Money Returned, Money Converted, Money ExchangeLoss, Money ExchangeGain, Money Rounding, string? Rate, DonationTraceView? Local,
    IReadOnlyList<DonationTraceView> Children)
{
    /// <summary>Fewest households that a figure, or the difference of two, covers for you; null where figures are exact: for who runs the program.</summary>
    public int? LeastHouseholds { get; init; }

    /// <summary>With financial service providers, not reported yet.</summary>
    public required Money Instructed { get; init; }

    /// <summary>Paid out in cash by providers; never what was only instructed.</summary>
    public required Money Delivered { get; init; }

    /// <summary>Indirect costs, charged with direct ones.</summary>
    public required Money IndirectCosts { get; init; }

    /// <summary>What providers took.</summary>
    public required Money Fees { get; init; }

    internal static DonationTraceView Of(TraceNode node, int? leastHouseholds)
    {
        Money In(long amountMinor) => new(amountMinor, node.Unit);
        return new DonationTraceView(
            node.Label, node.Id, In(node.DonatedMinor), In(node.UnspentMinor), In(node.DisbursedMinor), In(node.RedeemedMinor), In(node.SettledMinor),
            In(node.ExpiredMinor), In(node.HeldMinor), In(node.CostsMinor), In(node.ReturnedMinor), In(node.ConvertedMinor),
            In(node.ExchangeLossMinor), In(node.ExchangeGainMinor), In(node.RoundingMinor), node.Rate, node.Local is { } local ? Of(local, leastHouseholds) : null,
            [.. node.Children.Select(child => Of(child, leastHouseholds))])
        {
            LeastHouseholds = leastHouseholds,
            Instructed = In(node.InstructedMinor), Delivered = In(node.DeliveredMinor), Fees = In(node.FeesMinor), IndirectCosts = In(node.IndirectCostsMinor),
        };
    }
}

/// <summary>Grants that your organisation gave, or that were given to its programs.</summary>
public sealed class GrantQueries(Access access, RecordLists lists, LedgerReader reader, LedgerCommands commands, HumanitarianApiOptions options) : IQueries
{
    /// <summary>A grant; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public async Task<GrantView?> Grant(Id id) => await access.GrantAsync(id) is { } record ? GrantView.Of(record) : null;

    /// <summary>The grants that your organisation gave, and those that were given to its programs.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="programId">Only those of a program.</param>
    /// <param name="earmark">Only those tied to this area, sector or group.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<GrantView>?> Grants(
        int first, string? after = null, Id? programId = null, string? earmark = null, bool? active = null, ListOrder? order = null,
        CancellationToken cancellationToken = default) => await lists.ReadAsync<GrantRecord, GrantView>(
            RecordKind.Grant, programId, new Part(first, after, order),
            async record => (earmark is null || record.Earmark == earmark) && (active is null || record.Active == active) && await access.SeesAsync(record)
                ? GrantView.Of(record) : null,
            cancellationToken);

    /// <summary>A grant's money, followed to the shop counter; its numbers add up exactly. A donor is never told of few households.</summary>
    /// <param name="grantId">The grant.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<DonationTraceView?> DonationTrace(Id grantId) =>
        await TraceAsync(grantId) is var (_, trace, least) ? DonationTraceView.Of(trace, least) : null;

    /// <summary>A grant's money that went to people, by what it was for. A donor is never told of few households.</summary>
    /// <param name="grantId">The grant.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<IReadOnlyList<DonationFlowView>?> DonationFlows(Id grantId) =>
        await TraceAsync(grantId) is var (grant, trace, _)
            ? await DonationFlowView.OfAsync(grant, trace, id => access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, id))
            : null;

    /// <summary>What a grant's money was spent on at shops, and where. A donor is never told of few households.</summary>
    /// <param name="grantId">The grant.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<DonationSpendingView?> DonationSpending(Id grantId, CancellationToken cancellationToken) =>
        await access.GrantAsync(grantId) is { } grant && await commands.SpendingAsync(grantId, await LeastAsync(grant), cancellationToken) is { } spending
            ? DonationSpendingView.Of(spending)
            : null;

    /// <summary>Whom a grant's money reached: households and people by disbursement and area, once it is completed. A donor is never told of few households.</summary>
    /// <param name="grantId">The grant.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Access.Readers)]
    [Cost(OperationCost.Many)]
    public async Task<IReadOnlyList<DonationReachView>?> DonationReach(Id grantId, CancellationToken cancellationToken)
    {
        if (await access.GrantAsync(grantId) is not { } grant || await commands.ReachAsync(grantId, await LeastAsync(grant), cancellationToken) is not { } parts)
        {
            return null;
        }

        var views = new List<DonationReachView>();
        foreach (var part in parts)
        {
            views.Add(DonationReachView.Of(part, (await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, part.Disbursement))!));
        }

        return views;
    }

    private async Task<int?> LeastAsync(GrantRecord grant) => await access.OwnProgramAsync(grant.Program) is null ? options.LeastHouseholds : null;

    /// <summary>Exact for who runs the program; for a donor as donors are told it, with the fewest households of a figure.</summary>
    private async Task<(GrantRecord Grant, TraceNode Trace, int? Least)?> TraceAsync(Id id)
    {
        if (await access.GrantAsync(id) is not { } grant)
        {
            return null;
        }

        var least = await LeastAsync(grant);
        return await (least is { } households ? commands.TraceForDonorAsync(id, households) : reader.TraceAsync(id)) is { } trace ? (grant, trace, least) : null;
    }
}
