using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Organisations;

/// <param name="OrganisationId">Your own when absent; an operator may name another.</param>
/// <param name="Roles">What the member may do.</param>
/// <param name="Scope">Where; the whole organisation when absent.</param>
/// <param name="ExpiresAt">When nobody joins any more; within 90 days.</param>
public sealed record CreateInvitationInput(
    string IdempotencyKey, Signature? Signature, Id? OrganisationId, IReadOnlyList<Role> Roles, ScopeInput? Scope, DateTimeOffset ExpiresAt)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="InvitationId">The invitation.</param>
public sealed record WithdrawInvitationInput(string IdempotencyKey, Signature? Signature, Id InvitationId) : SignedInput(IdempotencyKey, Signature);

/// <param name="MemberId">Who acts.</param>
/// <param name="ForMemberId">The absent member, who has the roles by right.</param>
/// <param name="Roles">Of REGISTRAR, APPROVER, RELEASER, FINANCE and PROGRAM_MANAGER.</param>
/// <param name="From">From when on.</param>
/// <param name="Until">Until when; within 366 days.</param>
public sealed record AppointActingInput(
    string IdempotencyKey, Signature? Signature, Id MemberId, Id ForMemberId, IReadOnlyList<Role> Roles, DateTimeOffset From, DateTimeOffset Until)
    : SignedInput(IdempotencyKey, Signature);

/// <param name="MemberId">Who acts.</param>
/// <param name="ForMemberId">The member they act for.</param>
/// <param name="Until">When it ends instead.</param>
public sealed record EndActingInput(string IdempotencyKey, Signature? Signature, Id MemberId, Id ForMemberId, DateTimeOffset Until)
    : SignedInput(IdempotencyKey, Signature);

public abstract record InvitationPayload : Payload
{
    /// <summary>The invitation as it is now; null when refused.</summary>
    [AsParent]
    public async Task<InvitationView?> Invitation([FromServices] Access access) =>
        await access.FindAsync<InvitationRecord>(RecordKind.Invitation, Subject) is { } record ? InvitationView.Of(record) : null;
}

public sealed record CreateInvitationPayload : InvitationPayload
{
    /// <summary>What the invited sends to <c>POST /join</c>; shown this once.</summary>
    public string? Code { get; internal set; }
}

public sealed record WithdrawInvitationPayload : InvitationPayload;

public sealed record AppointActingPayload : MemberPayload;

public sealed record EndActingPayload : MemberPayload;

/// <summary>How people come in, and who stands in for whom.</summary>
public sealed class PeopleMutations(MutationRunner run, LedgerCommands commands, Access access, InvitationCodes codes) : IMutations
{
    /// <summary>Invites a member to be, who joins with the code and a key of their own: see docs/people.md.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public async Task<CreateInvitationPayload> CreateInvitation(CreateInvitationInput input)
    {
        var code = codes.Of(access.Caller.Principal, input.IdempotencyKey);
        var payload = await run.RunAsync<CreateInvitationPayload>(input, null, (context, id) => commands.ChangeRecordsAsync(context,
        [
            new InvitationRecord(
                id, input.OrganisationId ?? access.Caller.Organisation, MemberView.Flags(input.Roles), input.Scope?.ToScope(),
                input.ExpiresAt.ToUnixTimeMilliseconds(), Joins.HashOf(code), InvitationState.Open, Hash32.Zero, access.Caller.Principal),
        ]));
        payload.Code = payload.UserErrors.Count > 0 || payload.Replayed ? null : InvitationCodes.Text(payload.Subject, code);
        return payload;
    }

    /// <summary>Takes an invitation back that nobody has used.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public Task<WithdrawInvitationPayload> WithdrawInvitation(WithdrawInvitationInput input) =>
        run.RunAsync<WithdrawInvitationPayload>(input, input.InvitationId, async (context, id) =>
            await access.FindAsync<InvitationRecord>(RecordKind.Invitation, id) is { } invitation
            && (invitation.Organisation == access.Caller.Organisation || access.Caller.Has(Roles.Operator))
                ? await commands.WithdrawInvitationAsync(context, id)
                : await Refuse.NotFound("invitationId"));

    /// <summary>Lets a member hold an absent one's roles between two dates. The two never both decide on one disbursement.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public Task<AppointActingPayload> AppointActing(AppointActingInput input) => run.RunAsync<AppointActingPayload>(input, input.MemberId, async (context, id) =>
        await access.MemberAsync(id) is null || await access.MemberAsync(input.ForMemberId) is null
            ? await Refuse.NotFound("memberId")
            : await commands.AppointAsync(context, new AppointmentRequest(
                id, input.ForMemberId, MemberView.Flags(input.Roles), input.From.ToUnixTimeMilliseconds(), input.Until.ToUnixTimeMilliseconds())));

    /// <summary>Ends earlier what a member holds for another.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public Task<EndActingPayload> EndActing(EndActingInput input) => run.RunAsync<EndActingPayload>(input, input.MemberId, async (context, id) =>
        await access.MemberAsync(id) is null
            ? await Refuse.NotFound("memberId")
            : await commands.EndAppointmentAsync(context, id, input.ForMemberId, input.Until.ToUnixTimeMilliseconds()));
}

/// <summary>Invitations.</summary>
public sealed class PeopleQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>The invitations of your organisation, ordered by id.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    [Allow(Roles.Administrator)]
    public async Task<Connection<InvitationView>?> Invitations(int first, string? after = null) => await lists.ReadAsync<InvitationRecord, InvitationView>(
        RecordKind.Invitation, access.Caller.Organisation, new Part(first, after), record => new(InvitationView.Of(record)));

    /// <summary>An invitation of your organisation; null when there is none.</summary>
    /// <param name="id">Its id.</param>
    [Allow(Roles.Administrator)]
    public async Task<InvitationView?> Invitation(Id id) =>
        await access.FindAsync<InvitationRecord>(RecordKind.Invitation, id) is { } record && record.Organisation == access.Caller.Organisation
            ? InvitationView.Of(record) : null;
}
