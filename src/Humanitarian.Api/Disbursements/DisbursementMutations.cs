using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Api.SecondFactor;
using Humanitarian.Api.Lists;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Disbursements;

/// <summary>What one grant bears of a disbursement.</summary>
/// <param name="GrantId">A grant of the program.</param>
/// <param name="Amount">What the grant bears.</param>
public sealed record GrantShareInput(Id GrantId, MoneyInput Amount);

/// <summary>How a disbursement is paid out in cash.</summary>
/// <param name="FloatAccountId">The provider's float account.</param>
/// <param name="FollowsUpId">The cash disbursement whose undelivered rests this one brings; absent for a first one.</param>
public sealed record CashInput(Id FloatAccountId, Id? FollowsUpId);

/// <param name="ProgramId">The program that pays.</param>
/// <param name="ListId">The imported list.</param>
/// <param name="FirstRow">First good row of the list to use, from 0; 0 when absent.</param>
/// <param name="Rows">How many good rows from there; all that follow when absent.</param>
/// <param name="InPerson">True when field agents deliver the lines one by one; false credits them in bulk after release.</param>
/// <param name="Grants">Grants to draw on; their amounts sum to the rows' total.</param>
/// <param name="Period">Calendar period it assists for, such as 2026-11.</param>
/// <param name="AssistanceKind">Kind of assistance, of which a household gets one per period.</param>
/// <param name="ExpiresAt">When its credits expire; left to the program's terms when absent.</param>
/// <param name="Purpose">Regular, once for a period, when absent; all others may come on top, bounded by the sum paid for the period.</param>
/// <param name="Cash">Names the provider that pays the lines out in cash; absent for vouchers.</param>
public sealed record CreateDisbursementInput(
    string IdempotencyKey, Id ProgramId, Id ListId, long? FirstRow, long? Rows, bool InPerson, IReadOnlyList<GrantShareInput> Grants, string Period,
    string AssistanceKind, DateTimeOffset? ExpiresAt, DisbursementPurpose? Purpose, CashInput? Cash) : MutationInput(IdempotencyKey);

/// <param name="DisbursementId">The draft.</param>
/// <param name="ExpectedLines">Control total: how many lines you expect.</param>
/// <param name="ExpectedTotal">Control total: what you expect them to sum to. CONTROL_TOTAL_MISMATCH where the list is otherwise.</param>
public sealed record ValidateDisbursementInput(string IdempotencyKey, Id DisbursementId, long? ExpectedLines, MoneyInput? ExpectedTotal) : MutationInput(IdempotencyKey);

/// <param name="DisbursementId">The disbursement.</param>
public sealed record ApproveDisbursementInput(string IdempotencyKey, Signature? Signature, Id DisbursementId) : SignedInput(IdempotencyKey, Signature);

/// <param name="DisbursementId">The disbursement.</param>
[MovesMoney]
public sealed record ReleaseDisbursementInput(string IdempotencyKey, Signature? Signature, Id DisbursementId) : SignedInput(IdempotencyKey, Signature);

/// <param name="DisbursementId">The disbursement.</param>
public sealed record CancelDisbursementInput(string IdempotencyKey, Id DisbursementId) : MutationInput(IdempotencyKey);

/// <param name="DisbursementId">The disbursement.</param>
public sealed record PauseDisbursementInput(string IdempotencyKey, Id DisbursementId) : MutationInput(IdempotencyKey);

/// <param name="DisbursementId">The disbursement.</param>
public sealed record ResumeDisbursementInput(string IdempotencyKey, Id DisbursementId) : MutationInput(IdempotencyKey);

/// <param name="DisbursementId">The disbursement.</param>
[MovesMoney]
public sealed record CompleteDisbursementInput(string IdempotencyKey, Id DisbursementId) : MutationInput(IdempotencyKey);

public abstract record DisbursementPayload : ConfirmablePayload
{
    /// <summary>The disbursement as it is now; null when refused.</summary>
    [AsParent]
    public async Task<DisbursementView?> Disbursement([FromServices] DisbursementReads disbursements) =>
        Subject.IsNone ? null : await disbursements.ReadAsync(Subject);
}

public sealed record CreateDisbursementPayload : DisbursementPayload;

public sealed record ValidateDisbursementPayload : DisbursementPayload;

public sealed record ApproveDisbursementPayload : DisbursementPayload;

public sealed record ReleaseDisbursementPayload : DisbursementPayload;

public sealed record CancelDisbursementPayload : DisbursementPayload;

public sealed record PauseDisbursementPayload : DisbursementPayload;

public sealed record ResumeDisbursementPayload : DisbursementPayload;

public sealed record CompleteDisbursementPayload : DisbursementPayload;

/// <summary>The life of a disbursement: drafted, validated, approved, released, completed, by different people.</summary>
public sealed class DisbursementMutations(MutationRunner run, LedgerCommands commands, Access access, ListDocuments lists, ListScopes scopes, DisbursementReads disbursements)
    : IMutations
{
    /// <summary>Drafts a disbursement from a list. Not on the ledger yet.</summary>
    [Allow(Roles.Registrar)]
    public Task<CreateDisbursementPayload> CreateDisbursement(CreateDisbursementInput input) => run.RunAsync<CreateDisbursementPayload>(input, null, async (context, _) =>
    {
        if (await access.OwnProgramAsync(input.ProgramId) is not { } program)
        {
            return await Refuse.NotFound("programId");
        }

        if (await lists.FindAsync(input.ListId, access.Caller.Organisation) is not { } list)
        {
            return await Refuse.With(ListDocuments.Unknown);
        }

        if (!access.Caller.Has(Roles.Registrar))
        {
            return await Refuse.With(Principals.Forbidden());
        }

        var first = input.FirstRow ?? 0;
        if (first < 0 || first >= list.Rows || input.Rows is <= 0 || input.Rows > list.Rows - first)
        {
            return await Refuse.With(new Refusal(RefusalCode.InvalidInput, $"The list has rows 0 to {list.Rows - 1}.", "rows"));
        }

        if (await scopes.RefuseAsync(access.Caller.Member, program.Id, input.ListId, first, input.Rows ?? (list.Rows - first)) is { } outside)
        {
            return await Refuse.With(outside);
        }

        var mismatch = list.Unit == program.Unit
            ? input.Grants.Select(grant => grant.Amount.Mismatch(program.Unit, "grants")).FirstOrDefault(refusal => refusal is not null)
            : new Refusal(RefusalCode.UnitMismatch, $"The list is in {list.Unit}, the program in {program.Unit}.", "listId");
        return mismatch is not null
            ? await Refuse.With(mismatch)
            : Answer(await commands.DraftDisbursementAsync(context, new DisbursementDraft(
                program.Id, input.ListId, first, input.Rows ?? (list.Rows - first), input.InPerson,
                [.. input.Grants.Select(grant => new GrantShare(grant.GrantId, grant.Amount.AmountMinor))], input.Period, input.AssistanceKind,
                input.ExpiresAt?.ToUnixTimeMilliseconds() ?? long.MaxValue, input.Purpose ?? DisbursementPurpose.Regular)
            {
                Float = input.Cash?.FloatAccountId ?? Id.None, FollowsUp = input.Cash?.FollowsUpId ?? Id.None,
            }));
    });

    /// <summary>Checks a draft against its list, grants and terms; afterwards it can be approved.</summary>
    [Allow(Roles.Registrar)]
    [Cost(OperationCost.Many)]
    public Task<ValidateDisbursementPayload> ValidateDisbursement(ValidateDisbursementInput input) =>
        OnOwnAsync<ValidateDisbursementPayload>(input, input.DisbursementId, async (context, id) =>
            await disbursements.FindAsync(id) is not { } draft ? await Refuse.NotFound("disbursementId")
            : !access.Covers(draft.ProgramId) ? await Refuse.With(Principals.OutOfScope())
            : input.ExpectedTotal?.Mismatch(draft.Total.Currency, "expectedTotal") is { } mismatch ? await Refuse.With(mismatch)
            : Answer(await commands.ValidateDisbursementAsync(context, id, new ControlTotals(input.ExpectedLines, input.ExpectedTotal?.AmountMinor))));

    /// <summary>
    /// Freezes and hashes the list, signed by an approver who did not create it. Where the terms ask for several approvers of such a total, it
    /// stays PARTLY_APPROVED until the last one of them has signed.
    /// </summary>
    [Allow(Roles.Approver)]
    [NeedsSecondFactor]
    public Task<ApproveDisbursementPayload> ApproveDisbursement(ApproveDisbursementInput input) =>
        OnOwnAsync<ApproveDisbursementPayload>(input, input.DisbursementId, commands.ApproveDisbursementAsync);

    /// <summary>Draws the budget, signed by a releaser who did not approve it. In bulk, the lines are then paid by themselves.</summary>
    [Allow(Roles.Releaser)]
    [NeedsSecondFactor]
    public Task<ReleaseDisbursementPayload> ReleaseDisbursement(ReleaseDisbursementInput input) =>
        OnOwnAsync<ReleaseDisbursementPayload>(input, input.DisbursementId, commands.ReleaseDisbursementAsync);

    /// <summary>Gives up a disbursement that is not released yet; WRONG_STATE afterwards: pause or complete it then.</summary>
    [Allow(StateChanges.Stoppers)]
    public Task<CancelDisbursementPayload> CancelDisbursement(CancelDisbursementInput input) =>
        OnOwnAsync<CancelDisbursementPayload>(input, input.DisbursementId, commands.CancelDisbursementAsync);

    /// <summary>Pauses a released disbursement: nothing more of it is paid, instructed or delivered until it is resumed. What was paid stays.</summary>
    [Allow(StateChanges.Stoppers)]
    [Stops]
    public Task<PauseDisbursementPayload> PauseDisbursement(PauseDisbursementInput input) =>
        OnOwnAsync<PauseDisbursementPayload>(input, input.DisbursementId, commands.PauseDisbursementAsync);

    /// <summary>Lets a paused disbursement go on.</summary>
    [Allow(StateChanges.Resumers)]
    [NeedsSecondFactor]
    public Task<ResumeDisbursementPayload> ResumeDisbursement(ResumeDisbursementInput input) =>
        OnOwnAsync<ResumeDisbursementPayload>(input, input.DisbursementId, commands.ResumeDisbursementAsync);

    /// <summary>Ends a disbursement; what was not delivered goes back to its grants.</summary>
    [Allow(Roles.Registrar | Roles.Releaser | Roles.Administrator)]
    public Task<CompleteDisbursementPayload> CompleteDisbursement(CompleteDisbursementInput input) =>
        OnOwnAsync<CompleteDisbursementPayload>(input, input.DisbursementId, commands.CompleteDisbursementAsync);

    private Task<T> OnOwnAsync<T>(MutationInput input, Id disbursement, Func<CommandContext, Id, Task<CommandResult>> command)
        where T : DisbursementPayload, new() => run.RunAsync<T>(input, disbursement, async (context, id) =>
            await disbursements.FindAsync(id) is null ? await Refuse.NotFound("disbursementId") : await command(context, id));

    private static CommandResult Answer(Outcome<DisbursementStatus> outcome) =>
        outcome.Refusal is { } refusal ? CommandResult.Refused(refusal) : CommandResult.Done(Hash32.Zero, 0, 0);
}
