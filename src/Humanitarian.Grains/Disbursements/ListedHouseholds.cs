using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;

namespace Humanitarian.Grains.Disbursements;

/// <summary>Who has a regular payment of a program for a period, or stands on a list for one: drafts beside the ledger included.</summary>
/// <param name="lines">What became of the lines of a chunk of a disbursement.</param>
internal sealed class ListedHouseholds(ISideStore side, LedgerReader reader, Func<Id, int, Task<IReadOnlyList<LineReport>?>> lines)
{
    private const int Page = 200;
    private const int RowsPage = 5_000;

    /// <summary>Accounts and households, each with ALREADY_ASSISTED for paid ones or ALREADY_LISTED.</summary>
    /// <param name="except">A disbursement that does not count.</param>
    public async Task<IReadOnlyDictionary<Id, string>> FindAsync(Id program, string period, string assistanceKind, Id except)
    {
        var found = new Dictionary<Id, string>();
        string? after = null;
        while (await side.ListAsync(DisbursementLife.DocumentKind, program.ToString(), after, Page) is { Count: > 0 } page)
        {
            foreach (var document in page.Where(document => document.Key != except.ToString()))
            {
                var draft = JsonSerializer.Deserialize<DisbursementLife.Stored>(document.Json, Json.Options)!;
                if (!draft.Cancelled && draft.Draft is { Purpose: DisbursementPurpose.Regular } of && of.FollowsUp.IsNone
                    && (of.Period, of.AssistanceKind) == (period, assistanceKind))
                {
                    await AddAsync(Id.Parse(document.Key), of, found);
                }
            }

            after = page[^1].Key;
        }

        return found;
    }

    private async Task AddAsync(Id disbursement, DisbursementDraft draft, Dictionary<Id, string> found)
    {
        var record = (await reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement)).Record;
        if (record?.State == DisbursementState.Cancelled)
        {
            return;
        }

        // What a completed one did not pay may be paid by another.
        if (record?.State == DisbursementState.Completed)
        {
            for (var chunk = 0; await lines(disbursement, chunk) is { } reports; chunk++)
            {
                foreach (var line in reports.Where(line => line.PaidMinor > 0 || !line.FollowedBy.IsNone))
                {
                    found[line.Account] = found[line.Household] = RefusalCode.AlreadyAssisted;
                }
            }

            return;
        }

        for (long at = 0; at < draft.Rows;)
        {
            var rows = await side.RowsAsync(draft.List, draft.FirstRow + at, (int)Math.Min(RowsPage, draft.Rows - at));
            foreach (var row in rows)
            {
                found.TryAdd(row.Account, RefusalCode.AlreadyListed);
                found.TryAdd(row.Household, RefusalCode.AlreadyListed);
            }

            at = rows.Count == 0 ? draft.Rows : at + rows.Count;
        }
    }
}
