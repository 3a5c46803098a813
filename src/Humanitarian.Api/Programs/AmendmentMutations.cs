using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Programs;

/// <param name="ProgramId">The program.</param>
/// <param name="Preset">Name of terms that ship with the program; either this or terms.</param>
/// <param name="Terms">Terms as JSON; see docs/terms.md.</param>
/// <param name="EffectiveFrom">When they take effect at the earliest, within 366 days; with the approval when absent.</param>
/// <param name="EffectiveHeight">Height of the first block that may put them in effect; with the approval when absent.</param>
public sealed record ProposeTermsInput(
    string IdempotencyKey, Signature? Signature, Id ProgramId, string? Preset, string? Terms, DateTimeOffset? EffectiveFrom, ulong? EffectiveHeight)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="ProgramId">The program.</param>
public sealed record ApproveTermsInput(string IdempotencyKey, Signature? Signature, Id ProgramId) : SignedInput(IdempotencyKey, Signature);

/// <param name="ProgramId">The program.</param>
public sealed record WithdrawTermsInput(string IdempotencyKey, Signature? Signature, Id ProgramId) : SignedInput(IdempotencyKey, Signature);

public sealed record ProposeTermsPayload : ProgramPayload;

public sealed record ApproveTermsPayload : ProgramPayload;

public sealed record WithdrawTermsPayload : ProgramPayload;

/// <summary>How a program's terms are amended: one proposes, another approves, and they take effect at a height.</summary>
public sealed class AmendmentMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>
    /// Proposes other terms for a program. Once another member has approved them, they take effect: at once, or when the day and the height
    /// have come that the proposal names. ALREADY_EXISTS while others are proposed.
    /// </summary>
    [Allow(Roles.Administrator | Roles.ProgramManager)]
    public Task<ProposeTermsPayload> ProposeTerms(ProposeTermsInput input) => run.RunAsync<ProposeTermsPayload>(input, input.ProgramId, async (context, id) =>
    {
        var terms = ProgramMutations.Terms(input.Preset, input.Terms);
        return terms.Refusal is { } refusal ? await Refuse.With(refusal)
            : await access.OwnProgramAsync(id) is null ? await Refuse.NotFound("programId")
            : await commands.ProposeTermsAsync(
                context, id, new TermsRequest(terms.Value!, input.EffectiveFrom?.ToUnixTimeMilliseconds() ?? 0, input.EffectiveHeight ?? 0));
    });

    /// <summary>Approves the terms that another member proposed. What is decided from their height on is decided under them.</summary>
    [Allow(Roles.Administrator | Roles.Approver)]
    public Task<ApproveTermsPayload> ApproveTerms(ApproveTermsInput input) => run.RunAsync<ApproveTermsPayload>(input, input.ProgramId, async (context, id) =>
        await access.OwnProgramAsync(id) is null ? await Refuse.NotFound("programId") : await commands.ApproveTermsAsync(context, id));

    /// <summary>Takes back terms that are proposed or approved and not in effect yet.</summary>
    [Allow(Roles.Administrator | Roles.ProgramManager | Roles.Approver)]
    public Task<WithdrawTermsPayload> WithdrawTerms(WithdrawTermsInput input) => run.RunAsync<WithdrawTermsPayload>(input, input.ProgramId, async (context, id) =>
        await access.OwnProgramAsync(id) is null ? await Refuse.NotFound("programId") : await commands.WithdrawTermsAsync(context, id));
}
