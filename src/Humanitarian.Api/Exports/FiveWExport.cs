using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Lots;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Domain.Transactions;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Exports;

/// <summary>
/// Who does what, where, when, for whom: a row for each disbursement of a program, told as to donors, because clusters pass it on. For
/// the program's organisation and the working group that its terms name.
/// </summary>
public sealed class FiveWExport(Access access, LedgerReader reader, LedgerCommands commands, LedgerInfo ledger, HumanitarianApiOptions options)
{
    private const int GrantsMax = 1_000;

    private static readonly string[] Columns =
        ["number", "who", "program", "what", "modality", "where", "when", "released_on", "households", "unit", "planned", "reached", "used"];

    /// <summary>Null when there is no such program to be seen.</summary>
    internal async Task<ExportTable?> OfAsync(Id id, ExportRange range, CancellationToken cancellationToken)
    {
        if (await access.CoordinatedProgramAsync(id) is not { } program || await ledger.UnitAsync(program.Unit) is not { } unit)
        {
            return null;
        }

        var told = await commands.DisbursedForDonorsAsync(id, options.LeastHouseholds, cancellationToken);
        var who = (await access.FindAsync<OrganisationRecord>(RecordKind.Organisation, program.Organisation))?.Name;
        var grants = (await reader.ListAsync<GrantRecord>(RecordKind.Grant, id, null, GrantsMax, cancellationToken)).ToDictionary(grant => grant.Id, grant => grant.Earmark);
        var from = Math.Min(range.After ?? 0, told.Lots.Count);
        var to = Math.Min(from + range.Rows, told.Lots.Count);
        var rows = new List<object?[]>();
        for (var number = from; number < to; number++)
        {
            var lot = told.Lots[(int)number];
            rows.Add([number + 1, who, .. await RowAsync(program, lot, told, unit.Exponent, grants)]);
        }

        return new ExportTable("5w", $"5w-{id}", Columns, rows.ToAsyncEnumerable(), to < told.Lots.Count ? to : null);
    }

    /// <summary>The areas that it reached, as donors are told them; before it is completed and without any, those that its grants are tied to.</summary>
    private async Task<string> WhereAsync(DisbursementRecord disbursement, Dictionary<Id, string> earmarks)
    {
        var areas = await commands.AreasAsync(disbursement.Id, options.LeastHouseholds);
        return string.Join(
            "; ", areas.Count > 0 ? areas
                : disbursement.Grants.Select(grant => earmarks.GetValueOrDefault(grant.Lot, "")).Where(earmark => earmark.Length > 0).Distinct());
    }

    private async Task<object?[]> RowAsync(ProgramRecord program, LotRecord lot, DisbursedLots told, int exponent, Dictionary<Id, string> earmarks)
    {
        var disbursement = lot.Origin.IsNone ? null : await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, lot.Origin);
        decimal Of(params LotFlow[] flows) => ExportAmount.Of(flows.Sum(flow => told.Flows.GetValueOrDefault((lot.Id, flow))), exponent);
        return
        [
            program.Name, disbursement?.AssistanceKind ?? "other", disbursement is null ? null : ExportAmount.Word(disbursement.Mode),
            disbursement is null ? null : await WhereAsync(disbursement, earmarks),
            disbursement?.Period, DateTimeOffset.FromUnixTimeMilliseconds(lot.OpenedAt), told.Households[lot.Id], program.Unit, ExportAmount.Of(lot.SizeMinor, exponent),
            Of(LotFlow.Disbursed, LotFlow.Delivered), Of(LotFlow.Redeemed, LotFlow.Delivered),
        ];
    }
}
