using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;

namespace Humanitarian.Grains.Reading;

/// <summary>What became of the money of a grant, a receipt or a part of it, in minor units of the donor's currency.</summary>
/// <param name="Label">What this node is: grant, receipt, conversion, disbursement, or other for small disbursements together.</param>
/// <param name="DonatedMinor">Received; for a conversion, what it took; for a disbursement, the part of its lot that stems from the node above it.</param>
/// <param name="UnspentMinor">Still with the program: in its pool, its budgets or its return queue.</param>
/// <param name="DisbursedMinor">Credited to beneficiaries: redeemed, held by them or expired.</param>
/// <param name="Children">Receipts and conversions of a grant; the disbursements that their money went to.</param>
public sealed record TraceNode(
    string Label, Id Id, string Unit, long DonatedMinor, long UnspentMinor, long DisbursedMinor, long RedeemedMinor, long SettledMinor, long ExpiredMinor,
    long HeldMinor, long CostsMinor, long ReturnedMinor, IReadOnlyList<TraceNode> Children)
{
    /// <summary>Instructed to a financial service provider and not reported yet. Delivered is never instructed.</summary>
    public long InstructedMinor { get; init; }

    /// <summary>Paid out by providers, corrections included.</summary>
    public long DeliveredMinor { get; init; }

    /// <summary>Indirect costs, charged with direct ones.</summary>
    public long IndirectCostsMinor { get; init; }

    /// <summary>What providers took.</summary>
    public long FeesMinor { get; init; }

    /// <summary>Left a receipt for the program's currency, where a conversion's node goes on with it.</summary>
    public long ConvertedMinor { get; init; }

    /// <summary>Lost because banks paid out less than at the agreed rates.</summary>
    public long ExchangeLossMinor { get; init; }

    /// <summary>Gained because banks paid out more than at the agreed rates.</summary>
    public long ExchangeGainMinor { get; init; }

    /// <summary>What the donor's minor unit is too coarse for: each part of a conversion is valued down, this is what remains.</summary>
    public long RoundingMinor { get; init; }

    /// <summary>The rate of a conversion as agreed: whole units of the program's currency for one of the donor's.</summary>
    public string? Rate { get; init; }

    /// <summary>The same in the program's currency, exactly; null where nothing was converted.</summary>
    public TraceNode? Local { get; init; }
}

/// <summary>Lots of disbursements and their cumulative flows. Several that are told as one stand as one lot without an origin.</summary>
public sealed record DisbursedLots(IReadOnlyList<LotRecord> Lots, IReadOnlyDictionary<(Id Lot, LotFlow Flow), long> Flows)
{
    /// <summary>Distinct households on the lists of each lot; empty where nobody has counted them.</summary>
    public IReadOnlyDictionary<Id, long> Households { get; init; } = new Dictionary<Id, long>();
}

/// <summary>
/// A donor's question: a walk over the lots of a grant. Every disbursement's lot keeps its exact composition and each flow's parts
/// follow from its total (<see cref="Attribution"/>), so the answer adds up to the minor unit.
/// </summary>
public sealed partial class LedgerReader
{
    private const int Page = 1000;

    /// <summary>The trace of a grant, exact; null when there is none.</summary>
    public Task<TraceNode?> TraceAsync(Id grant, CancellationToken cancellationToken = default) => TraceAsync(grant, Task.FromResult, cancellationToken);

    /// <summary>The lots that a grant's money came in, or was converted to.</summary>
    internal async Task<IReadOnlyList<Id>> ReceiptsAsync(Id grant, CancellationToken cancellationToken = default) =>
        [.. (await AllAsync<LotRecord>(RecordKind.Lot, grant, cancellationToken)).Select(lot => lot.Id)];

    /// <summary>The accreditations of a program, past ones too.</summary>
    internal Task<IReadOnlyList<AccreditationRecord>> AccreditationsAsync(Id program, CancellationToken cancellationToken = default) =>
        AllAsync<AccreditationRecord>(RecordKind.Accreditation, program, cancellationToken);

    /// <summary>The lots of a program's disbursements and their flows, in the order of their release.</summary>
    internal async Task<DisbursedLots> DisbursedAsync(Id program, CancellationToken cancellationToken = default)
    {
        var lots = new List<LotRecord>();
        foreach (var disbursement in await AllAsync<DisbursementRecord>(RecordKind.Disbursement, program, cancellationToken))
        {
            if (!disbursement.Lot.IsNone && (await FindAsync<LotRecord>(RecordKind.Lot, disbursement.Lot, cancellationToken)).Record is { } lot)
            {
                lots.Add(lot);
            }
        }

        return new DisbursedLots([.. lots.OrderBy(lot => lot.OpenedAt).ThenBy(lot => lot.Id)], await FlowsAsync([.. lots.Select(lot => lot.Id)], cancellationToken));
    }

    /// <summary>The trace of a grant, of what is told of its program's disbursements.</summary>
    internal async Task<TraceNode?> TraceAsync(Id grant, Func<DisbursedLots, Task<DisbursedLots>> tell, CancellationToken cancellationToken = default)
    {
        if ((await FindAsync<GrantRecord>(RecordKind.Grant, grant, cancellationToken)).Record is not { } record)
        {
            return null;
        }

        var receipts = await AllAsync<LotRecord>(RecordKind.Lot, grant, cancellationToken);
        var disbursed = await tell(await DisbursedAsync(record.Program, cancellationToken));
        var flows = await FlowsAsync([.. receipts.Select(receipt => receipt.Id)], cancellationToken);
        var children = new List<TraceNode>();
        foreach (var receipt in receipts.OrderBy(receipt => receipt.OpenedAt))
        {
            var node = Receipt(receipt, disbursed, flows);
            children.Add((await FindAsync<ConversionRecord>(RecordKind.Conversion, receipt.Id, cancellationToken)).Record is { } conversion
                ? ConversionTraces.InDonorsCurrency(node, conversion)
                : node);
        }

        return ConversionTraces.OfGrant(Sum("grant", grant, record.Unit, children));
    }

    private async Task<IReadOnlyList<T>> AllAsync<T>(RecordKind kind, Id parent, CancellationToken cancellationToken)
        where T : Record
    {
        var all = new List<T>();
        while (true)
        {
            var page = await ListAsync<T>(kind, parent, all.Count == 0 ? null : all[^1].Id, Page, cancellationToken);
            all.AddRange(page);
            if (page.Count < Page)
            {
                return all;
            }
        }
    }

    private static TraceNode Receipt(LotRecord receipt, DisbursedLots disbursed, IReadOnlyDictionary<(Id, LotFlow), long> flows)
    {
        var children = disbursed.Lots
            .Where(lot => lot.Parts.Any(part => part.Lot == receipt.Id))
            .Select(lot => Part(receipt, lot, disbursed.Flows))
            .ToArray();
        long Flow(LotFlow flow) => flows.GetValueOrDefault((receipt.Id, flow));
        var costs = NetFlow.Costs(Flow);
        var indirect = NetFlow.Indirect(Flow);
        var fees = flows.GetValueOrDefault((receipt.Id, LotFlow.Fee));
        var returned = flows.GetValueOrDefault((receipt.Id, LotFlow.Returned));
        var sum = Sum("receipt", receipt.Id, receipt.Unit, children);
        var converted = flows.GetValueOrDefault((receipt.Id, LotFlow.Converted));
        return sum with
        {
            DonatedMinor = receipt.SizeMinor,
            UnspentMinor = receipt.SizeMinor - (sum.DisbursedMinor - sum.ExpiredMinor) - sum.InstructedMinor - sum.DeliveredMinor - costs - indirect - fees - returned - converted,
            CostsMinor = costs,
            IndirectCostsMinor = indirect,
            ReturnedMinor = returned,
            FeesMinor = fees,
            ConvertedMinor = converted,
        };
    }

    private static TraceNode Part(LotRecord receipt, LotRecord lot, IReadOnlyDictionary<(Id, LotFlow), long> flows)
    {
        var index = lot.Parts.Select((part, place) => (part, place)).First(entry => entry.part.Lot == receipt.Id).place;
        long First(long count) => Attribution.First(lot.Parts, count)[index];
        long Flow(LotFlow flow) => flows.GetValueOrDefault((lot.Id, flow));
        var disbursed = First(Flow(LotFlow.Disbursed));
        var kept = First(Flow(LotFlow.Disbursed) - Flow(LotFlow.Expired));
        var redeemed = First(NetFlow.Redeemed(Flow));
        var paid = Flow(LotFlow.Delivered) - Flow(LotFlow.Reversed);
        var delivered = First(paid);
        var sent = First(paid + Flow(LotFlow.Instructed) - Flow(LotFlow.Delivered) - Flow(LotFlow.Failed) - Flow(LotFlow.Recalled));
        var share = lot.Parts[index].AmountMinor;
        return new TraceNode(
            lot.Origin.IsNone ? "other" : "disbursement", lot.Origin, lot.Unit, share, share - kept - sent, disbursed, redeemed, First(NetFlow.Settled(Flow)), disbursed - kept, kept - redeemed,
            0, 0, [])
        {
            InstructedMinor = sent - delivered, DeliveredMinor = delivered,
        };
    }

    internal static TraceNode Sum(string label, Id id, string unit, IReadOnlyList<TraceNode> nodes) => new(
        label, id, unit, nodes.Sum(node => node.DonatedMinor), nodes.Sum(node => node.UnspentMinor), nodes.Sum(node => node.DisbursedMinor),
        nodes.Sum(node => node.RedeemedMinor), nodes.Sum(node => node.SettledMinor), nodes.Sum(node => node.ExpiredMinor),
        nodes.Sum(node => node.HeldMinor), nodes.Sum(node => node.CostsMinor), nodes.Sum(node => node.ReturnedMinor), nodes)
    {
        InstructedMinor = nodes.Sum(node => node.InstructedMinor), DeliveredMinor = nodes.Sum(node => node.DeliveredMinor), FeesMinor = nodes.Sum(node => node.FeesMinor),
        IndirectCostsMinor = nodes.Sum(node => node.IndirectCostsMinor),
        ConvertedMinor = nodes.Sum(node => node.ConvertedMinor),
        ExchangeLossMinor = nodes.Sum(node => node.ExchangeLossMinor),
        ExchangeGainMinor = nodes.Sum(node => node.ExchangeGainMinor),
        RoundingMinor = nodes.Sum(node => node.RoundingMinor),
    };
}
