using Humanitarian.Domain;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Programs;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;
using Orleans.Concurrency;

namespace Humanitarian.Grains.Programs;

/// <summary>A program: enrols lists, takes receipts in, stops and goes on. Its key is the program's id.</summary>
[Alias("IProgramGrain")]
public interface IProgramGrain : IGrainWithStringKey
{
    /// <summary>Enrols every row of an imported list, in chunks; a repeated call goes on where the last one stopped.</summary>
    [Alias("Enrol"), ResponseTimeout("00:30:00")]
    Task<CommandResult> EnrolAsync(CommandContext context, Id list);

    [Alias("Receipt")]
    Task<CommandResult> ReceiptAsync(CommandContext context, Id grant, long amountMinor, Hash32 evidence);

    /// <summary>Stops the program, an area of it or a vendor in it.</summary>
    [Alias("Stop")]
    Task<CommandResult> StopAsync(CommandContext context, string area, Id vendorAccount, StopReason reason);

    /// <summary>Asks for the end of a stop, or confirms it.</summary>
    [Alias("Resume")]
    Task<CommandResult> ResumeAsync(CommandContext context, string area, Id vendorAccount);

    [Alias("ProposeWaiver")]
    Task<CommandResult> ProposeWaiverAsync(CommandContext context, WaiverRequest waiver);

    [Alias("ApproveWaiver")]
    Task<CommandResult> ApproveWaiverAsync(CommandContext context);

    [Alias("EndWaiver")]
    Task<CommandResult> EndWaiverAsync(CommandContext context);

    [Alias("ProposeTerms")]
    Task<CommandResult> ProposeTermsAsync(CommandContext context, TermsRequest proposed);

    [Alias("ApproveTerms")]
    Task<CommandResult> ApproveTermsAsync(CommandContext context);

    [Alias("WithdrawTerms")]
    Task<CommandResult> WithdrawTermsAsync(CommandContext context);

    /// <summary>The ledger's own due work: approved terms take effect.</summary>
    [Alias("PutTermsInEffect")]
    Task<CommandResult> PutTermsInEffectAsync();
}

/// <summary>Holds nothing, so it is reentrant; claims keep a chunk from being enrolled twice.</summary>
[Reentrant]
internal sealed class ProgramGrain(LedgerServices services, ISideStore side) : Grain, IProgramGrain
{
    private readonly CommandRunner runner = new(services);

    private Id Program => Id.Parse(this.GetPrimaryKeyString());

    public Task<CommandResult> EnrolAsync(CommandContext context, Id list) => new ListEnrolment(services, side, Program).RunAsync(context, list);

    public async Task<CommandResult> ReceiptAsync(CommandContext context, Id grant, long amountMinor, Hash32 evidence) =>
        (await runner.RunAsync(null, new Command(
            context, (scope, view, _) => Receipts.Decide(grant, ClaimKey.IdFrom(scope.Command!.Value.Key), amountMinor, evidence, scope, view)))).Result;

    public Task<CommandResult> StopAsync(CommandContext context, string area, Id vendorAccount, StopReason reason) =>
        ChangeAsync(context, (scope, view, signatures) => Stops.Stop(Program, area, vendorAccount, reason, signatures, scope, view));

    public Task<CommandResult> ResumeAsync(CommandContext context, string area, Id vendorAccount) =>
        ChangeAsync(context, (scope, view, signatures) => Stops.Resume(Program, area, vendorAccount, signatures, scope, view));

    public Task<CommandResult> ProposeWaiverAsync(CommandContext context, WaiverRequest waiver) =>
        ChangeAsync(context, (scope, view, signatures) => SeparationWaivers.Propose(Program, waiver.ToWaiver(), signatures, scope, view));

    public Task<CommandResult> ApproveWaiverAsync(CommandContext context) =>
        ChangeAsync(context, (scope, view, signatures) => SeparationWaivers.Approve(Program, signatures, scope, view));

    public Task<CommandResult> EndWaiverAsync(CommandContext context) =>
        ChangeAsync(context, (scope, view, signatures) => SeparationWaivers.End(Program, signatures, scope, view));

    public Task<CommandResult> ProposeTermsAsync(CommandContext context, TermsRequest proposed) => ChangeAsync(
        context, (scope, view, signatures) => Amendments.Propose(Program, proposed.Terms, proposed.FromTime, proposed.FromHeight, signatures, scope, view));

    public Task<CommandResult> ApproveTermsAsync(CommandContext context) =>
        ChangeAsync(context, (scope, view, signatures) => Amendments.Approve(Program, signatures, scope, view));

    public Task<CommandResult> WithdrawTermsAsync(CommandContext context) =>
        ChangeAsync(context, (scope, view, signatures) => Amendments.Withdraw(Program, signatures, scope, view));

    public Task<CommandResult> PutTermsInEffectAsync() => ChangeAsync(null, (scope, view, _) => Amendments.PutInEffect(Program, scope, view));

    private async Task<CommandResult> ChangeAsync(CommandContext? context, Decide decide) => (await runner.RunAsync(null, new Command(context, decide))).Result;
}
