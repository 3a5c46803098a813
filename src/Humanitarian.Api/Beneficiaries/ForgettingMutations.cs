using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Accounts;
using Humanitarian.Domain.Households;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;
using Humanitarian.Grains.Reading;

namespace Humanitarian.Api.Beneficiaries;

/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Reason">Why it may be done.</param>
public sealed record ForgetPersonInput(string IdempotencyKey, Id AccountId, ForgettingReason Reason) : MutationInput(IdempotencyKey);

public sealed record ForgetPersonPayload : Payload
{
    /// <summary>Where the decision stands; null when refused.</summary>
    [AsParent]
    public async Task<ForgettingView?> Forgetting([FromServices] Access access) =>
        await access.FindAsync<ForgettingRecord>(RecordKind.Forgetting, Subject) is { } record ? ForgettingView.Of(record) : null;
}

/// <summary>Two members' decision to delete what is kept of a beneficiary.</summary>
/// <param name="AccountId">The beneficiary's account, which stays as a pseudonym.</param>
/// <param name="Reason">Why it may be done.</param>
/// <param name="ProposedBy">The member who proposed it.</param>
/// <param name="ForgottenBy">The member who confirmed it; null before.</param>
/// <param name="ForgottenAt">When what was kept was deleted; null before.</param>
[Name("Forgetting")]
public sealed record ForgettingView(Id AccountId, ForgettingReason Reason, Id ProposedBy, Id? ForgottenBy, DateTimeOffset? ForgottenAt)
{
    internal static ForgettingView Of(ForgettingRecord record) => new(
        record.Id, record.Reason, record.ProposedBy, record.IsForgotten ? record.ForgottenBy : null,
        record.IsForgotten ? DateTimeOffset.FromUnixTimeMilliseconds(record.ForgottenAt) : null);
}

/// <summary>What is kept of a beneficiary and is due to be deleted.</summary>
/// <param name="AccountId">The beneficiary's account.</param>
/// <param name="Reason">What <c>forgetPerson</c> is to be given.</param>
/// <param name="Since">From when on it is due.</param>
/// <param name="ProposedBy">The member who has proposed it; null before.</param>
[Name("DueForgetting")]
public sealed record DueForgettingView(Id AccountId, ForgettingReason Reason, DateTimeOffset Since, Id? ProposedBy);

/// <summary>Deletion of what is kept of beneficiaries.</summary>
public sealed class ForgettingMutations(MutationRunner run, LedgerCommands commands, LedgerReader reader, Access access, PersonErasure erasure) : IMutations
{
    /// <summary>
    /// Proposes to delete all that is kept of a beneficiary, or confirms what another member has proposed; an administrator or a member for
    /// protection confirms. Their account must be closed, and their cases resolved. It cannot be undone.
    /// </summary>
    [Allow(Forgettings.Proposers)]
    public Task<ForgetPersonPayload> ForgetPerson(ForgetPersonInput input) => run.RunAsync<ForgetPersonPayload>(input, input.AccountId, async (context, id) =>
        await access.FindAsync<AccountRecord>(RecordKind.Account, id) is { NamesPerson: true } person && person.Organisation == access.Caller.Organisation
            ? await ForgetAsync(context, person, input.Reason)
            : await Refuse.NotFound("accountId"));

    private async Task<CommandResult> ForgetAsync(CommandContext context, AccountRecord person, ForgettingReason reason)
    {
        if (!context.DryRun && await access.FindAsync<ForgettingRecord>(RecordKind.Forgetting, person.Id) is not null)
        {
            await erasure.IntendAsync(person.Id, person.Organisation);
        }

        var result = await commands.ForgetPersonAsync(context, person.Id, reason);
        if (result is { Refusal: null, Rehearsed: false })
        {
            await reader.FollowAsync(result.Height);
            await erasure.EraseAsync(person.Id);
        }

        return result;
    }
}

/// <summary>What is due to be deleted.</summary>
public sealed class ForgettingQueries(Access access, RecordLists lists, Looks looks, TimeProvider time) : IQueries
{
    internal const Roles Readers = Forgettings.Proposers | Roles.Auditor;

    /// <summary>Beneficiaries of whom is kept what is due to be deleted: its retention has ended, or they have taken their consent back.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Readers)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<DueForgettingView>?> DueForgettings(int first, string? after = null, CancellationToken cancellationToken = default)
    {
        var part = await lists.ReadAsync<PrivacyNoticeRecord, DueForgettingView>(
            RecordKind.PrivacyNotice, access.Caller.Organisation, new Part(first, after), async notice => await DueAsync(notice), cancellationToken);
        await looks.AtAsync(part.Edges.Select(edge => edge.Node.AccountId), "dueForgettings");
        return part;
    }

    private async ValueTask<DueForgettingView?> DueAsync(PrivacyNoticeRecord notice)
    {
        var day = Limits.DayOf(time.GetUtcNow().ToUnixTimeMilliseconds());
        if (!notice.IsDue(day))
        {
            return null;
        }

        var isOver = notice.IsOver(day);
        var decision = await access.FindAsync<ForgettingRecord>(RecordKind.Forgetting, notice.Id);
        return decision is { IsForgotten: true } ? null : new DueForgettingView(
            notice.Id, isOver ? ForgettingReason.RetentionEnded : ForgettingReason.Request,
            isOver ? DateTimeOffset.UnixEpoch.AddDays(notice.RetainUntil + 1) : DateTimeOffset.FromUnixTimeMilliseconds(notice.WithdrawnAt), decision?.ProposedBy);
    }
}
