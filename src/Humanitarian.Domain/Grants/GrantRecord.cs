namespace Humanitarian.Domain.Grants;

/// <summary>A line of a grant's budget: what a purpose may cost at most and has cost so far, in minor units.</summary>
public sealed record BudgetLine(string Code, long LimitMinor, long SpentMinor);

/// <summary>A donor's money for a program: commitment, eligibility, earmark and budget lines. Receipts open lots under it.</summary>
/// <param name="Unit">The donor's currency, in which the grant is committed, received and budgeted. Where it is not the program's, <see cref="Conversions"/> come between.</param>
/// <param name="CommitmentMinor">What the donor committed, in minor units of <paramref name="Unit"/>.</param>
/// <param name="ReceivedMinor">Sum of its receipts so far; never above the commitment.</param>
/// <param name="EligibleFrom">First moment, in Unix milliseconds, at which it may be disbursed.</param>
/// <param name="EligibleUntil">First moment at which it may no longer be disbursed.</param>
/// <param name="Earmark">Area, sector or group the money is tied to; empty for unearmarked money.</param>
public sealed record GrantRecord(
    Id Id, Id Donor, Id Program, string Unit, long CommitmentMinor, long ReceivedMinor, long EligibleFrom, long EligibleUntil, string Earmark,
    IReadOnlyList<BudgetLine> BudgetLines, bool Active) : Record(Id)
{
    public override RecordKind Kind => RecordKind.Grant;
    public override Id Parent => Program;
}
