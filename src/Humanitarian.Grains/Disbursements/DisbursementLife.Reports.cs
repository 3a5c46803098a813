using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Disclosure;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Projections;

namespace Humanitarian.Grains.Disbursements;

internal sealed partial class DisbursementLife
{
    /// <summary>How many people the frozen list covers. It never changes, so it is counted once.</summary>
    public async Task<ListCover?> CoverAsync(int least)
    {
        if (await KeptAsync() is not { Validated: true } kept)
        {
            // What pays a late delivery has no list: one household, which is not told apart from those of others.
            return await RecordAsync() is { ChunkRoots.Count: 0, Lines: 1 } late ? ListCover.Of([new HouseholdShare(Domain.Id.None, late.TotalMinor)], least) : null;
        }

        if (kept.Households >= least)
        {
            return new ListCover(kept.Households, kept.LargestMinor, []);
        }

        var frozen = Frozen(kept);
        var shares = new HouseholdShare[kept.Draft.Rows];
        for (int chunk = 0, at = 0; chunk < frozen.Chunks; chunk++)
        {
            if (await frozen.LinesAsync(chunk) is not { } loaded)
            {
                return null;
            }

            foreach (var line in loaded)
            {
                shares[at++] = new HouseholdShare(line.Household, line.AmountMinor);
            }
        }

        var cover = ListCover.Of(shares, least);
        if (kept.Households == 0)
        {
            await SaveAsync(kept with { Households = cover.Households, LargestMinor = cover.LargestMinor });
        }

        return cover;
    }

    /// <summary>The lines of a chunk and what became of each, in the order of the list.</summary>
    public async Task<IReadOnlyList<LineReport>?> ReportAsync(int chunk)
    {
        if (await RecordAsync() is not { } record || chunk < 0 || chunk >= record.ChunkRoots.Count || await KeptAsync() is not { } kept)
        {
            return null;
        }

        if (record.Mode == DeliveryMode.InPerson)
        {
            return await Lines.ChunkAsync(chunk) is { } delivered ? await InPersonAsync(record, delivered) : null;
        }

        var claim = services.Identity.ClaimKey.DisbursementChunk(Id, chunk);
        var taken = await services.Reader.ClaimsAsync([claim]);
        var paid = taken.TryGetValue(claim, out var place) ? await services.Reader.TransactionAtAsync(place) : null;
        var frozen = paid?.Transaction.Chunk is { Lines.Count: > 0 } ordered ? ordered.Lines : await Frozen(kept).LinesAsync(chunk);
        return frozen is null ? null : record.Mode == DeliveryMode.Cash ? await InCashAsync(record, frozen, paid) : [.. frozen.Select((line, index) => Credited(record, line, index, paid))];
    }

    /// <summary>An account's line and what became of it; null when it has none, and before the list is frozen.</summary>
    public async Task<LineReport?> ReportOfAsync(Id account) =>
        await RecordAsync() is { ChunkRoots.Count: > 0 } && await KeptAsync() is not null && await Lines.PlaceOfAsync(account) is var (chunk, index) ? (await ReportAsync(chunk))?[index] : null;

    private static LineReport Credited(DisbursementRecord record, Line line, int index, PlacedTransaction? paid)
    {
        if (paid is null)
        {
            return Of(line, 0, NotPaid(record), "", null);
        }

        var refused = paid.Transaction.Chunk!.Unpaid.FirstOrDefault(unpaid => unpaid.Index == index).Code;
        return refused is null ? Of(line, line.AmountMinor, LineOutcome.Credited, "", paid) : Of(line, 0, LineOutcome.Unpaid, refused, paid);
    }

    /// <summary>What is not paid comes no more once the disbursement is over.</summary>
    private static LineOutcome NotPaid(DisbursementRecord record) =>
        record.State is DisbursementState.Completed or DisbursementState.Cancelled ? LineOutcome.Undelivered : LineOutcome.Open;

    private async Task<IReadOnlyList<LineReport>> InPersonAsync(DisbursementRecord record, Line[] frozen)
    {
        var claims = Array.ConvertAll(frozen, line => services.Identity.ClaimKey.DisbursementLine(Id, line.Account));
        var taken = await services.Reader.ClaimsAsync(claims);
        var late = taken.Count == 0 ? [] : await PaidLateAsync(record);

        // Many deliveries stand in one block, so each block is read once.
        var hashes = new Dictionary<Place, Hash32>();
        foreach (var height in taken.Values.Distinct().GroupBy(place => place.Height))
        {
            var block = await services.Reader.BlockAsync(height.Key) ?? throw new InvalidDataException($"There is no block at height {height.Key}.");
            foreach (var place in height)
            {
                hashes[place] = block.Transactions[place.Position].Transaction.Hash();
            }
        }

        return
        [
            .. frozen.Select((line, index) => late.TryGetValue(line.Account, out var payment) ? Of(line, 0, NotPaid(record), "", null) with { FollowedBy = payment }
                : taken.TryGetValue(claims[index], out var place)
                ? Of(line, line.AmountMinor, LineOutcome.Credited, "", null) with { Transaction = hashes[place], Height = place.Height }
                : Of(line, 0, NotPaid(record), "", null)),
        ];
    }

    private async Task<IReadOnlyList<LineReport>> InCashAsync(DisbursementRecord record, IReadOnlyList<Line> frozen, PlacedTransaction? paid)
    {
        var ids = frozen.Select(line => CashLineRecord.IdOf(Id, line.Account)).ToArray();
        var known = (await services.Reader.FindAllAsync<CashLineRecord>(RecordKind.CashLine, ids)).ToDictionary(line => line.Id);
        return
        [
            .. frozen.Select((line, index) => known.GetValueOrDefault(ids[index]) is { } cash && paid?.Transaction.Chunk!.Unpaid.Any(unpaid => unpaid.Index == index) == false
                ? Of(line, cash.DeliveredMinor, OutcomeOf(cash.State), cash.Reason, paid) with { Evidence = cash.Evidence, FollowedBy = cash.FollowedBy }
                : Credited(record, line, index, paid)),
        ];
    }

    private static LineOutcome OutcomeOf(CashLineState state) => state switch
    {
        CashLineState.Instructed => LineOutcome.Instructed,
        CashLineState.Delivered => LineOutcome.Delivered,
        CashLineState.PartlyDelivered => LineOutcome.PartlyDelivered,
        CashLineState.Failed => LineOutcome.Failed,
        _ => LineOutcome.Recalled,
    };

    private static LineReport Of(Line line, long paidMinor, LineOutcome outcome, string reason, PlacedTransaction? paid) => new(
        line.Account, line.Household, line.AmountMinor, paidMinor, outcome, reason, paid?.Ordered.Transaction.Hash() ?? Hash32.Zero, paid?.Header.Height ?? 0, Hash32.Zero);
}
