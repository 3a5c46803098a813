namespace Humanitarian.Domain.Organisations;

/// <summary>What an organisation is on the ledger.</summary>
public enum OrganisationKind
{
    /// <summary>Runs programs of aid.</summary>
    Ngo = 1,

    /// <summary>Gives grants.</summary>
    Donor = 2,

    /// <summary>Sells goods for vouchers.</summary>
    Vendor = 3,

    /// <summary>Runs programs of exchange.</summary>
    Association = 4,

    /// <summary>A ministry, a municipality or another public body.</summary>
    PublicBody = 5,

    /// <summary>Pays cash out.</summary>
    FinancialServiceProvider = 6,

    /// <summary>Coordinates assistance: a cash working group, which recommends values.</summary>
    WorkingGroup = 7,
}

/// <summary>An NGO, donor, vendor, association or public body.</summary>
/// <param name="SeparateRoles">Who enrols does not approve, who approves does not release; false in a ledger's first organisation at most.</param>
/// <param name="Active">False until the operator verifies it, and while it is suspended: its members decide nothing.</param>
public sealed record OrganisationRecord(Id Id, string Name, OrganisationKind OrganisationKind, bool SeparateRoles, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Organisation;
}
