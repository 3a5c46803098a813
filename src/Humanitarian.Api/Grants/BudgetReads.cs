using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Grants;

/// <summary>A grant's plan beside what became of it, as somebody may see it.</summary>
/// <param name="LeastHouseholds">Fewest households that a figure covers; null where figures are exact.</param>
internal sealed record SeenBudget(GrantRecord Grant, ProgramRecord Program, IReadOnlyList<BudgetReportLine> Lines, int? LeastHouseholds);

/// <summary>Plans beside what became of them: exact for who runs the program, told as in the trace to the donor of a grant.</summary>
public sealed class BudgetReads(Access access, LedgerReader reader, LedgerCommands commands, HumanitarianApiOptions options)
{
    private const int GrantsMax = 1_000;

    /// <summary>Null when there is no such grant, or it is not the caller's to see.</summary>
    internal async Task<SeenBudget?> OfGrantAsync(Id id, CancellationToken cancellationToken)
    {
        if (await access.GrantAsync(id) is not { } grant || await access.FindAsync<ProgramRecord>(RecordKind.Program, grant.Program) is not { } program)
        {
            return null;
        }

        int? least = program.Organisation == access.Caller.Organisation ? null : options.LeastHouseholds;
        return await (least is { } households ? commands.TraceForDonorAsync(id, households, cancellationToken) : reader.TraceAsync(id, cancellationToken)) is { } trace
            ? new SeenBudget(grant, program, BudgetReport.Of(grant, trace, await UnderWayAsync(trace)), least)
            : null;
    }

    /// <summary>Those of a program that the caller sees: all for who runs it, a donor's own. Null when there is none to see.</summary>
    internal async Task<(ProgramRecord Program, IReadOnlyList<SeenBudget> Grants)?> OfProgramAsync(Id id, CancellationToken cancellationToken)
    {
        if (await access.ProgramAsync(id) is not { } program)
        {
            return null;
        }

        var seen = new List<SeenBudget>();
        foreach (var grant in await reader.ListAsync<GrantRecord>(RecordKind.Grant, id, null, GrantsMax, cancellationToken))
        {
            if (await OfGrantAsync(grant.Id, cancellationToken) is { } budget)
            {
                seen.Add(budget);
            }
        }

        return seen.Count > 0 || access.Reads(program.Organisation) ? (program, seen) : null;
    }

    private async Task<IReadOnlySet<Id>> UnderWayAsync(TraceNode trace)
    {
        var underWay = new HashSet<Id>();
        foreach (var id in trace.Children.SelectMany(child => child.Children).Select(child => child.Id).Where(id => !id.IsNone).Distinct())
        {
            if (await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, id) is { State: not DisbursementState.Completed })
            {
                underWay.Add(id);
            }
        }

        return underWay;
    }
}
