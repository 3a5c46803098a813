namespace Humanitarian.Domain.Households;

/// <summary>A pseudonymous household: how many people, whose accounts, who collects. Versions are ordered by the ledger.</summary>
/// <param name="Collector">Account that collects for the household; none once it is merged into another.</param>
/// <param name="Alternates">Accounts that may collect instead.</param>
public sealed record HouseholdRecord(Id Id, Id Organisation, int Size, IReadOnlyList<Id> Accounts, Id Collector, IReadOnlyList<Id> Alternates)
    : Record(Id)
{
    /// <summary>Most accounts of a household.</summary>
    public const int MaximumAccounts = 64;

    /// <summary>Most households whose claims one inherits.</summary>
    public const int MaximumInheritances = 64;

    public override RecordKind Kind => RecordKind.Household;
    public override Id Parent => Organisation;
    public override bool NamesPerson => true;

    /// <summary>The households it came from, whose assistance until then was its own. Set when it is opened, for ever.</summary>
    public IReadOnlyList<Inheritance> Inherits { get; init; } = [];

    /// <summary>The household that this one was merged into, and lives on as.</summary>
    public Id MergedInto { get; init; }
}

/// <summary>Claims that a household inherits: all that <paramref name="Household"/> had taken before <paramref name="Until"/> was opened.</summary>
public readonly record struct Inheritance(Id Household, Id Until);
