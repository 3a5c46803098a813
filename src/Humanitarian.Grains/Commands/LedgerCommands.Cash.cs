using Humanitarian.Chain.Canonical;
using Humanitarian.Domain;
using Humanitarian.Domain.Cash;
using Humanitarian.Domain.Deliveries;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Programs;

namespace Humanitarian.Grains.Commands;

public sealed partial class LedgerCommands
{
    /// <summary>
    /// Records a provider's report, signed as a whole, in transactions of at most <see cref="Reconciliations.MaximumLines"/> lines. A
    /// repeated call goes on where the last one stopped; ALREADY_RECONCILED when the ledger knows all of it.
    /// </summary>
    /// <param name="batches">The report's lines, at most so many in a batch; drawn only as they are recorded.</param>
    public async Task<CommandResult> ReconcileCashAsync(CommandContext context, ReconciliationRecord announced, IAsyncEnumerable<Report[]> batches)
    {
        if (Invalid(context) is { } invalid)
        {
            return invalid;
        }

        if ((await reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, announced.Disbursement)).Record is not { Cash: { } plan })
        {
            return NotFound("disbursement");
        }

        // The first batch that has something new carries the command's key; its outcome is the command's.
        CommandResult? first = null;
        var encoded = RecordCodec.Encode(announced);
        await foreach (var batch in batches)
        {
            if (batch.Length == 0)
            {
                continue;
            }

            var result = await Account(plan.Float).ReconcileAsync(first is null ? context : context with { Key = "" }, encoded, batch);
            if (result.Refusal is { Code: not RefusalCode.AlreadyReconciled })
            {
                return result;
            }

            first ??= result.Refusal is null ? result : null;
        }

        return first ?? CommandResult.Refused(new Refusal(RefusalCode.AlreadyReconciled, "The ledger knows everything that this report says.", "file"));
    }

    /// <summary>Finance accepts a contradicting report, which corrects the line, or dismisses it.</summary>
    /// <param name="resolution">A code that says why.</param>
    public async Task<CommandResult> DecideContradictionAsync(CommandContext context, Id contradiction, bool accept, string resolution) =>
        Invalid(context)
        ?? ((await reader.FindAsync<ContradictionRecord>(RecordKind.Contradiction, contradiction)).Record is { } found
            && await ProgramOfDisbursementAsync(found.Disbursement) is { } program
                ? await Account(program.Pool).DecideContradictionAsync(context, contradiction, accept, resolution)
                : NotFound("contradiction"));

    /// <summary>Records an instruction file's hash; the file may leave once this has succeeded.</summary>
    public async Task<CommandResult> ExportInstructionsAsync(CommandContext context, InstructionFileRecord file) =>
        Invalid(context) ?? (await new CommandRunner(services).RunAsync(null, new Command(context, (scope, view, _) => InstructionFiles.Decide(file, scope, view)))).Result;

    /// <summary>Charges what a provider took for a cash disbursement to a budget line of the grant.</summary>
    public async Task<CommandResult> RecordProviderFeeAsync(CommandContext context, Id grant, string budgetLine, Id disbursement, long amountMinor, Hash32 evidence) =>
        Invalid(context)
        ?? (await ProgramOfAsync(grant) is { } program
            ? await Account(program.Pool).FeeAsync(context, grant, budgetLine, disbursement, amountMinor, evidence)
            : NotFound("grant"));

    /// <summary>An approver pays a late delivery from a grant, or rejects it.</summary>
    /// <param name="grant">None to reject.</param>
    /// <param name="resolution">A code that says why.</param>
    public async Task<CommandResult> DecideDeliveryExceptionAsync(CommandContext context, Id exception, Id grant, string resolution) =>
        Invalid(context)
        ?? ((await reader.FindAsync<DeliveryExceptionRecord>(RecordKind.DeliveryException, exception)).Record is { } found
            && (await reader.FindAsync<ProgramRecord>(RecordKind.Program, found.Program)).Record is { } program
                ? await Account(program.Pool).DecideExceptionAsync(context, exception, grant, resolution)
                : NotFound("exceptionId"));

    private async Task<ProgramRecord?> ProgramOfDisbursementAsync(Id disbursement) =>
        (await reader.FindAsync<DisbursementRecord>(RecordKind.Disbursement, disbursement)).Record is { } record
            ? (await reader.FindAsync<ProgramRecord>(RecordKind.Program, record.Program)).Record
            : null;
}
