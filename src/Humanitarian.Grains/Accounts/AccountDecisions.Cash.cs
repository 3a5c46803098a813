using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Grants;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Grains.Accounts;

internal sealed partial class AccountDecisions
{
    public Task<CommandResult> ReconcileAsync(CommandContext context, byte[] announced, Report[] reports)
    {
        var record = (ReconciliationRecord)RecordCodec.Decode(announced);
        return RunAsync(new Command(context, (scope, view, signatures) => Reconciliations.Decide(record, reports, signatures, scope, view)) { Bulk = true, Taken = HoldEnded });
    }

    public Task<CommandResult> RecallAsync(Id disbursement, Id[] lines) =>
        RunAsync(new Command(null, (scope, view, _) => Recalls.Decide(disbursement, lines, scope, view)) { Bulk = true, Taken = HoldEnded });

    public Task<CommandResult> DecideContradictionAsync(CommandContext context, Id contradiction, bool accept, string resolution) => RunAsync(new Command(
        context, (scope, view, signatures) => Corrections.Decide(contradiction, accept, resolution, signatures, scope, view))
    {
        Taken = (_, _) => new Refusal(RefusalCode.ClaimTaken, "The household has been assisted otherwise since; settle the difference with the provider and dismiss the report.", "contradiction"),
    });

    public Task<CommandResult> DecideExceptionAsync(CommandContext context, Id exception, Id grant, string resolution) => RunAsync(new Command(
        context,
        (scope, view, signatures) => LateDecisions.Decide(
            exception, grant, resolution, ClaimKey.IdFrom(scope.Command!.Value.Key, 1), ClaimKey.IdFrom(scope.Command!.Value.Key, 2), signatures, scope, view))
    {
        Taken = (_, _) => new Refusal(RefusalCode.AlreadyAssisted, "This line, or the household for this period, has been paid; reject the late delivery.", "exceptionId"),
    });

    public Task<CommandResult> FeeAsync(CommandContext context, Id grant, string budgetLine, Id disbursement, long amountMinor, Hash32 evidence) => RunAsync(new Command(
        context, (scope, view, _) => GrantOutflows.DecideFee(grant, budgetLine, disbursement, amountMinor, evidence, scope, view)));
}
