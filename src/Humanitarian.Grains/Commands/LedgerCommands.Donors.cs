using Humanitarian.Domain;
using Humanitarian.Domain.Disclosure;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Grains.Commands;

/// <summary>What donors and the public are told: figures that never tell of few households.</summary>
public sealed partial class LedgerCommands
{
    /// <summary>The trace of a grant as its donor is told it; null when there is none.</summary>
    /// <param name="least">Fewest households that a figure covers.</param>
    public Task<TraceNode?> TraceForDonorAsync(Id grant, int least, CancellationToken cancellationToken = default) =>
        reader.TraceAsync(grant, disbursed => TellAsync(disbursed, least), cancellationToken);

    /// <summary>The disbursements of a program as donors are told them.</summary>
    /// <param name="least">Fewest households that a figure covers.</param>
    public async Task<DisbursedLots> DisbursedForDonorsAsync(Id program, int least, CancellationToken cancellationToken = default) =>
        await TellAsync(await reader.DisbursedAsync(program, cancellationToken), least);

    /// <summary>What became of an account's line of a disbursement; null when it has none.</summary>
    public Task<LineReport?> DisbursementLineOfAsync(Id disbursement, Id account) => Disbursement(disbursement).LineOfAsync(account);

    /// <summary>What became of the lines of a chunk of a disbursement's frozen list; null when there is no such chunk.</summary>
    public Task<IReadOnlyList<LineReport>?> DisbursementLinesAsync(Id disbursement, int chunk) => Disbursement(disbursement).LinesAsync(chunk);

    private async Task<DisbursedLots> TellAsync(DisbursedLots disbursed, int least)
    {
        var known = disbursed.Lots.ToDictionary(lot => lot.Id);
        var (lots, flows, households) = (new List<LotRecord>(), new Dictionary<(Id, LotFlow), long>(), new Dictionary<Id, long>());
        foreach (var cell in DonorCell.Of(await CoveredAsync(disbursed, least), least))
        {
            var lot = cell.IsMerged ? Merge([.. cell.Lots.Select(id => known[id])]) : known[cell.Lots[0]];
            lots.Add(lot);
            households[lot.Id] = cell.Households;
            Write(cell.Tell(FlowsOf(cell, disbursed), least), lot.Id, flows);
        }

        return new DisbursedLots(lots, flows) { Households = households };
    }

    private async Task<IReadOnlyList<(Id Lot, long TotalMinor, ListCover Cover)>> CoveredAsync(DisbursedLots disbursed, int least)
    {
        var released = new List<(Id, long, ListCover)>();
        foreach (var lot in disbursed.Lots)
        {
            // Of a list that is not kept any more nobody can say whom it covers.
            if (await Disbursement(lot.Origin).CoverAsync(least) is { } cover)
            {
                released.Add((lot.Id, lot.SizeMinor, cover));
            }
        }

        return released;
    }

    /// <summary>One lot for several, with no origin: nobody is to know which.</summary>
    private static LotRecord Merge(IReadOnlyList<LotRecord> lots) => lots[^1] with
    {
        Origin = Id.None,
        SizeMinor = lots.Sum(lot => lot.SizeMinor),
        Parts = [.. lots.SelectMany(lot => lot.Parts).GroupBy(part => part.Lot).Select(part => new LotPart(part.Key, part.Sum(lot => lot.AmountMinor)))],
    };

    private static CellFlows FlowsOf(DonorCell cell, DisbursedLots disbursed)
    {
        long Of(LotFlow flow) => cell.Lots.Sum(lot => disbursed.Flows.GetValueOrDefault((lot, flow)));
        var delivered = Of(LotFlow.Delivered) - Of(LotFlow.Reversed);
        var underWay = Of(LotFlow.Instructed) - Of(LotFlow.Delivered) - Of(LotFlow.Failed) - Of(LotFlow.Recalled);
        return new CellFlows(Of(LotFlow.Disbursed), Of(LotFlow.Expired), NetFlow.Redeemed(Of), NetFlow.Settled(Of), delivered + underWay, delivered);
    }

    private static void Write(CellFlows told, Id lot, Dictionary<(Id, LotFlow), long> flows)
    {
        flows[(lot, LotFlow.Disbursed)] = told.DisbursedMinor;
        flows[(lot, LotFlow.Expired)] = told.ExpiredMinor;
        flows[(lot, LotFlow.Redeemed)] = told.RedeemedMinor;
        flows[(lot, LotFlow.Settled)] = told.SettledMinor;
        flows[(lot, LotFlow.Instructed)] = told.SentMinor;
        flows[(lot, LotFlow.Delivered)] = told.DeliveredMinor;
    }
}
