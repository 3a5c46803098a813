using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Domain.Overlaps;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Overlaps;

/// <param name="ProgramId">Your program, in which the list is enrolled; a dry run takes a list that is not enrolled yet.</param>
/// <param name="ListId">A list of yours.</param>
/// <param name="CountOnly">True counts and raises nothing: a dry run.</param>
/// <param name="DecideUntil">Until when both organisations decide, at most 14 days from now; undecided, both are paid. Not for a dry run.</param>
public sealed record MatchListInput(string IdempotencyKey, Id ProgramId, Id ListId, bool CountOnly, DateTimeOffset? DecideUntil) : MutationInput(IdempotencyKey);

/// <param name="OverlapId">The suspicion.</param>
/// <param name="Opinion">What your organisation says: SAME, DIFFERENT or UNSURE.</param>
/// <param name="Reason">Why, as a code of capital letters, digits and underscores, never about a person. Needed to call a strong suspicion different and to change your word.</param>
/// <param name="NamesYou">True lets the other organisation know that it is yours; false when absent.</param>
public sealed record DecideOverlapInput(string IdempotencyKey, Signature? Signature, Id OverlapId, OverlapOpinion Opinion, string? Reason, bool? NamesYou)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="OverlapId">A suspicion that both have decided.</param>
/// <param name="Reason">Why, as a code of capital letters, digits and underscores, never about a person.</param>
/// <param name="DecideUntil">Until when both decide again, at most 14 days from now.</param>
public sealed record AppealOverlapInput(string IdempotencyKey, Signature? Signature, Id OverlapId, string Reason, DateTimeOffset DecideUntil)
    : SignedInput(IdempotencyKey, Signature);

public sealed record MatchListPayload : Payload
{
    /// <summary>The comparison as it was logged; null when refused.</summary>
    [AsParent]
    public async Task<MatchingRunView?> Run([FromServices] MatchingRuns runs, [FromServices] Access access) =>
        !Subject.IsNone && await runs.FindAsync(Subject, access.Caller.Organisation) is { } run ? MatchingRunView.Of(run) : null;
}

public abstract record OverlapPayload : Payload
{
    /// <summary>The suspicion as it is now; null when refused.</summary>
    [AsParent]
    public Task<OverlapView?> Overlap([FromServices] OverlapReads overlaps) => overlaps.FindAsync(Subject);
}

public sealed record DecideOverlapPayload : OverlapPayload;

public sealed record AppealOverlapPayload : OverlapPayload;

/// <summary>Households that other organisations may assist too: raised by a comparison, decided by both.</summary>
public sealed class OverlapMutations(MutationRunner run, LedgerCommands commands, OverlapMatching matching, ListDocuments lists, Access access) : IMutations
{
    /// <summary>
    /// Compares a list of yours with what other organisations have enrolled. Answers counts in steps of ten; each household found becomes a
    /// suspicion that both organisations see. Limited for each day, and logged.
    /// </summary>
    [Allow(Roles.Registrar)]
    [Cost(OperationCost.Many)]
    public Task<MatchListPayload> MatchList(MatchListInput input) => run.RunAsync<MatchListPayload>(input, null, async (context, id) =>
    {
        if (await access.OwnProgramAsync(input.ProgramId) is not { } program)
        {
            return await Refuse.NotFound("programId");
        }

        if (await lists.FindAsync(input.ListId, access.Caller.Organisation) is not { } list)
        {
            return await Refuse.With(ListDocuments.Unknown);
        }

        var refusal = !access.Caller.Has(Roles.Registrar) ? Principals.Forbidden()
            : access.Caller.Member.Scope?.Covers(program.Id) == false ? Principals.OutOfScope()
            : !input.CountOnly && input.DecideUntil is null ? new Refusal(RefusalCode.InvalidInput, "Say until when both organisations decide.", "decideUntil")
            : await matching.RunAsync(
                id, new MatchRequest(program.Id, list, input.CountOnly, input.DecideUntil?.ToUnixTimeMilliseconds() ?? 0), context.Principal);
        return refusal is null ? CommandResult.Done(Hash32.Zero, 0, 0) : CommandResult.Refused(refusal);
    });

    /// <summary>Your organisation says what it thinks of a suspicion, signed by an approver.</summary>
    [Allow(Roles.Approver)]
    public Task<DecideOverlapPayload> DecideOverlap(DecideOverlapInput input) => run.RunAsync<DecideOverlapPayload>(input, input.OverlapId, (context, id) =>
        input.Opinion == OverlapOpinion.None
            ? Refuse.With(new Refusal(RefusalCode.InvalidInput, "Say SAME, DIFFERENT or UNSURE.", "opinion"))
            : commands.DecideOverlapAsync(context, id, input.Opinion, input.Reason ?? "", input.NamesYou ?? false));

    /// <summary>Your organisation appeals, once, against what both said: both decide again. Signed by an approver.</summary>
    [Allow(Roles.Approver)]
    public Task<AppealOverlapPayload> AppealOverlap(AppealOverlapInput input) => run.RunAsync<AppealOverlapPayload>(input, input.OverlapId, (context, id) =>
        commands.AppealOverlapAsync(context, id, input.Reason, input.DecideUntil.ToUnixTimeMilliseconds()));
}
