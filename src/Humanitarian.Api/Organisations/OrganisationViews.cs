using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Organisations;

/// <summary>What a member may do.</summary>
public enum Role
{
    /// <summary>Changes members, accounts and programs of the organisation.</summary>
    Administrator = Roles.Administrator,

    /// <summary>Imports lists, enrols beneficiaries, drafts disbursements.</summary>
    Registrar = Roles.Registrar,

    /// <summary>Approves disbursements (the checker).</summary>
    Approver = Roles.Approver,

    /// <summary>Releases disbursements.</summary>
    Releaser = Roles.Releaser,

    /// <summary>Records receipts, costs and returns; approves settlements.</summary>
    Finance = Roles.Finance,

    /// <summary>Delivers with a registered device.</summary>
    FieldAgent = Roles.FieldAgent,

    /// <summary>Collects redemptions and asks for settlement.</summary>
    Vendor = Roles.Vendor,

    /// <summary>Reads what the organisation may read.</summary>
    Reader = Roles.Reader,

    /// <summary>Runs the ledger: registers organisations and units.</summary>
    Operator = Roles.Operator,

    /// <summary>Answers beneficiaries: looks at their accounts, each look logged, and opens cases.</summary>
    HelpLine = Roles.HelpLine,

    /// <summary>Handles sensitive cases.</summary>
    Protection = Roles.Protection,
}

/// <summary>A person or service that acts for an organisation.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OrganisationId">The organisation it belongs to.</param>
/// <param name="Address">Address of the member's signing key; null for who never signs.</param>
/// <param name="Roles">What the member may do.</param>
/// <param name="Active">False for who may do nothing any more.</param>
[Name("Member")]
public sealed record MemberView(Id Id, Id OrganisationId, Address? Address, IReadOnlyList<Role> Roles, bool Active)
{
    internal static MemberView Of(MemberRecord record) => new(
        record.Id, record.Organisation, record.Address.IsZero ? null : record.Address,
        [.. Enum.GetValues<Role>().Where(role => record.Roles.HasFlag((Roles)role))], record.Active);

    internal static Roles Flags(IEnumerable<Role> roles) => roles.Aggregate(Domain.Organisations.Roles.None, (flags, role) => flags | (Roles)role);
}

/// <summary>An NGO, donor, vendor, association or public body.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="SeparateRoles">Who enrols does not approve, who approves does not release.</param>
/// <param name="Active">False for one that takes no part any more.</param>
[Name("Organisation")]
public sealed record OrganisationView(Id Id, string Name, OrganisationKind Kind, bool SeparateRoles, bool Active)
{
    /// <summary>Its members, ordered by id.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the page before; from the beginning when absent.</param>
    [Cost(OperationCost.Root)]
    public async Task<MemberPage> Members([FromServices] Grains.Reading.LedgerReader reader, int first, string? after = null)
    {
        var (rows, info) = Paging.Cut(
            await reader.ListAsync<MemberRecord>(RecordKind.Member, Id, Paging.IdKey(after), Paging.Check(first) + 1), first, row => row.Id.ToString());
        return new MemberPage([.. rows.Select(MemberView.Of)], info);
    }

    internal static OrganisationView Of(OrganisationRecord record) =>
        new(record.Id, record.Name, record.OrganisationKind, record.SeparateRoles, record.Active);
}

/// <summary>Members, ordered by id.</summary>
/// <param name="Nodes">The entries of this page.</param>
/// <param name="PageInfo">Where this page ends.</param>
public sealed record MemberPage(IReadOnlyList<MemberView> Nodes, PageInfo PageInfo);

/// <summary>Organisations and members.</summary>
public sealed class OrganisationQueries(Access access) : IQueries
{
    /// <summary>The member behind this request.</summary>
    [Allow]
    public MemberView Me() => MemberView.Of(access.Caller.Member);

    /// <summary>Your own organisation; for an operator, any.</summary>
    /// <param name="id">Its id.</param>
    [Allow]
    public async Task<OrganisationView?> Organisation(Id id) =>
        await access.OrganisationAsync(id) is { } record ? OrganisationView.Of(record) : null;
}
