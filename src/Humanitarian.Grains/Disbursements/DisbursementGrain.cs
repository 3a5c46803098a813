using Humanitarian.Domain;
using Humanitarian.Domain.Disclosure;
using Humanitarian.Grains.Accounts;
using Humanitarian.Grains.Commands;
using Humanitarian.Storage.Side;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Humanitarian.Grains.Disbursements;

/// <summary>A disbursement through its life: drafted and validated beside the ledger, approved, released, executed and completed on it. Its key is its id.</summary>
[Alias("IDisbursementGrain")]
public interface IDisbursementGrain : IGrainWithStringKey
{
    [Alias("Draft")]
    Task<DisbursementAnswer> DraftAsync(CommandContext context, DisbursementDraft draft);

    [Alias("Validate"), ResponseTimeout("00:05:00")]
    Task<DisbursementAnswer> ValidateAsync(CommandContext context, ControlTotals expected);

    [Alias("Approve"), ResponseTimeout("00:05:00")]
    Task<CommandResult> ApproveAsync(CommandContext context);

    /// <summary>A step of the auditor's sample.</summary>
    [Alias("Sample")]
    Task<CommandResult> SampleAsync(CommandContext context, SampleRequest request);

    [Alias("Release")]
    Task<CommandResult> ReleaseAsync(CommandContext context);

    /// <summary>Gives it up before its release.</summary>
    [Alias("Cancel")]
    Task<CommandResult> CancelAsync(CommandContext context);

    /// <summary>Nothing of it is paid until it goes on.</summary>
    [Alias("Pause")]
    Task<CommandResult> PauseAsync(CommandContext context);

    [Alias("GoOn")]
    Task<CommandResult> GoOnAsync(CommandContext context);

    [Alias("Complete")]
    Task<CommandResult> CompleteAsync(CommandContext context);

    [Alias("Deliver")]
    Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery);

    [Alias("Status"), ResponseTimeout("00:05:00")]
    Task<DisbursementStatus?> StatusAsync();

    /// <summary>How many people the frozen list covers; null before validation and when the list's rows are gone.</summary>
    [Alias("Cover"), ResponseTimeout("00:05:00")]
    Task<ListCover?> CoverAsync(int least);

    /// <summary>Whom it reached, by area; null until it is completed.</summary>
    [Alias("Reach"), ResponseTimeout("00:05:00")]
    Task<IReadOnlyList<AreaReach>?> ReachAsync();

    /// <summary>The lines of a chunk of the frozen list and what became of each; null when there is no such chunk.</summary>
    [Alias("Lines"), ResponseTimeout("00:01:00")]
    Task<IReadOnlyList<LineReport>?> LinesAsync(int chunk);

    /// <summary>What became of an account's line of the frozen list; null when it has none, and before the list is frozen.</summary>
    [Alias("LineOf"), ResponseTimeout("00:01:00")]
    Task<LineReport?> LineOfAsync(Id account);

    /// <summary>Goes on paying a released bulk disbursement; returns at once.</summary>
    [Alias("Resume")]
    Task ResumeAsync();

    /// <summary>
    /// The lot has expired: completes what is open and returns what its holders did not redeem. True when nothing is left to be done.
    /// </summary>
    [Alias("Expire"), ResponseTimeout("00:30:00")]
    Task<bool> ExpireAsync();
}

/// <summary>A status or a refusal, as it travels.</summary>
[GenerateSerializer, Immutable, Alias("DisbursementAnswer")]
public sealed record DisbursementAnswer([property: Orleans.Id(0)] DisbursementStatus? Status, [property: Orleans.Id(1)] Refusal? Refusal);

/// <summary>Hosts a disbursement. Reentrant, so that deliveries share a commit.</summary>
[Reentrant]
internal sealed class DisbursementGrain(LedgerServices services, ISideStore side, IPoolAccounts pools, ILogger<DisbursementGrain> logger) : Grain, IDisbursementGrain
{
    private DisbursementLife life = null!;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        life = new DisbursementLife(Id.Parse(this.GetPrimaryKeyString()), services, side, pools, logger);
        return life.LoadAsync();
    }

    public Task<DisbursementAnswer> DraftAsync(CommandContext context, DisbursementDraft draft) => life.DraftAsync(context, draft);

    public Task<DisbursementAnswer> ValidateAsync(CommandContext context, ControlTotals expected) => life.ValidateAsync(context, expected);

    public Task<CommandResult> ApproveAsync(CommandContext context) => life.ApproveAsync(context);

    public Task<CommandResult> SampleAsync(CommandContext context, SampleRequest request) => life.SampleAsync(context, request);

    public Task<CommandResult> ReleaseAsync(CommandContext context) => life.ReleaseAsync(context);

    public Task<CommandResult> CancelAsync(CommandContext context) => life.CancelAsync(context);

    public Task<CommandResult> PauseAsync(CommandContext context) => life.PauseAsync(context);

    public Task<CommandResult> GoOnAsync(CommandContext context) => life.GoOnAsync(context);

    public Task<CommandResult> CompleteAsync(CommandContext context) => life.CompleteAsync(context);

    public Task<CommandResult> DeliverAsync(CommandContext context, DeliveryRequest delivery) => life.DeliverAsync(context, delivery);

    public async Task<DisbursementStatus?> StatusAsync()
    {
        var status = await life.StatusAsync();
        if (status is null)
        {
            // Anybody can make ids up, and what does not exist takes no memory.
            DeactivateOnIdle();
        }

        return status;
    }

    public Task<ListCover?> CoverAsync(int least) => life.CoverAsync(least);

    public Task<IReadOnlyList<AreaReach>?> ReachAsync() => life.ReachAsync();

    public Task<IReadOnlyList<LineReport>?> LinesAsync(int chunk) => life.ReportAsync(chunk);

    public Task<LineReport?> LineOfAsync(Id account) => life.ReportOfAsync(account);

    public Task ResumeAsync() => life.ResumeAsync();

    public Task<bool> ExpireAsync() => life.ExpireAsync();
}
