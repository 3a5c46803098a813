using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Disbursements;

/// <param name="DisbursementId">A draft, not approved by anybody yet.</param>
/// <param name="Commitment">SHA-256 of 32 random bytes that you keep to yourself.</param>
/// <param name="Lines">How many lines are drawn; 1 to 10,000, and no fewer than the program's terms ask for.</param>
public sealed record CommitSampleInput(string IdempotencyKey, Signature? Signature, Id DisbursementId, Hash32 Commitment, int Lines) : SignedInput(IdempotencyKey, Signature);

/// <param name="DisbursementId">The disbursement, approved meanwhile.</param>
/// <param name="Secret">The 32 bytes that you committed to.</param>
public sealed record RevealSampleInput(string IdempotencyKey, Signature? Signature, Id DisbursementId, Hash32 Secret) : SignedInput(IdempotencyKey, Signature);

/// <param name="DisbursementId">The disbursement.</param>
/// <param name="Passed">What the drawn lines showed.</param>
/// <param name="Reason">Why, as a code of capital letters, digits and underscores, never about a person; needed for a failed sample.</param>
public sealed record RecordSampleResultInput(string IdempotencyKey, Signature? Signature, Id DisbursementId, bool Passed, string? Reason)
    : SignedInput(IdempotencyKey, Signature);

public abstract record SamplePayload : Payload
{
    /// <summary>The sample as it is now; null when refused.</summary>
    [AsParent]
    public async Task<SampleView?> Sample([FromServices] SampleReads samples) => Subject.IsNone ? null : await samples.FindAsync(SampleRecord.IdOf(Subject));
}

public sealed record CommitSamplePayload : SamplePayload;

public sealed record RevealSamplePayload : SamplePayload;

public sealed record RecordSampleResultPayload : SamplePayload;

/// <summary>An auditor draws lines of a list that neither they nor its maker choose.</summary>
public sealed class SampleMutations(MutationRunner run, LedgerCommands commands, DisbursementReads disbursements) : IMutations
{
    /// <summary>Commits to a secret while the list is a draft, signed by an auditor; once for each disbursement.</summary>
    [Allow(Roles.Auditor)]
    public Task<CommitSamplePayload> CommitSample(CommitSampleInput input) =>
        OnOwnAsync<CommitSamplePayload>(input, input.DisbursementId, new SampleRequest(SampleStep.Commit, input.Commitment, input.Lines, false, ""));

    /// <summary>Reveals the secret once the list is frozen, signed by the auditor who committed to it: everybody can compute the drawn lines from then on.</summary>
    [Allow(Roles.Auditor)]
    public Task<RevealSamplePayload> RevealSample(RevealSampleInput input) =>
        OnOwnAsync<RevealSamplePayload>(input, input.DisbursementId, new SampleRequest(SampleStep.Reveal, input.Secret, 0, false, ""));

    /// <summary>
    /// Records what the drawn lines showed, once, signed by the auditor who drew them. After a failed sample the disbursement is
    /// PARTLY_APPROVED: a further approver signs, or it is cancelled.
    /// </summary>
    [Allow(Roles.Auditor)]
    public Task<RecordSampleResultPayload> RecordSampleResult(RecordSampleResultInput input) =>
        OnOwnAsync<RecordSampleResultPayload>(input, input.DisbursementId, new SampleRequest(SampleStep.Record, Hash32.Zero, 0, input.Passed, input.Reason ?? ""));

    private Task<T> OnOwnAsync<T>(MutationInput input, Id disbursement, SampleRequest request)
        where T : SamplePayload, new() => run.RunAsync<T>(input, disbursement, async (context, id) =>
            await disbursements.FindAsync(id) is null ? await Refuse.NotFound("disbursementId") : await commands.SampleAsync(context, id, request));
}
