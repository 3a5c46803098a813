namespace Humanitarian.Domain.Households;

/// <summary>A pseudonymous household: how many people, whose accounts, who collects. Versions are ordered by the ledger.</summary>
/// <param name="Collector">Account that collects for the household.</param>
/// <param name="Alternates">Accounts that may collect instead.</param>
public sealed record HouseholdRecord(Id Id, Id Organisation, int Size, IReadOnlyList<Id> Accounts, Id Collector, IReadOnlyList<Id> Alternates)
    : Record(Id)
{
    public override RecordKind Kind => RecordKind.Household;
    public override Id Parent => Organisation;
    public override bool NamesPerson => true;
}
