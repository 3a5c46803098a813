using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Organisations;

/// <summary>Where a member's roles count. A list that is empty leaves its side open.</summary>
/// <param name="ProgramIds">Programs; decisions of the whole organisation are then out of scope.</param>
/// <param name="Areas">Sites of enrolments and devices; they limit decisions that name one.</param>
[Name("Scope")]
public sealed record ScopeView(IReadOnlyList<Id> ProgramIds, IReadOnlyList<string> Areas)
{
    internal static ScopeView? Of(MemberScope? scope) => scope is null ? null : new ScopeView(scope.Programs, scope.Areas);
}

/// <summary>Limits a member's roles to programs and areas; two empty lists mean the whole organisation.</summary>
/// <param name="ProgramIds">At most 64 programs; all when empty.</param>
/// <param name="Areas">At most 64 sites of enrolments and devices; all when empty.</param>
public sealed record ScopeInput(IReadOnlyList<Id> ProgramIds, IReadOnlyList<string> Areas)
{
    internal MemberScope? ToScope() => ProgramIds.Count + Areas.Count == 0 ? null : new MemberScope(ProgramIds, Areas);
}

/// <summary>Roles of an absent member that another holds between two dates.</summary>
/// <param name="Roles">Which.</param>
/// <param name="ForMemberId">The absent member.</param>
/// <param name="From">From when on.</param>
/// <param name="Until">Until when.</param>
/// <param name="AppointedBy">The administrator who signed it.</param>
[Name("ActingRole")]
public sealed record ActingRoleView(IReadOnlyList<Role> Roles, Id ForMemberId, DateTimeOffset From, DateTimeOffset Until, Id AppointedBy)
{
    internal static ActingRoleView Of(ActingRole acting) => new(
        MemberView.Names(acting.Roles), acting.For, DateTimeOffset.FromUnixTimeMilliseconds(acting.From), DateTimeOffset.FromUnixTimeMilliseconds(acting.Until),
        acting.AppointedBy);
}

/// <summary>Lets whoever holds its code become a member, once. The member then has the invitation's id.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="Roles">What the member may do.</param>
/// <param name="Scope">Where; null for the whole organisation.</param>
/// <param name="ExpiresAt">When nobody joins any more.</param>
/// <param name="State">What became of it; an open one may have expired.</param>
/// <param name="InvitedBy">The administrator who signed it; it ends with their role.</param>
[Name("Invitation")]
public sealed record InvitationView(
    Id Id, Id OrganisationId, IReadOnlyList<Role> Roles, ScopeView? Scope, DateTimeOffset ExpiresAt, InvitationState State, Id InvitedBy) : INode
{
    internal static InvitationView Of(InvitationRecord record) => new(
        record.Id, record.Organisation, MemberView.Names(record.Roles), ScopeView.Of(record.Scope), DateTimeOffset.FromUnixTimeMilliseconds(record.ExpiresAt),
        record.State, record.InvitedBy);
}
