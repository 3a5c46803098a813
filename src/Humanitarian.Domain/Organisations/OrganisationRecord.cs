namespace Humanitarian.Domain.Organisations;

/// <summary>What an organisation is on the ledger.</summary>
public enum OrganisationKind
{
    Ngo = 1,
    Donor = 2,
    Vendor = 3,
    Association = 4,
    PublicBody = 5,
    FinancialServiceProvider = 6,
}

/// <summary>An NGO, donor, vendor, association or public body.</summary>
/// <param name="SeparateRoles">Who enrols does not approve, who approves does not release; on by default.</param>
public sealed record OrganisationRecord(Id Id, string Name, OrganisationKind OrganisationKind, bool SeparateRoles, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Organisation;
}
