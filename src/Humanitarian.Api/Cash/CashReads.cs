using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Cash;

/// <summary>A cash disbursement of a program that the caller's organisation runs.</summary>
internal sealed record OwnCash(DisbursementRecord Record, ProgramRecord Program, int Exponent);

/// <summary>Cash as the program's organisation sees it.</summary>
public sealed class CashReads(Access access, LedgerReader reader, LedgerInfo ledger)
{
    private const int Page = 1000;

    /// <summary>Null when there is none, or not in an own program.</summary>
    internal async Task<OwnCash?> FindAsync(Id disbursement) =>
        await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement) is { Cash: not null } record
        && await access.OwnProgramAsync(record.Program) is { } program && await ledger.UnitAsync(program.Unit) is { } unit
            ? new OwnCash(record, program, unit.Exponent)
            : null;

    /// <summary>The same within the caller's scope, to be read.</summary>
    internal async Task<OwnCash?> ReadAsync(Id disbursement) => await FindAsync(disbursement) is { } own && access.Covers(own.Program.Id) ? own : null;

    internal Task<IReadOnlyList<CashLineRecord>> LinesAsync(Id disbursement) => AllAsync<CashLineRecord>(RecordKind.CashLine, disbursement);

    /// <summary>Every record of a kind under a disbursement, by id.</summary>
    internal async Task<IReadOnlyList<T>> AllAsync<T>(RecordKind kind, Id disbursement)
        where T : Record
    {
        var all = new List<T>();
        while (true)
        {
            var page = await reader.ListAsync<T>(kind, disbursement, all.Count == 0 ? null : all[^1].Id, Page);
            all.AddRange(page);
            if (page.Count < Page)
            {
                return all;
            }
        }
    }

    /// <summary>The name of the provider whose float a disbursement goes through.</summary>
    internal async Task<string> ProviderAsync(DisbursementRecord disbursement) =>
        await access.FindAsync<AccountRecord>(RecordKind.Account, disbursement.Cash!.Float) is { } account
            ? (await access.FindAsync<OrganisationRecord>(RecordKind.Organisation, account.Organisation))?.Name ?? ""
            : "";

    /// <summary>Compares a report, from its beginning, with what was instructed.</summary>
    internal ReportMatch Match(ReportReader report, OwnCash own) => new(
        report,
        async ids => (await reader.FindAllAsync<CashLineRecord>(RecordKind.CashLine, ids)).Where(line => line.Disbursement == own.Record.Id).ToDictionary(line => line.Id),
        own.Program.Unit,
        own.Exponent);
}
