using Humanitarian.Domain;
using Humanitarian.Domain.Overlaps;

namespace Humanitarian.Grains.Commands;

public sealed partial class LedgerCommands
{
    /// <summary>Raises one suspicion of a matching run. The pair is its key: asked for again, it is ALREADY_EXISTS.</summary>
    public async Task<CommandResult> SuspectAsync(Id registrar, SuspectCommand suspicion) =>
        (await new CommandRunner(services).RunAsync(null, new Command(
            new CommandContext(registrar, "", Hash32.Zero, null), (scope, view, _) => OverlapSuspicions.Decide(suspicion, scope, view)))).Result;

    /// <summary>An approver signs what their organisation thinks of a suspicion.</summary>
    /// <param name="reason">A code; empty where none is needed.</param>
    /// <param name="namesItself">True when the other side may be told which organisation this is.</param>
    public async Task<CommandResult> DecideOverlapAsync(CommandContext context, Id overlap, OverlapOpinion opinion, string reason, bool namesItself) =>
        Invalid(context) ?? (await new CommandRunner(services).RunAsync(null, new Command(
            context, (scope, view, signatures) => OverlapDecisions.Decide(overlap, opinion, reason, namesItself, signatures, scope, view)))).Result;

    /// <summary>An approver signs an appeal against what both sides said.</summary>
    /// <param name="decideUntil">Unix milliseconds.</param>
    public async Task<CommandResult> AppealOverlapAsync(CommandContext context, Id overlap, string reason, long decideUntil) =>
        Invalid(context) ?? (await new CommandRunner(services).RunAsync(null, new Command(
            context, (scope, view, signatures) => OverlapDecisions.Appeal(overlap, reason, decideUntil, signatures, scope, view)))).Result;
}
