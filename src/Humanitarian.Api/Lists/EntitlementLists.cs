using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Domain.Units;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;
using Humanitarian.Storage.Side;

namespace Humanitarian.Api.Lists;

/// <summary>For whom and for what a list is made.</summary>
/// <param name="Day">The UTC day whose values count, in days since 1970.</param>
internal sealed record EntitlementRequest(Id Disbursement, ProgramRecord Program, string Period, string AssistanceKind, long Day, MemberRecord Member);

/// <summary>A household that a generated list left out.</summary>
/// <param name="HouseholdId">The household.</param>
/// <param name="Code">Code of the reason; see docs/refusals.md.</param>
public sealed record LeftOutHousehold(Id HouseholdId, string Code);

/// <summary>
/// Makes lists of what a program's terms transfer to its enrolled households for a period: one line for each household, to whoever collects
/// for it. Who is left out is kept with the reason.
/// </summary>
public sealed class EntitlementLists(ISideStore side, ListDocuments documents, LedgerCommands commands, LedgerReader reader, TimeProvider time)
{
    private const string LeftOutKind = "list-left-out";
    private const int Page = 1_000;

    /// <summary>The id of the list that a disbursement was generated from.</summary>
    public static Id ListOf(Id disbursement) => Id.FromBytes(SHA256.HashData([.. "entitlements"u8, .. disbursement.ToBytes()]));

    /// <summary>Makes the list, once: a repetition finds it.</summary>
    internal async Task<(ListHead? Head, Refusal? Refusal)> MakeAsync(EntitlementRequest request)
    {
        var id = ListOf(request.Disbursement);
        if (await documents.FindAsync(id, request.Program.Organisation) is { } made)
        {
            return (made, null);
        }

        if (TermsJson.Of(request.Program).Find<TransferValues>() is not { } values)
        {
            return (null, new Refusal(RefusalCode.NoTransferValue, "The program's terms have no rule transferValues.", "programId"));
        }

        var households = await GatheredAsync(request);
        var (rows, leftOut) = await RowsAsync(request, values, households);
        if (rows.Count == 0)
        {
            return (null, new Refusal(RefusalCode.NotEnrolled, "No enrolled household is left to be paid for the period.", "programId"));
        }

        await side.DeleteRowsAsync(id);
        foreach (var batch in rows.Chunk(Page))
        {
            await side.AddRowsAsync(id, batch);
        }

        foreach (var (batch, number) in leftOut.Chunk(Page).Select((batch, number) => (batch, number)))
        {
            await side.PutAsync(new SideDocument(LeftOutKind, Key(id, number), request.Program.Organisation.ToString(), 0, JsonSerializer.Serialize(
                batch.Select(entry => new string[] { entry.HouseholdId.ToString(), entry.Code }))));
        }

        var head = await HeadAsync(id, request, rows);
        await documents.AddAsync(head, [], CancellationToken.None);
        return (head, null);
    }

    /// <summary>Households that a list left out, from a number on (from 0), by their ids.</summary>
    public async Task<IReadOnlyList<LeftOutHousehold>> LeftOutAsync(Id list, long from, int limit)
    {
        var found = new List<LeftOutHousehold>();
        for (var chunk = from / Page; found.Count < limit && await side.FindAsync(LeftOutKind, Key(list, chunk)) is { } document; chunk++)
        {
            found.AddRange(JsonSerializer.Deserialize<string[][]>(document.Json)!.Skip((int)Math.Max(0, from - (chunk * Page))).Take(limit - found.Count)
                .Select(entry => new LeftOutHousehold(Id.Parse(entry[0]), entry[1])));
        }

        return found;
    }

    private static string Key(Id list, long chunk) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{list}:{chunk:D6}");

    /// <summary>The program's enrolments by household, after merges.</summary>
    private async Task<SortedDictionary<Id, List<EnrolmentRecord>>> GatheredAsync(EntitlementRequest request)
    {
        await reader.CurrentAsync();
        var households = new SortedDictionary<Id, List<EnrolmentRecord>>();
        Id? after = null;
        while (await reader.ListAsync<EnrolmentRecord>(RecordKind.Enrolment, request.Program.Id, after, Page) is { Count: > 0 } page)
        {
            var living = await LivingAsync([.. page.Select(enrolment => enrolment.Household).Distinct()]);
            foreach (var enrolment in page)
            {
                var household = living[enrolment.Household];
                if (!households.TryGetValue(household, out var members))
                {
                    households[household] = members = [];
                }

                members.Add(enrolment);
            }

            after = page[^1].Id;
        }

        return households;
    }

    /// <summary>The household that lives on of each: the one it was merged into, and so on.</summary>
    private async Task<Dictionary<Id, Id>> LivingAsync(Id[] households)
    {
        var living = households.ToDictionary(id => id);
        for (var open = households; open.Length > 0;)
        {
            var merged = (await reader.FindAllAsync<HouseholdRecord>(RecordKind.Household, open)).Where(record => !record.MergedInto.IsNone)
                .ToDictionary(record => record.Id, record => record.MergedInto);
            foreach (var id in households)
            {
                living[id] = merged.GetValueOrDefault(living[id], living[id]);
            }

            open = [.. merged.Values.Distinct()];
        }

        return living;
    }

    private async Task<(List<ListRowEntry> Rows, List<LeftOutHousehold> LeftOut)> RowsAsync(
        EntitlementRequest request, TransferValues values, SortedDictionary<Id, List<EnrolmentRecord>> households)
    {
        var (rows, leftOut) = (new List<ListRowEntry>(), new List<LeftOutHousehold>());
        var listed = await commands.ListedAsync(side, request.Program.Id, request.Period, request.AssistanceKind, request.Disbursement);
        foreach (var batch in households.Chunk(Page))
        {
            Id[] accounts = [.. batch.SelectMany(entry => entry.Value.Select(enrolment => enrolment.Account)).Distinct()];
            var paid = await commands.PaidAsync(accounts, request.Program.Id, request.Period);
            var records = (await reader.FindAllAsync<HouseholdRecord>(RecordKind.Household, [.. batch.Select(entry => entry.Key)])).ToDictionary(record => record.Id);
            var closed = (await reader.FindAllAsync<AccountRecord>(RecordKind.Account, accounts)).Where(account => account.Status == AccountStatus.Closed).Select(account => account.Id).ToHashSet();
            foreach (var (household, enrolments) in batch)
            {
                var before = enrolments.SelectMany(enrolment => (Id[])[enrolment.Account, enrolment.Household]).Prepend(household).Select(listed.GetValueOrDefault);
                var code = enrolments.Any(enrolment => paid[enrolment.Account].Count > 0) ? RefusalCode.AlreadyAssisted : before.FirstOrDefault(one => one is not null);
                var row = code is null ? Row(request, values, records.GetValueOrDefault(household), enrolments, closed) : default;
                if ((code ?? row.Code) is { } reason)
                {
                    leftOut.Add(new LeftOutHousehold(household, reason));
                }
                else
                {
                    rows.Add(row.Entry with { Line = rows.Count });
                }
            }
        }

        return (rows, leftOut);
    }

    private static (ListRowEntry Entry, string? Code) Row(
        EntitlementRequest request, TransferValues values, HouseholdRecord? household, List<EnrolmentRecord> enrolments, HashSet<Id> closed)
    {
        // Who collects is paid; where they are not enrolled, the first of the household who is.
        var payee = enrolments.Where(enrolment => enrolment.Active).OrderBy(enrolment => enrolment.Account != household?.Collector).ThenBy(enrolment => enrolment.Account).FirstOrDefault();
        return household is null ? (default, RefusalCode.NotFound)
            : payee is null ? (default, RefusalCode.NotEnrolled)
            : request.Member.Scope?.CoversArea(payee.Site) == false ? (default, RefusalCode.OutOfScope)
            : closed.Contains(payee.Account) ? (default, RefusalCode.AccountClosed)
            : values.ValueOf(household.Size, payee.Site, request.Day) is not { } amount ? (default, RefusalCode.NoTransferValue)
            : (new ListRowEntry(0, payee.Account, household.Id, amount, household.Size, payee.Site, false), null);
    }

    private async Task<ListHead> HeadAsync(Id id, EntitlementRequest request, List<ListRowEntry> rows)
    {
        var unit = (await reader.FindFollowedAsync<UnitRecord>(RecordKind.Unit, UnitRecord.IdOf(request.Program.Unit))).Record!;
        return new ListHead(
            id.ToString(), request.Program.Organisation.ToString(), request.Program.Unit, unit.Exponent, ListFormat.Household, rows.Count, 0, rows.Count,
            rows.Sum(row => row.AmountMinor), 0, [], [], Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', rows)))),
            string.Join('|', "entitlements", request.Program.Id, request.Program.TermsVersion, request.Period, request.AssistanceKind, request.Day), request.Member.Id.ToString(),
            time.GetUtcNow().ToUnixTimeMilliseconds());
    }
}
