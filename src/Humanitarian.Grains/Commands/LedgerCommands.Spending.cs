using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Disclosure;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Disbursements;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Grains.Commands;

/// <summary>What donations were spent on, and where.</summary>
public sealed partial class LedgerCommands
{
    /// <summary>What a grant's money was spent on and where; null when there is no such grant.</summary>
    /// <param name="least">Fewest households that a figure covers, for a donor; null for exact figures.</param>
    public async Task<Spending?> SpendingAsync(Id grant, int? least, CancellationToken cancellationToken = default)
    {
        if ((await reader.FindAsync<GrantRecord>(RecordKind.Grant, grant, cancellationToken)).Record is not { } record
            || (await reader.FindAsync<ProgramRecord>(RecordKind.Program, record.Program, cancellationToken)).Record is not { } program)
        {
            return null;
        }

        var receipts = (await reader.ReceiptsAsync(grant, cancellationToken)).ToHashSet();
        var disbursed = await reader.DisbursedAsync(program.Id, cancellationToken);
        var cells = await CellsAsync(disbursed, least, receipts);
        var lots = cells.SelectMany(cell => cell.Lots).ToArray();
        var (categories, vendors) = await NamesAsync(program, cancellationToken);
        var uses = await reader.FlowsAsync(
            [
                .. lots.SelectMany(lot => categories.Select(category => LotUse.OnCategory(lot, category))),
                .. lots.SelectMany(lot => vendors.Select(vendor => LotUse.AtVendor(lot, vendor.Account))),
            ],
            cancellationToken);
        long Spent(Id use) => uses.GetValueOrDefault((use, LotFlow.Spent));
        var parts = new PartOf([.. cells.Select(cell => (cell, PartsOf(cell, disbursed)))], receipts, disbursed, least);
        return new Spending(
            program.Unit,
            parts.Of(categories.Select(category => (category, (Func<Id, long>)(lot => Spent(LotUse.OnCategory(lot, category)))))),
            parts.Of(vendors.Where(vendor => vendor.Type.Length > 0).GroupBy(vendor => vendor.Type, StringComparer.Ordinal).OrderBy(type => type.Key, StringComparer.Ordinal)
                .Select(type => (type.Key, (Func<Id, long>)(lot => type.Sum(vendor => Spent(LotUse.AtVendor(lot, vendor.Account))))))));
    }

    /// <summary>Whom a grant's money reached, disbursement by disbursement and area by area; null when there is no such grant. Only completed ones are told.</summary>
    /// <param name="least">Fewest households that a figure covers, for a donor; null for exact figures.</param>
    public async Task<IReadOnlyList<ReachPart>?> ReachAsync(Id grant, int? least, CancellationToken cancellationToken = default)
    {
        if ((await reader.FindAsync<GrantRecord>(RecordKind.Grant, grant, cancellationToken)).Record is not { } record)
        {
            return null;
        }

        var receipts = (await reader.ReceiptsAsync(grant, cancellationToken)).ToHashSet();
        var disbursed = await reader.DisbursedAsync(record.Program, cancellationToken);
        var found = new List<ReachPart>();
        foreach (var cell in (await CellsAsync(disbursed, least, receipts)).Where(cell => !cell.IsMerged))
        {
            var lot = disbursed.Lots.First(lot => lot.Id == cell.Lots[0]);
            if (await Disbursement(lot.Origin).ReachAsync() is not { Count: > 0 } areas)
            {
                continue;
            }

            AreaCell[] exact = [.. areas.Select(CellOf)];
            var (passed, before) = (0L, 0L);
            foreach (var area in least is { } fewest ? AreaCells.Tell(exact, fewest) : exact)
            {
                passed += least is { } limit ? cell.Tell(area.PaidMinor, limit) : area.PaidMinor;
                var own = Attribution.First(lot.Parts, passed).Where((_, index) => receipts.Contains(lot.Parts[index].Lot)).Sum();
                found.Add(new ReachPart(lot.Origin, lot.Unit, area.Area, area.Households, area.People, own - before));
                before = own;
            }
        }

        return found;
    }

    /// <summary>The areas that a completed disbursement reached, without those of few households.</summary>
    /// <param name="least">Fewest households that a figure covers.</param>
    public async Task<IReadOnlyList<string>> AreasAsync(Id disbursement, int least) =>
        [.. AreaCells.Tell([.. (await Disbursement(disbursement).ReachAsync() ?? []).Select(CellOf)], least).Select(area => area.Area).OfType<string>()];

    private static AreaCell CellOf(AreaReach area) => new(area.Area.Length == 0 ? null : area.Area, area.Households, area.People, area.PaidMinor);

    private async Task<IReadOnlyList<DonorCell>> CellsAsync(DisbursedLots disbursed, int? least, HashSet<Id> receipts)
    {
        var cells = least is { } fewest
            ? DonorCell.Of(await CoveredAsync(disbursed, fewest), fewest)
            : [.. disbursed.Lots.Select(lot => new DonorCell([lot.Id], lot.SizeMinor, 0, 0))];
        return [.. cells.Where(cell => PartsOf(cell, disbursed).Any(part => receipts.Contains(part.Lot)))];
    }

    private static IReadOnlyList<LotPart> PartsOf(DonorCell cell, DisbursedLots disbursed)
    {
        var lots = disbursed.Lots.Where(lot => cell.Lots.Contains(lot.Id)).ToArray();
        return (lots.Length == 1 ? lots[0] : Merge(lots)).Parts;
    }

    /// <summary>The categories that the terms and accreditations name, and the program's vendors with the labels of their accounts.</summary>
    private async Task<(string[] Categories, (Id Account, string Type)[] Vendors)> NamesAsync(ProgramRecord program, CancellationToken cancellationToken)
    {
        var accredited = await reader.AccreditationsAsync(program.Id, cancellationToken);
        var accounts = (await reader.FindAllAsync<AccountRecord>(RecordKind.Account, [.. accredited.Select(one => one.VendorAccount)], cancellationToken))
            .ToDictionary(account => account.Id, account => string.Join(", ", account.Tags.Order(StringComparer.Ordinal)));
        var categories = accredited.SelectMany(one => one.Categories).Concat(TermsJson.Of(program).Find<AllowedCategories>()?.Categories ?? []);
        return (
            [.. categories.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            [.. accredited.Select(one => (one.VendorAccount, accounts.GetValueOrDefault(one.VendorAccount, "")))]);
    }

    /// <summary>The part of a grant in what cells' money was spent on.</summary>
    private sealed class PartOf((DonorCell Cell, IReadOnlyList<LotPart> Parts)[] cells, HashSet<Id> receipts, DisbursedLots disbursed, int? least)
    {
        /// <summary>Each name's amount over all cells, then the rest. Amounts of a cell follow each other in its sequence of units, so they sum to the whole.</summary>
        public IReadOnlyList<SpendingPart> Of(IEnumerable<(string Name, Func<Id, long> SpentOf)> names)
        {
            var all = names.ToArray();
            var sums = new long[all.Length + 1];
            foreach (var (cell, parts) in cells)
            {
                long Flow(LotFlow flow) => cell.Lots.Sum(lot => disbursed.Flows.GetValueOrDefault((lot, flow)));

                // Who spends, gives back and spends again has spent more than their share: without all that was given back, nobody has.
                var givenBack = least is null ? 0 : Flow(LotFlow.Refunded);
                long Told(long amountMinor) => Math.Max(0, amountMinor - givenBack) is var kept && least is { } fewest ? cell.Tell(kept, fewest) : kept;
                var (passed, before) = (0L, 0L);
                for (var index = 0; index <= all.Length; index++)
                {
                    passed = index < all.Length ? passed + Told(cell.Lots.Sum(all[index].SpentOf)) : Told(Flow(LotFlow.Redeemed));
                    var own = Own(parts, passed);
                    sums[index] += own - before;
                    before = own;
                }
            }

            return [.. all.Select((one, index) => new SpendingPart(one.Name, sums[index])).Where(part => part.SpentMinor > 0), new SpendingPart(null, sums[^1])];
        }

        // What was given back and spent again passes the lot's size: then it is wholly the parts' once more.
        private long Own(IReadOnlyList<LotPart> parts, long count)
        {
            var size = parts.Sum(part => part.AmountMinor);
            return (count / size * OwnOfFirst(parts, size)) + OwnOfFirst(parts, count % size);
        }

        private long OwnOfFirst(IReadOnlyList<LotPart> parts, long count) =>
            Attribution.First(parts, count).Where((_, index) => receipts.Contains(parts[index].Lot)).Sum();
    }
}
