using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Chain.Authority;
using Humanitarian.Domain;
using Humanitarian.Domain.Disbursements;
using Humanitarian.Domain.Programs.Rules;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Disbursements;

/// <summary>Lines that could not be paid, by the reason's code.</summary>
/// <param name="Code">Refusal code of the reason; see docs/refusals.md.</param>
/// <param name="Lines">How many lines.</param>
public sealed record UnpaidLines(string Code, long Lines);

/// <summary>A batch of credits to beneficiaries from a frozen list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProgramId">The program that pays.</param>
/// <param name="State">How far it has come.</param>
/// <param name="InPerson">True when field agents deliver the lines one by one.</param>
/// <param name="Lines">How many lines its list has.</param>
/// <param name="Total">What all lines sum to.</param>
/// <param name="ListRoot">Commits to every line; null before validation.</param>
/// <param name="Period">Calendar period it assists for, such as 2026-11.</param>
/// <param name="AssistanceKind">Kind of assistance, of which a household gets one per period.</param>
/// <param name="Purpose">Whether it is the regular payment of the period, or comes on top.</param>
/// <param name="ExpiresAt">When its credits expire; null while that is left to the program's terms.</param>
/// <param name="CreatedBy">The member who made it.</param>
/// <param name="ApprovedBy">The member who approved it, the last one where several did; null before.</param>
/// <param name="ReleasedBy">The member who released it; null before.</param>
/// <param name="PaidLines">How many lines are paid.</param>
/// <param name="Paid">What was paid.</param>
/// <param name="Unpaid">Lines that could not be paid.</param>
[Name("Disbursement")]
public sealed record DisbursementView(
    Id Id, Id ProgramId, DisbursementState State, bool InPerson, long Lines, Money Total, Hash32? ListRoot, string Period, string AssistanceKind,
    DisbursementPurpose Purpose, DateTimeOffset? ExpiresAt, Id CreatedBy, Id? ApprovedBy, Id? ReleasedBy, long PaidLines, Money Paid, IReadOnlyList<UnpaidLines> Unpaid) : INode
{
    /// <summary>What you would sign to approve it (once validated) or to release it (once approved).</summary>
    [AsParent]
    public async Task<TypedData?> ToSign([FromServices] Caller caller, [FromServices] LedgerInfo ledger)
    {
        var action = State switch
        {
            DisbursementState.Validated or DisbursementState.PartlyApproved => SignedAction.ApproveDisbursement,
            DisbursementState.Approved => SignedAction.ReleaseDisbursement,
            _ => null,
        };
        return action is null || Object.IsZero
            ? null
            : TypedData.Of(await ledger.DomainAsync(), new ToSign(action, Object, Total.AmountMinor, caller.Version));
    }

    /// <summary>The auditor's sample; null when nobody has committed to one.</summary>
    [Allow(Access.Readers)]
    public Task<SampleView?> Sample([FromServices] SampleReads samples) => samples.FindAsync(SampleRecord.IdOf(Id));

    internal Hash32 Object { get; init; }

    /// <summary>The members who approved it before, where its total needs several.</summary>
    public IReadOnlyList<Id> ApprovedBefore { get; init; } = [];

    /// <summary>How many different members approve a disbursement of this total, by the program's terms.</summary>
    [AsParent]
    public async Task<int> ApprovalsNeeded([FromServices] Access access) =>
        await access.OwnProgramAsync(ProgramId) is { } program ? ApprovalsByAmount.Needed(program, Total.AmountMinor) : 1;

    /// <summary>The provider's float account for cash; null for vouchers. Paid lines are then those instructed, and paid is what was delivered.</summary>
    public Id? FloatAccountId { get; init; }

    /// <summary>For cash, the disbursement whose undelivered rests this one brings.</summary>
    public Id? FollowsUpId { get; init; }

    internal static DisbursementView Of(DisbursementStatus status, string unit) => new(
        status.Id, status.Program, (DisbursementState)status.State, status.InPerson, status.Lines, new Money(status.TotalMinor, unit),
        status.ListRoot.IsZero ? null : status.ListRoot, status.Period, status.AssistanceKind, status.Purpose,
        status.ExpiresAt == long.MaxValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(status.ExpiresAt), status.CreatedBy,
        status.ApprovedBy.IsNone ? null : status.ApprovedBy, status.ReleasedBy.IsNone ? null : status.ReleasedBy, status.PaidLines,
        new Money(status.PaidMinor, unit), [.. status.Unpaid.OrderBy(code => code.Key, StringComparer.Ordinal).Select(code => new UnpaidLines(code.Key, code.Value))])
    {
        Object = status.Object,
        ApprovedBefore = status.CoApprovers,
        FloatAccountId = status.Float.IsNone ? null : status.Float,
        FollowsUpId = status.FollowsUp.IsNone ? null : status.FollowsUp,
    };
}

/// <summary>Disbursements of programs that your organisation runs.</summary>
public sealed class DisbursementQueries(DisbursementReads disbursements, Access access, RecordLists lists) : IQueries
{
    /// <summary>A disbursement, a draft too; null when there is none that you may see.</summary>
    /// <param name="id">Its id.</param>
    [Allow]
    public Task<DisbursementView?> Disbursement(Id id) => disbursements.ReadAsync(id);

    /// <summary>The approved disbursements of a program. Drafts are found by their id.</summary>
    /// <param name="programId">The program.</param>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="state">Only those in a state.</param>
    /// <param name="period">Only those that assist for a period, such as 2026-11.</param>
    /// <param name="assistanceKind">Only those of a kind of assistance.</param>
    /// <param name="purpose">Only those of a purpose.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow]
    [Cost(OperationCost.Many)]
    public async Task<Connection<DisbursementView>?> Disbursements(
        Id programId, int first, string? after = null, DisbursementState? state = null, string? period = null, string? assistanceKind = null,
        DisbursementPurpose? purpose = null, ListOrder? order = null, CancellationToken cancellationToken = default)
    {
        Paging.Check(first);
        return await access.CoveredProgramAsync(programId) is null
            ? null
            : await lists.ReadAsync<DisbursementRecord, DisbursementView>(
                RecordKind.Disbursement, programId, new Part(first, after, order),
                async record =>
                    (period is null || record.Period == period) && (assistanceKind is null || record.AssistanceKind == assistanceKind)
                    && (purpose is null || record.Purpose == purpose) && await disbursements.FindAsync(record.Id) is { } found && (state is null || found.State == state)
                        ? found : null,
                cancellationToken);
    }
}

/// <summary>Disbursements as their program's organisation sees them, drafts included.</summary>
public sealed class DisbursementReads(LedgerCommands commands, Access access)
{
    /// <summary>Null when there is none that the caller may see.</summary>
    public async Task<DisbursementView?> ReadAsync(Id id) => await FindAsync(id) is { } found && access.Covers(found.ProgramId) ? found : null;

    /// <summary>One to decide on; null when there is none, or not in a program of the caller's organisation.</summary>
    public async Task<DisbursementView?> FindAsync(Id id) =>
        await commands.DisbursementAsync(id) is { } status && await access.OwnProgramAsync(status.Program) is { } program
            ? DisbursementView.Of(status, program.Unit)
            : null;
}
