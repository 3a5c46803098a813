using Humanitarian.Domain;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Grains.Commands;

/// <summary>Costs of grants, and the end of programs.</summary>
public sealed partial class LedgerCommands
{
    /// <summary>Charges a cost to a grant; the cost has the id <see cref="IdFor"/> of the command.</summary>
    public async Task<CommandResult> RecordCostAsync(CommandContext context, CostRequest cost) =>
        Invalid(context) ?? (await ProgramOfAsync(cost.Grant) is { } program ? await Account(program.Pool).CostAsync(context, cost) : NotFound("grant"));

    /// <summary>Ends a program: what is unspent in its pool passes to its return queue. Refused with what is still open of it.</summary>
    public async Task<CommandResult> CloseProgramAsync(CommandContext context, Id program) =>
        Invalid(context)
        ?? ((await reader.FindAsync<ProgramRecord>(RecordKind.Program, program)).Record is { } record
            ? await Account(record.Pool).CloseProgramAsync(context, program)
            : NotFound("program"));

    /// <summary>Charges a cost to another grant instead; the cost there has the id <see cref="IdFor"/> of the command.</summary>
    public async Task<CommandResult> RechargeCostAsync(CommandContext context, RechargeRequest recharge) =>
        Invalid(context)
        ?? ((await reader.FindAsync<CostRecord>(RecordKind.Cost, recharge.Cost)).Record is { } cost
            && (await reader.FindAsync<ProgramRecord>(RecordKind.Program, cost.Program)).Record is { } program
                ? await Account(program.Pool).RechargeAsync(context, recharge)
                : NotFound("cost"));
}
