using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Grains.Disbursements;

internal sealed partial class DisbursementLife
{
    /// <summary>A step of the auditor's sample. A commitment comes while the list is a draft beside the ledger.</summary>
    public async Task<CommandResult> SampleAsync(CommandContext context, SampleRequest request)
    {
        if (await KeptAsync() is not { } kept)
        {
            return CommandResult.Refused(NotFound());
        }

        var frozen = await RecordAsync() is not null;
        return (await runner.RunAsync(null, new Command(context, (scope, view, signatures) => request.Step switch
        {
            SampleStep.Commit when frozen || kept.Cancelled => new Refusal(RefusalCode.WrongState, "The list is frozen or given up; a commitment comes before.", "disbursementId"),
            SampleStep.Commit => Samples.Commit(Id, kept.Draft.Program, request.Value, request.Lines, signatures, scope, view),
            SampleStep.Reveal => Samples.Reveal(Id, request.Value, signatures, scope, view),
            _ => Samples.Record(Id, request.Passed, request.Reason, signatures, scope, view),
        }))).Result;
    }
}
