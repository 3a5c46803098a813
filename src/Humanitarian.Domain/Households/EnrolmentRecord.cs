namespace Humanitarian.Domain.Households;

/// <summary>A beneficiary's place in a program, and who enrolled them: that member never delivers to them.</summary>
public sealed record EnrolmentRecord(Id Id, Id Program, Id Account, Id Household, Id EnrolledBy, string Site, bool Active) : Record(Id)
{
    /// <summary>Most characters of a site.</summary>
    public const int MaximumSite = 100;

    public override RecordKind Kind => RecordKind.Enrolment;
    public override Id Parent => Program;
    public override bool NamesPerson => true;

    /// <summary>
    /// Who answers for a version: whoever writes the first or brings one back that was not active; what changes an active enrolment,
    /// or ends it, leaves that as it was, so that nobody rids an enroller of the bar on delivering.
    /// </summary>
    public bool IsEnrolledRightly(EnrolmentRecord? before, Id principal) =>
        EnrolledBy == (before is null || (Active && !before.Active) ? principal : before.EnrolledBy)
        && (before is null || (before.Program == Program && before.Account == Account));

    /// <summary>The id of an account's enrolment in a program: the account's, offset by the program's.</summary>
    public static Id IdOf(Id program, Id account) => new(program.High ^ account.High, unchecked(program.Low + account.Low));
}
