namespace Humanitarian.Domain.Programs;

/// <summary>A vendor's right to be paid in a program, for some categories of goods (all when none is named).</summary>
public sealed record AccreditationRecord(Id Id, Id Program, Id VendorAccount, IReadOnlyList<string> Categories, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Accreditation;
    public override Id Parent => Program;

    /// <summary>The id of a vendor account's accreditation in a program.</summary>
    public static Id IdOf(Id program, Id vendorAccount) => new(program.High ^ vendorAccount.High, unchecked(program.Low + vendorAccount.Low));
}
