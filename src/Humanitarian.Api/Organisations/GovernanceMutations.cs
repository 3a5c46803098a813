using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Programs;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Admission;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Organisations;

/// <param name="ProgramId">The program.</param>
/// <param name="Area">A site of enrolments, to stop only that; 1 to 64 characters.</param>
/// <param name="VendorAccountId">A vendor's account, to stop only that in the program.</param>
/// <param name="Reason">Why.</param>
public sealed record StopProgramInput(string IdempotencyKey, Signature? Signature, Id ProgramId, string? Area, Id? VendorAccountId, StopReason Reason)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="ProgramId">The program.</param>
/// <param name="Area">The area that is stopped.</param>
/// <param name="VendorAccountId">The vendor's account that is stopped.</param>
public sealed record ResumeProgramInput(string IdempotencyKey, Signature? Signature, Id ProgramId, string? Area, Id? VendorAccountId)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="ProgramId">The program.</param>
/// <param name="Reason">Why, for donors to read; 1 to 500 characters, never about a person.</param>
/// <param name="From">When it begins to count, if enough have approved it by then.</param>
/// <param name="Until">When it ends; within 366 days.</param>
/// <param name="MemberIds">Who may approve it, 2 to 16 members, you among them.</param>
/// <param name="Threshold">How many of them must: more than half.</param>
public sealed record ProposeSeparationWaiverInput(
    string IdempotencyKey, Signature? Signature, Id ProgramId, string Reason, DateTimeOffset From, DateTimeOffset Until, IReadOnlyList<Id> MemberIds, int Threshold)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="ProgramId">The program.</param>
public sealed record ApproveSeparationWaiverInput(string IdempotencyKey, Signature? Signature, Id ProgramId) : SignedInput(IdempotencyKey, Signature);

/// <param name="ProgramId">The program.</param>
public sealed record EndSeparationWaiverInput(string IdempotencyKey, Signature? Signature, Id ProgramId) : SignedInput(IdempotencyKey, Signature);

public abstract record StopPayload : Payload
{
    /// <summary>What of the program is stopped now, oldest first; null when refused.</summary>
    [AsParent]
    public async Task<IReadOnlyList<ProgramStopView>?> Stops([FromServices] Access access) =>
        access.Covers(Subject) && await access.StoppableProgramAsync(Subject) is { } record ? [.. record.Stops.Select(ProgramStopView.Of)] : null;
}

public sealed record StopProgramPayload : StopPayload;

public sealed record ResumeProgramPayload : StopPayload;

public sealed record ProposeSeparationWaiverPayload : ProgramPayload;

public sealed record ApproveSeparationWaiverPayload : ProgramPayload;

public sealed record EndSeparationWaiverPayload : ProgramPayload;

/// <summary>What stops a program, and what its members must agree on.</summary>
public sealed class GovernanceMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>
    /// Stops a program, an area of it or a vendor in it at once: until two members have resumed it, nothing of it pays, redeems, releases or
    /// delivers. What was redeemed before is settled all the same. Lines of a stopped area in a list that is being paid are left unpaid.
    /// </summary>
    [Allow(Roles.Administrator | Roles.ProgramManager | Roles.Operator)]
    [Stops]
    public Task<StopProgramPayload> StopProgram(StopProgramInput input) => run.RunAsync<StopProgramPayload>(input, input.ProgramId, async (context, id) =>
        await access.StoppableProgramAsync(id) is null
            ? await Refuse.NotFound("programId")
            : await commands.StopAsync(context, id, input.Area ?? "", input.VendorAccountId ?? Id.None, input.Reason), Urgency.Till);

    /// <summary>The first member asks to resume what is stopped, another confirms; one of them is an operator where an operator stopped it.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager | Roles.Operator)]
    public Task<ResumeProgramPayload> ResumeProgram(ResumeProgramInput input) => run.RunAsync<ResumeProgramPayload>(input, input.ProgramId, async (context, id) =>
        await access.StoppableProgramAsync(id) is null
            ? await Refuse.NotFound("programId")
            : await commands.ResumeAsync(context, id, input.Area ?? "", input.VendorAccountId ?? Id.None));

    /// <summary>
    /// Proposes that for a time one member may enrol, approve and release in a program. It counts once so many of the named members have
    /// approved it; donors of the program see it.
    /// </summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<ProposeSeparationWaiverPayload> ProposeSeparationWaiver(ProposeSeparationWaiverInput input) =>
        run.RunAsync<ProposeSeparationWaiverPayload>(input, input.ProgramId, async (context, id) =>
            await access.OwnProgramAsync(id) is null
                ? await Refuse.NotFound("programId")
                : await commands.ProposeWaiverAsync(context, id, new WaiverRequest(
                    input.Reason, input.From.ToUnixTimeMilliseconds(), input.Until.ToUnixTimeMilliseconds(), input.MemberIds, input.Threshold)));

    /// <summary>A named member approves what was proposed.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager | Roles.Approver | Roles.Releaser | Roles.Finance)]
    public Task<ApproveSeparationWaiverPayload> ApproveSeparationWaiver(ApproveSeparationWaiverInput input) =>
        run.RunAsync<ApproveSeparationWaiverPayload>(input, input.ProgramId, async (context, id) =>
            await access.OwnProgramAsync(id) is null ? await Refuse.NotFound("programId") : await commands.ApproveWaiverAsync(context, id));

    /// <summary>Ends a waiver, or a proposal of one, at once: duties are separate again.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<EndSeparationWaiverPayload> EndSeparationWaiver(EndSeparationWaiverInput input) =>
        run.RunAsync<EndSeparationWaiverPayload>(input, input.ProgramId, async (context, id) =>
            await access.OwnProgramAsync(id) is null ? await Refuse.NotFound("programId") : await commands.EndWaiverAsync(context, id));
}
