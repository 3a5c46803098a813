using Humanitarian.Domain.Organisations;

namespace Humanitarian.Domain.Programs;

/// <summary>A program: an instance of a contract, run by an organisation, in one unit.</summary>
/// <param name="Terms">The contract as canonical JSON, so that its hash is anybody's to check.</param>
/// <param name="TermsVersion">Counts the versions of the terms from 1; transactions name the one they were decided under.</param>
public sealed record ProgramRecord(
    Id Id, Id Organisation, string Name, string Unit, string Terms, uint TermsVersion, Id Pool, Id ReturnQueue, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Program;
    public override Id Parent => Organisation;

    /// <summary>What of it is stopped, oldest first.</summary>
    public IReadOnlyList<ProgramStop> Stops { get; init; } = [];

    /// <summary>What its members agreed, or are about to agree, on the separation of duties; null for nothing.</summary>
    public SeparationWaiver? Waiver { get; init; }

    /// <summary>Terms that are proposed, or wait for their time; null for none.</summary>
    public TermsAmendment? Amendment { get; init; }
}
