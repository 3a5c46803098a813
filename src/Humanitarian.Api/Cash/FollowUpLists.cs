using System.Security.Cryptography;
using System.Text;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Households;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Cash;

/// <summary>Makes lists of what lines left undelivered, as imported lists are: a disbursement can be drafted from one at once.</summary>
public sealed class FollowUpLists(CashReads cash, LedgerReader reader, Access access, ListDocuments lists, ISideStore side, TimeProvider time)
{
    private const int BatchRows = 1_000;

    /// <param name="list">The list's id: the same for every repetition of the command.</param>
    internal async Task<CommandResult> CreateAsync(Id list, OwnCash own, Id principal)
    {
        if (await lists.FindAsync(list, access.Caller.Organisation) is not null)
        {
            return CommandResult.Done(Hash32.Zero, 0, 0, replayed: true);
        }

        var rows = new List<ListRowEntry>();
        var contradicted = await reader.ContradictedAsync(own.Record.Id);
        foreach (var line in (await cash.LinesAsync(own.Record.Id)).Where(line => line.RestMinor > 0 && line.FollowedBy.IsNone && !contradicted.Contains(line.Id)))
        {
            var household = await access.FindAsync<HouseholdRecord>(RecordKind.Household, line.Household);
            rows.Add(new ListRowEntry(rows.Count, line.Account, line.Household, line.RestMinor, household?.Size ?? 1, "", false));
        }

        if (rows.Count == 0)
        {
            return CommandResult.Refused(new Refusal(RefusalCode.WrongState, "Nothing is left to be followed up.", "disbursementId"));
        }

        foreach (var batch in rows.Chunk(BatchRows))
        {
            await side.AddRowsAsync(list, batch);
        }

        await lists.AddAsync(HeadOf(list, own, rows, principal), [], CancellationToken.None);
        return CommandResult.Done(Hash32.Zero, 0, 0);
    }

    private ListHead HeadOf(Id list, OwnCash own, List<ListRowEntry> rows, Id principal)
    {
        var content = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows))));
        return new ListHead(
            list.ToString(), access.Caller.Organisation.ToString(), own.Program.Unit, own.Exponent, ListFormat.Household, rows.Count, 0, rows.Count,
            rows.Sum(row => row.AmountMinor), 0, [], [], content, $"follow-up of {own.Record.Id}", principal.ToString(), time.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
