using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Organisations;

/// <summary>What a member may do.</summary>
public enum Role
{
    Administrator = Roles.Administrator,
    Registrar = Roles.Registrar,
    Approver = Roles.Approver,
    Releaser = Roles.Releaser,
    Finance = Roles.Finance,
    FieldAgent = Roles.FieldAgent,
    Vendor = Roles.Vendor,
    Reader = Roles.Reader,
    Operator = Roles.Operator,
}

/// <summary>A person or service that acts for an organisation.</summary>
/// <param name="Address">Address of the member's signing key; null for who never signs.</param>
[Name("Member")]
public sealed record MemberView(Id Id, Id OrganisationId, Address? Address, IReadOnlyList<Role> Roles, bool Active)
{
    internal static MemberView Of(MemberRecord record) => new(
        record.Id, record.Organisation, record.Address.IsZero ? null : record.Address,
        [.. Enum.GetValues<Role>().Where(role => record.Roles.HasFlag((Roles)role))], record.Active);

    internal static Roles Flags(IEnumerable<Role> roles) => roles.Aggregate(Domain.Organisations.Roles.None, (flags, role) => flags | (Roles)role);
}

/// <summary>An NGO, donor, vendor, association or public body.</summary>
/// <param name="SeparateRoles">Who enrols does not approve, who approves does not release.</param>
[Name("Organisation")]
public sealed record OrganisationView(Id Id, string Name, OrganisationKind Kind, bool SeparateRoles, bool Active)
{
    /// <summary>Its members, ordered by id.</summary>
    public async Task<MemberPage> Members([FromServices] Grains.Reading.LedgerReader reader, int first, string? after = null)
    {
        var (rows, info) = Paging.Cut(
            await reader.ListAsync<MemberRecord>(RecordKind.Member, Id, Paging.IdKey(after), Paging.Check(first) + 1), first, row => row.Id.ToString());
        return new MemberPage([.. rows.Select(MemberView.Of)], info);
    }

    internal static OrganisationView Of(OrganisationRecord record) =>
        new(record.Id, record.Name, record.OrganisationKind, record.SeparateRoles, record.Active);
}

public sealed record MemberPage(IReadOnlyList<MemberView> Nodes, PageInfo PageInfo);

/// <summary>Organisations and members.</summary>
public sealed class OrganisationQueries(Access access) : IQueries
{
    /// <summary>The member behind this request.</summary>
    [Allow]
    public MemberView Me() => MemberView.Of(access.Caller.Member);

    /// <summary>Your own organisation; for an operator, any.</summary>
    [Allow]
    public async Task<OrganisationView?> Organisation(Id id) =>
        await access.OrganisationAsync(id) is { } record ? OrganisationView.Of(record) : null;
}
