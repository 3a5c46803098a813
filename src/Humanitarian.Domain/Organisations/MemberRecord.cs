namespace Humanitarian.Domain.Organisations;

/// <summary>What a member may do for their organisation.</summary>
[Flags]
public enum Roles
{
    None = 0,

    /// <summary>Changes members, accounts and programs of the organisation.</summary>
    Administrator = 1,

    /// <summary>Imports lists, enrols beneficiaries, drafts disbursements.</summary>
    Registrar = 2,

    /// <summary>Approves disbursements (the checker).</summary>
    Approver = 4,

    /// <summary>Releases disbursements and settlements' funds.</summary>
    Releaser = 8,

    /// <summary>Records receipts, costs and returns; approves settlements.</summary>
    Finance = 16,

    /// <summary>Delivers with a registered device.</summary>
    FieldAgent = 32,

    /// <summary>Collects redemptions and asks for settlement.</summary>
    Vendor = 64,

    /// <summary>Reads what the organisation may read.</summary>
    Reader = 128,

    /// <summary>Runs the ledger: registers organisations and units.</summary>
    Operator = 256,

    /// <summary>Runs programs day by day: accredits vendors, registers devices, stops and resumes; changes no terms and no members.</summary>
    ProgramManager = 512,

    /// <summary>Reads what the organisation may read, and reviews the roles that members took in emergencies; decides nothing else.</summary>
    Auditor = 1024,

    /// <summary>Answers beneficiaries: looks at their accounts, each look logged, and opens cases.</summary>
    HelpLine = 2048,

    /// <summary>Handles sensitive cases.</summary>
    Protection = 4096,
}

/// <summary>A person or service that acts for an organisation, under a random or assigned id, never a name.</summary>
/// <param name="Address">Address of the member's own signing key; zero for a service account that never signs.</param>
public sealed record MemberRecord(Id Id, Id Organisation, Address Address, Roles Roles, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Member;
    public override Id Parent => Organisation;

    /// <summary>Where the roles count; null for the whole organisation.</summary>
    public MemberScope? Scope { get; init; }

    /// <summary>Roles held for other members between two dates, oldest first.</summary>
    public IReadOnlyList<ActingRole> Acting { get; init; } = [];

    /// <summary>A role taken in an emergency that waits for its review; null for none.</summary>
    public EmergencyRole? Emergency { get; init; }

    /// <summary>True when the member is active and has one of the roles by right.</summary>
    public bool Has(Roles anyOf) => Active && (Roles & anyOf) != 0;

    /// <summary>True when the member is active and has one of the roles by right, for somebody else or in an emergency, whatever it is for.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public bool Has(Roles anyOf, long at) => Has(anyOf)
        || (Active && (Acting.Any(acting => (acting.Roles & anyOf) != 0 && acting.IsInForce(at)) || (Emergency is { } held && (held.Roles & anyOf) != 0 && at < held.Until)));
}
