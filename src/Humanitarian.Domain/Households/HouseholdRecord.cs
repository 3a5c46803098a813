namespace Humanitarian.Domain.Households;

/// <summary>A pseudonymous household: how many people, whose accounts, who collects. Versions are ordered by the ledger.</summary>
/// <param name="Collector">Account that collects for the household; none once it is merged into another.</param>
/// <param name="Alternates">Accounts whose persons may collect instead, once a change of the record has said so.</param>
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

    /// <summary>The member who said last who collects, after its enrolment; none before.</summary>
    public Id CollectorsSetBy { get; init; }

    /// <summary>Unix milliseconds; 0 before.</summary>
    public long CollectorsSetAt { get; init; }

    /// <summary>
    /// True for an alternate of the account that collects. Nobody is one for another member's account, nor by a merge: a registrar has said so.
    /// </summary>
    public bool MayCollect(Id alternate, Id account) => Collector == account && !CollectorsSetBy.IsNone && Alternates.Contains(alternate);

    /// <summary>True for an account that a member has so lately put among those that collect that they may collect themselves.</summary>
    /// <param name="at">Unix milliseconds.</param>
    /// <param name="milliseconds">How long it is lately.</param>
    public bool IsLatelyBy(Id member, Id account, long at, long milliseconds) =>
        CollectorsSetBy == member && at - CollectorsSetAt < milliseconds && (Collector == account || Alternates.Contains(account));

    /// <summary>
    /// This record with who says now who collects, where that lets somebody collect who did not before. Who only takes away alternates that
    /// somebody named gives nothing to anybody: who named the others is still who did.
    /// </summary>
    /// <param name="current">The record before; null for none.</param>
    /// <param name="at">Unix milliseconds.</param>
    internal HouseholdRecord WithCollectorsSetBy(HouseholdRecord? current, Id member, long at) =>
        current is null || (Collector == current.Collector && (Alternates.SequenceEqual(current.Alternates) || OnlyTakesAway(current)))
            ? this with { CollectorsSetBy = current?.CollectorsSetBy ?? Id.None, CollectorsSetAt = current?.CollectorsSetAt ?? 0 }
            : this with { CollectorsSetBy = member, CollectorsSetAt = at };

    // Alternates that a merge has brought along count once somebody names them, some of them too.
    private bool OnlyTakesAway(HouseholdRecord current) =>
        Alternates.Count == 0 || (!current.CollectorsSetBy.IsNone && Alternates.All(current.Alternates.Contains));
}

/// <summary>Claims that a household inherits: all that <paramref name="Household"/> had taken before <paramref name="Until"/> was opened.</summary>
public readonly record struct Inheritance(Id Household, Id Until);
