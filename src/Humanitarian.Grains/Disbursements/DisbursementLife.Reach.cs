using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Transactions;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Disbursements;

internal sealed partial class DisbursementLife
{
    private const string ReachKind = "reach";
    private Task<IReadOnlyList<AreaReach>?>? reaching;

    /// <summary>
    /// Whom the disbursement reached, by area in their order; null until it is completed, and when its list is not kept any more. It is
    /// counted once, and again when a provider's report was corrected.
    /// </summary>
    public async Task<IReadOnlyList<AreaReach>?> ReachAsync()
    {
        if (await RecordAsync() is not { State: DisbursementState.Completed } record || await KeptAsync() is not { } kept)
        {
            return null;
        }

        var flows = await services.Reader.FlowsAsync([record.Lot]);
        long Flow(LotFlow flow) => flows.GetValueOrDefault((record.Lot, flow));
        var paid = Flow(LotFlow.Disbursed) + Flow(LotFlow.Delivered) - Flow(LotFlow.Reversed);
        var known = await side.FindAsync(ReachKind, Id.ToString());
        if (known is not null && JsonSerializer.Deserialize<Reach>(known.Json, Json.Options) is { } reach && reach.PaidMinor == paid)
        {
            return reach.Areas;
        }

        var counting = reaching ??= CountAsync(record, kept);
        try
        {
            if (await counting is not { } areas)
            {
                return null;
            }

            await side.PutAsync(new SideDocument(
                ReachKind, Id.ToString(), record.Program.ToString(), known?.Version ?? 0, JsonSerializer.Serialize(new Reach(paid, areas), Json.Options)));
            return areas;
        }
        finally
        {
            reaching = null;
        }
    }

    private async Task<IReadOnlyList<AreaReach>?> CountAsync(DisbursementRecord record, Stored kept)
    {
        var areas = new SortedDictionary<string, (HashSet<Id> Households, long People, long PaidMinor)>(StringComparer.Ordinal);
        var row = kept.Draft.FirstRow;
        for (var chunk = 0; chunk < record.ChunkRoots.Count; chunk++)
        {
            if (await ReportAsync(chunk) is not { } reports || await side.RowsAsync(kept.Draft.List, row, reports.Count) is not { } rows || rows.Count != reports.Count)
            {
                return null;
            }

            row += rows.Count;
            foreach (var (report, listed) in reports.Zip(rows).Where(pair => pair.First.PaidMinor > 0))
            {
                var (households, people, paid) = areas.TryGetValue(listed.Site, out var area) ? area : ([], 0, 0);
                areas[listed.Site] = (households, people + (households.Add(report.Household) ? listed.HouseholdSize : 0), checked(paid + report.PaidMinor));
            }
        }

        return [.. areas.Select(area => new AreaReach(area.Key, area.Value.Households.Count, area.Value.People, area.Value.PaidMinor))];
    }

    /// <param name="PaidMinor">What the ledger says was paid when it was counted.</param>
    private sealed record Reach(long PaidMinor, IReadOnlyList<AreaReach> Areas);
}
