namespace Humanitarian.Domain.Organisations;

/// <summary>A role that a member took in an emergency and that nobody has reviewed yet.</summary>
/// <param name="Emergency">Its record, which stays.</param>
/// <param name="Subject">The one disbursement or settlement that it decides on.</param>
/// <param name="CapMinor">Most that the subject may sum to, in minor units.</param>
/// <param name="Until">Unix milliseconds from which it is not held any more.</param>
public sealed record EmergencyRole(Id Emergency, Roles Roles, Id Program, Id Subject, long CapMinor, long Until);

/// <summary>That a member took a role in an emergency, why, and what another thought of it.</summary>
/// <param name="Reason">Never about a person.</param>
/// <param name="ReviewedBy">Another member; none until it is reviewed.</param>
/// <param name="Justified">What the review found.</param>
/// <param name="Review">The review's words, never about a person; empty before.</param>
public sealed record EmergencyRecord(
    Id Id, Id Organisation, Id Member, Roles Roles, Id Program, Id Subject, long CapMinor, long Until, string Reason, Id ReviewedBy, bool Justified, string Review)
    : Record(Id)
{
    public override RecordKind Kind => RecordKind.Emergency;
    public override Id Parent => Organisation;

    internal EmergencyRole Role => new(Id, Roles, Program, Subject, CapMinor, Until);
}
