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

    /// <summary>Runs programs day by day: accredits vendors, registers devices, stops and resumes; changes no terms and no members.</summary>
    ProgramManager = Roles.ProgramManager,

    /// <summary>Reads what the organisation may read, and reviews the roles that members took in emergencies; decides nothing else.</summary>
    Auditor = Roles.Auditor,

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
/// <param name="Scope">Where the roles count; null for the whole organisation.</param>
/// <param name="Acting">Roles held for other members between two dates, oldest first.</param>
[Name("Member")]
public sealed record MemberView(
    Id Id, Id OrganisationId, Address? Address, IReadOnlyList<Role> Roles, bool Active, ScopeView? Scope, IReadOnlyList<ActingRoleView> Acting) : INode
{
    internal static MemberView Of(MemberRecord record) => new(
        record.Id, record.Organisation, record.Address.IsZero ? null : record.Address, Names(record.Roles), record.Active, ScopeView.Of(record.Scope),
        [.. record.Acting.Select(ActingRoleView.Of)]);

    internal static IReadOnlyList<Role> Names(Roles flags) => [.. Enum.GetValues<Role>().Where(role => flags.HasFlag((Roles)role))];

    internal static Roles Flags(IEnumerable<Role> roles) => roles.Aggregate(Domain.Organisations.Roles.None, (flags, role) => flags | (Roles)role);
}

/// <summary>An NGO, donor, vendor, association or public body.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="SeparateRoles">Who enrols does not approve, who approves does not release.</param>
/// <param name="Active">False for one that takes no part any more.</param>
[Name("Organisation")]
public sealed record OrganisationView(Id Id, string Name, OrganisationKind Kind, bool SeparateRoles, bool Active) : INode
{
    /// <summary>Its members.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="role">Only those with this role.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [AsParent]
    [Cost(OperationCost.Root)]
    public Task<Connection<MemberView>> Members(
        [FromServices] RecordLists lists, int first, string? after = null, Role? role = null, bool? active = null, ListOrder? order = null,
        CancellationToken cancellationToken = default) => lists.ReadAsync<MemberRecord, MemberView>(
            RecordKind.Member, Id, new Part(first, after, order),
            record => new((role is null || record.Roles.HasFlag((Roles)role)) && (active is null || record.Active == active) ? MemberView.Of(record) : null),
            cancellationToken);

    internal static OrganisationView Of(OrganisationRecord record) =>
        new(record.Id, record.Name, record.OrganisationKind, record.SeparateRoles, record.Active);
}

/// <summary>An organisation of the ledger, as every other may know it: it stands in the open part of the chain.</summary>
/// <param name="OrganisationId">Its id.</param>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Active">False for one that takes no part any more.</param>
public sealed record DirectoryEntry(Id OrganisationId, string Name, OrganisationKind Kind, bool Active);

/// <summary>Organisations and members.</summary>
public sealed class OrganisationQueries(Access access, RecordLists lists) : IQueries
{
    /// <summary>The member behind this request.</summary>
    [Allow]
    public MemberView Me() => MemberView.Of(access.Caller.Member);

    /// <summary>Your own organisation; for an operator, any.</summary>
    /// <param name="id">Its id.</param>
    [Allow]
    public async Task<OrganisationView?> Organisation(Id id) =>
        await access.OrganisationAsync(id) is { } record ? OrganisationView.Of(record) : null;

    /// <summary>A member of your own organisation; for an operator, any.</summary>
    /// <param name="id">Its id.</param>
    [Allow]
    public async Task<MemberView?> Member(Id id) => await access.MemberAsync(id) is { } record ? MemberView.Of(record) : null;

    /// <summary>All organisations of the ledger.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="name">Only those whose name has this in it, in small letters or large.</param>
    /// <param name="kind">Only those of a kind.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow(Roles.Operator)]
    [Cost(OperationCost.Many)]
    public async Task<Connection<OrganisationView>?> Organisations(
        int first, string? after = null, string? name = null, OrganisationKind? kind = null, bool? active = null, ListOrder? order = null,
        CancellationToken cancellationToken = default) =>
        await ReadAsync(new Part(first, after, order), new Sought(name, kind, active), OrganisationView.Of, cancellationToken);

    /// <summary>The organisations of the ledger by name, for who needs the id of a donor or a vendor.</summary>
    /// <param name="first">How many entries, 1 to 100; INVALID_INPUT otherwise.</param>
    /// <param name="after">The <c>endCursor</c> of the part before; from the beginning when absent.</param>
    /// <param name="name">Only those whose name has this in it, in small letters or large.</param>
    /// <param name="kind">Only those of a kind.</param>
    /// <param name="active">Only those that are active, or only those that are not.</param>
    /// <param name="order">The oldest first when absent.</param>
    /// <param name="cancellationToken">Ends it.</param>
    [Allow]
    [Cost(OperationCost.Many)]
    public Task<Connection<DirectoryEntry>> Directory(
        int first, string? after = null, string? name = null, OrganisationKind? kind = null, bool? active = null, ListOrder? order = null,
        CancellationToken cancellationToken = default) => ReadAsync(
            new Part(first, after, order), new Sought(name, kind, active),
            record => new DirectoryEntry(record.Id, record.Name, record.OrganisationKind, record.Active), cancellationToken);

    private Task<Connection<T>> ReadAsync<T>(Part part, Sought sought, Func<OrganisationRecord, T> view, CancellationToken cancellationToken)
        where T : class => lists.ReadAsync<OrganisationRecord, T>(
            RecordKind.Organisation, null, part, record => new(sought.Fits(record) ? view(record) : null), cancellationToken);

    private readonly record struct Sought(string? Name, OrganisationKind? Kind, bool? Active)
    {
        public bool Fits(OrganisationRecord record) =>
            (Name is null || record.Name.Contains(Name, StringComparison.OrdinalIgnoreCase)) && (Kind is null || record.OrganisationKind == Kind)
            && (Active is null || record.Active == Active);
    }
}
