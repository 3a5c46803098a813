using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;

namespace Humanitarian.Api.Disbursements;

/// <summary>An auditor's sample of a frozen list; its lines are at GET /exports/samples/{disbursementId} once the secret is revealed.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProgramId">The program.</param>
/// <param name="DisbursementId">The disbursement.</param>
/// <param name="AuditorId">The member who draws it.</param>
/// <param name="Commitment">SHA-256 of the secret.</param>
/// <param name="Lines">How many lines are drawn; all of a shorter list.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Secret">What the auditor had committed to; null until it is revealed.</param>
/// <param name="Reason">The code given with the result; empty before.</param>
[Name("Sample")]
public sealed record SampleView(Id Id, Id ProgramId, Id DisbursementId, Id AuditorId, Hash32 Commitment, int Lines, SampleState State, Hash32? Secret, string Reason) : INode
{
    /// <summary>What nobody knew before the list was frozen, of the first approval's idempotency key; null before.</summary>
    [AsParent]
    public async Task<Id?> Nonce([FromServices] Access access) =>
        await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, DisbursementId) is { SampleNonce.IsNone: false } record ? record.SampleNonce : null;

    /// <summary>What the lines are drawn from: SHA-256 of the list's root, the nonce and the secret; null until that is revealed.</summary>
    [AsParent]
    public async Task<Hash32?> Seed([FromServices] Access access) =>
        Secret is { } secret && await access.FindAsync<DisbursementRecord>(RecordKind.Disbursement, DisbursementId) is { } record
            ? SampleDraw.SeedOf(record.ListRoot, record.SampleNonce, secret)
            : null;

    internal static SampleView Of(SampleRecord record) => new(
        record.Id, record.Program, record.Disbursement, record.Auditor, record.Commitment, record.Lines, record.State, record.Secret.IsZero ? null : record.Secret,
        record.Reason);
}

/// <summary>Samples of programs that your organisation runs.</summary>
public sealed class SampleQueries(SampleReads samples) : IQueries
{
    /// <summary>An auditor's sample; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Access.Readers)]
    public Task<SampleView?> Sample(Id id) => samples.FindAsync(id);
}

/// <summary>Samples as their program's organisation sees them.</summary>
public sealed class SampleReads(Access access)
{
    /// <summary>Null when there is none that the caller may see.</summary>
    public async Task<SampleView?> FindAsync(Id id) =>
        await access.FindAsync<SampleRecord>(RecordKind.Sample, id) is { } record && await access.CoveredProgramAsync(record.Program) is { } program
        && access.Reads(program.Organisation) ? SampleView.Of(record) : null;
}
