using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;
using Humanitarian.Grains.Commands;

namespace Humanitarian.Api.Organisations;

/// <param name="Name">1 to 200 characters.</param>
/// <param name="Kind">What the organisation is.</param>
/// <param name="AdministratorAddress">Address of the first administrator's signing key.</param>
/// <param name="AdministratorRoles">What the first member may do; ADMINISTRATOR when absent.</param>
/// <param name="Verified">False while its papers are looked at: it decides nothing until <c>verifyOrganisation</c>. True when absent.</param>
public sealed record RegisterOrganisationInput(
    string IdempotencyKey, Signature? Signature, string Name, OrganisationKind Kind, Address AdministratorAddress,
    IReadOnlyList<Role>? AdministratorRoles, bool? Verified) : SignedInput(IdempotencyKey, Signature);

public sealed record RegisterOrganisationPayload : OrganisationPayload
{
    /// <summary>Its first member.</summary>
    [AsParent]
    public async Task<MemberView?> Administrator([FromServices] Access access) =>
        await access.MemberAsync(AdministratorId) is { } record ? MemberView.Of(record) : null;

    internal Id AdministratorId { get; set; }
}

/// <param name="OrganisationId">The organisation.</param>
public sealed record VerifyOrganisationInput(string IdempotencyKey, Signature? Signature, Id OrganisationId) : SignedInput(IdempotencyKey, Signature);

/// <param name="OrganisationId">The organisation.</param>
public sealed record SuspendOrganisationInput(string IdempotencyKey, Signature? Signature, Id OrganisationId) : SignedInput(IdempotencyKey, Signature);

public abstract record OrganisationPayload : Payload
{
    /// <summary>The organisation as it is now; null when refused.</summary>
    [AsParent]
    public async Task<OrganisationView?> Organisation([FromServices] Access access) =>
        await access.OrganisationAsync(Subject) is { } record ? OrganisationView.Of(record) : null;
}

public sealed record VerifyOrganisationPayload : OrganisationPayload;

public sealed record SuspendOrganisationPayload : OrganisationPayload;

/// <param name="OrganisationId">Your own when absent; an operator may name another.</param>
/// <param name="Address">Address of the member's signing key; absent for who never signs.</param>
/// <param name="Roles">What the member may do.</param>
/// <param name="Scope">Where; the whole organisation when absent.</param>
public sealed record AddMemberInput(
    string IdempotencyKey, Signature? Signature, Id? OrganisationId, Address? Address, IReadOnlyList<Role> Roles, ScopeInput? Scope)
    : SignedInput(IdempotencyKey, Signature);

/// <summary>What is absent stays as it is.</summary>
/// <param name="MemberId">The member.</param>
/// <param name="Address">Address of the member's new signing key.</param>
/// <param name="Roles">All that the member may do from now on.</param>
/// <param name="Active">False ends everything the member may do.</param>
/// <param name="Scope">Where the roles count from now on.</param>
public sealed record ChangeMemberInput(
    string IdempotencyKey, Signature? Signature, Id MemberId, Address? Address, IReadOnlyList<Role>? Roles, bool? Active, ScopeInput? Scope) : SignedInput(IdempotencyKey, Signature);

public abstract record MemberPayload : Payload
{
    /// <summary>The member as they are now; null when refused.</summary>
    [AsParent]
    public async Task<MemberView?> Member([FromServices] Access access) =>
        await access.MemberAsync(Subject) is { } record ? MemberView.Of(record) : null;
}

public sealed record AddMemberPayload : MemberPayload;

public sealed record ChangeMemberPayload : MemberPayload;

/// <summary>Who takes part, and who may do what.</summary>
public sealed class OrganisationMutations(MutationRunner run, LedgerCommands commands, Access access) : IMutations
{
    /// <summary>Registers an organisation with its first member. For operators.</summary>
    [Allow(Roles.Operator)]
    public async Task<RegisterOrganisationPayload> RegisterOrganisation(RegisterOrganisationInput input)
    {
        var administrator = Id.None;
        var payload = await run.RunAsync<RegisterOrganisationPayload>(input, null, (context, id) =>
        {
            administrator = commands.IdFor(context, 1);
            return commands.ChangeRecordsAsync(context,
            [
                new OrganisationRecord(id, input.Name, input.Kind, true, input.Verified ?? true),
                new MemberRecord(administrator, id, input.AdministratorAddress, MemberView.Flags(input.AdministratorRoles ?? [Role.Administrator]), true),
            ]);
        });
        payload.AdministratorId = payload.Subject.IsNone ? Id.None : administrator;
        return payload;
    }

    /// <summary>Lets an organisation take part: its papers are in order, or what it was suspended for is over. For operators.</summary>
    [Allow(Roles.Operator)]
    public Task<VerifyOrganisationPayload> VerifyOrganisation(VerifyOrganisationInput input) => StandAsync<VerifyOrganisationPayload>(input, input.OrganisationId, true);

    /// <summary>
    /// Its members decide nothing more, from its place on the ledger on, until it is verified again: ORGANISATION_SUSPENDED. They still read, and what
    /// people hold stays theirs and is redeemed at the vendors of others. For operators.
    /// </summary>
    [Allow(Roles.Operator)]
    [Stops]
    public Task<SuspendOrganisationPayload> SuspendOrganisation(SuspendOrganisationInput input) => StandAsync<SuspendOrganisationPayload>(input, input.OrganisationId, false);

    /// <summary>Adds a member to an organisation.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public Task<AddMemberPayload> AddMember(AddMemberInput input) => run.RunAsync<AddMemberPayload>(input, null, (context, id) =>
        commands.ChangeRecordsAsync(context,
        [
            new MemberRecord(id, input.OrganisationId ?? access.Caller.Organisation, input.Address ?? Address.Zero, MemberView.Flags(input.Roles), true)
            {
                Scope = input.Scope?.ToScope(),
            },
        ]));

    /// <summary>Changes a member's key, roles or standing. Acts from its place on the ledger on, whatever was signed before.</summary>
    [Allow(Roles.Administrator | Roles.Operator)]
    public Task<ChangeMemberPayload> ChangeMember(ChangeMemberInput input) => run.RunAsync<ChangeMemberPayload>(input, input.MemberId, async (context, id) =>
        await access.MemberAsync(id) is { } member
            ? await commands.ChangeRecordsAsync(context,
            [
                member with
                {
                    Address = input.Address ?? member.Address,
                    Roles = input.Roles is { } roles ? MemberView.Flags(roles) : member.Roles,
                    Active = input.Active ?? member.Active,
                    Scope = input.Scope is { } scope ? scope.ToScope() : member.Scope,
                },
            ])
            : await Refuse.NotFound("memberId"));

    private Task<T> StandAsync<T>(SignedInput input, Id organisation, bool active)
        where T : Payload, new() => run.RunAsync<T>(input, organisation, async (context, id) =>
        await access.OrganisationAsync(id) is { } record
            ? await commands.ChangeRecordsAsync(context, [record with { Active = active }])
            : await Refuse.NotFound("organisationId"));
}
