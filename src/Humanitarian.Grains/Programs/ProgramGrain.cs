using Humanitarian.Domain;
using Humanitarian.Domain.Grants;
using Humanitarian.Domain.Households;
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
    private const int ChunksUnderWay = 4;
    private static readonly TimeSpan BusyAgainAfter = TimeSpan.FromSeconds(1);

    // A little less than the call may take.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(25);
    private readonly CommandRunner runner = new(services);

    private Id Program => Id.Parse(this.GetPrimaryKeyString());

    public async Task<CommandResult> EnrolAsync(CommandContext context, Id list)
    {
        if (await services.Reader.CurrentAsync() is not null && (await side.RowsAsync(list, 0, 1)).Count == 0)
        {
            return CommandResult.Refused(new Refusal(RefusalCode.ListUnknown, "There is no such list, or it has no good rows.", "listId"));
        }

        // The first chunk carries the command's key; its outcome is the command's.
        var first = await EnrolChunkAsync(context, list, 0);
        if (first.Refusal is not null)
        {
            return first;
        }

        var until = services.Now + (long)Patience.TotalMilliseconds;
        using var places = new SemaphoreSlim(ChunksUnderWay);
        var under = new List<Task<CommandResult>>();
        for (var chunk = 1; (await side.RowsAsync(list, (long)chunk * Enrolments.MaximumLines, 1)).Count > 0; chunk++)
        {
            await places.WaitAsync();
            under.Add(Enrol(chunk));
        }

        var results = await Task.WhenAll(under);
        return Array.Find(results, result => result.Refusal is not null) ?? first;

        async Task<CommandResult> Enrol(int chunk)
        {
            try
            {
                CommandResult result;
                while ((result = await EnrolChunkAsync(context with { Key = "" }, list, chunk)).Refusal?.Code == RefusalCode.Busy && services.Now < until)
                {
                    await Task.Delay(BusyAgainAfter, services.Time);
                }

                return result;
            }
            finally
            {
                places.Release();
            }
        }
    }

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

    private async Task<CommandResult> EnrolChunkAsync(CommandContext context, Id list, int chunk)
    {
        if (await services.BulkTurnAsync() is { } busy)
        {
            return CommandResult.Refused(busy);
        }

        var rows = await side.RowsAsync(list, (long)chunk * Enrolments.MaximumLines, Enrolments.MaximumLines);
        var lines = rows.Select(row => new EnrolmentLine(row.Account, row.Household, row.HouseholdSize, row.Site)).ToArray();
        var ran = await runner.RunAsync(null, new Command(context, (scope, view, _) => Enrolments.Decide(Program, list, chunk, lines, scope, view))
        {
            Bulk = true,
            Needs = new Needs([.. lines.SelectMany(line => Needs.OfPerson(Program, line.Account, line.Household)).Distinct()], []),
        });

        // A chunk that was enrolled before is done: the list has been enrolled in this program.
        return ran.Submitted is { Refusal.Code: RefusalCode.ClaimTaken, First: { } place } && context.Key.Length == 0
            ? CommandResult.Done(default, place.Height, place.Position, replayed: true)
            : ran.Submitted is { Refusal.Code: RefusalCode.ClaimTaken } && ran.Result.Refusal is not null
                ? CommandResult.Refused(new Refusal(RefusalCode.ListAlreadyUsed, "This list has been enrolled in this program already.", "listId"))
                : ran.Result;
    }
}
