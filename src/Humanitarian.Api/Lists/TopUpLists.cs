using System.Security.Cryptography;
using System.Text;
using Humanitarian.Domain;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>Makes lists of differences: what a revised list grants beyond what the ledger has paid for the period.</summary>
public sealed class TopUpLists(ISideStore side, ListDocuments documents, LedgerCommands commands, TimeProvider time)
{
    private const int Page = 1_000;

    /// <summary>Makes the list, once: a repetition finds it. People who were not paid, or not less, are left out.</summary>
    public async Task<Refusal?> MakeAsync(Id id, ListHead revised, Id program, string period, Id createdBy)
    {
        var organisation = Id.Parse(revised.Organisation);
        var parameters = string.Join('|', "top-up", revised.Id, program, period);
        if (await documents.FindAsync(id, organisation) is { } made)
        {
            return made.Parameters == parameters
                ? null
                : new Refusal(RefusalCode.IdempotencyConflict, "This idempotency key was used for another request; use a new one.", "idempotencyKey");
        }

        // What an interrupted call left behind may differ from what is owed by now.
        await side.DeleteRowsAsync(id);
        var (rows, total) = await AddRowsAsync(id, Id.Parse(revised.Id), program, period);
        if (rows == 0)
        {
            return new Refusal(RefusalCode.NotYetAssisted, "Nobody on this list was paid less than its amount for the period.", "listId");
        }

        await documents.AddAsync(
            revised with
            {
                Id = id.ToString(), Rows = rows, Refused = 0, KnownRows = rows, TotalMinor = total, ErrorsTotal = 0, Parameters = parameters,
                ContentSha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parameters))), CreatedBy = createdBy.ToString(),
                CreatedAt = time.GetUtcNow().ToUnixTimeMilliseconds(),
            },
            [],
            CancellationToken.None);
        return null;
    }

    private async Task<(long Rows, long TotalMinor)> AddRowsAsync(Id id, Id revised, Id program, string period)
    {
        var seen = new HashSet<Id>();
        long rows = 0, total = 0;
        for (long from = 0; await side.RowsAsync(revised, from, Page) is { Count: > 0 } page; from += page.Count)
        {
            var paid = await commands.PaidAsync([.. page.Select(row => row.Account).Distinct()], program, period);
            var owed = new List<ListRowEntry>();
            foreach (var row in page.Where(row => seen.Add(row.Account) && paid[row.Account] is { Count: > 0 } before && row.AmountMinor > before.SumMinor))
            {
                var difference = row.AmountMinor - paid[row.Account].SumMinor;
                owed.Add(row with { Line = rows++, AmountMinor = difference, IsNew = false });
                total += difference;
            }

            await side.AddRowsAsync(id, owed);
        }

        return (rows, total);
    }
}
