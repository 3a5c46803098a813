namespace Humanitarian.Domain.Grants;

/// <summary>A line of a grant's budget: what a purpose may cost at most, in minor units.</summary>
public sealed record BudgetLine(string Code, long LimitMinor);

/// <summary>A donor's money for a program: commitment, eligibility, earmark and budget lines. Receipts open lots under it.</summary>
/// <param name="CommitmentMinor">What the donor committed, in minor units of the program's unit.</param>
/// <param name="EligibleFrom">First moment, in Unix milliseconds, at which it may be disbursed.</param>
/// <param name="EligibleUntil">First moment at which it may no longer be disbursed.</param>
/// <param name="Earmark">Area, sector or group the money is tied to; empty for unearmarked money.</param>
public sealed record GrantRecord(
    Id Id, Id Donor, Id Program, string Unit, long CommitmentMinor, long EligibleFrom, long EligibleUntil, string Earmark,
    IReadOnlyList<BudgetLine> BudgetLines, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Grant;
    public override Id Parent => Program;
}
