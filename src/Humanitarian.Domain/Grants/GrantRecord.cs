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
    /// <summary>Highest rate of indirect costs, in basis points: as much again as the direct cost.</summary>
    public const int MaximumIndirectRate = 10_000;

    public override RecordKind Kind => RecordKind.Grant;
    public override Id Parent => Program;

    /// <summary>What may be charged on top of a direct cost, in basis points of it; 0 where the donor bears no indirect costs.</summary>
    public int IndirectRate { get; init; }

    /// <summary>Indirect costs charged so far and not recharged, in minor units.</summary>
    public long IndirectMinor { get; init; }

    /// <summary>True when the donor lets costs be recharged from and to the grant.</summary>
    public bool AllowsRecharges { get; init; }

    /// <summary>True for an agreement on more than the money: see <see cref="IndirectRate"/> and <see cref="AllowsRecharges"/>.</summary>
    public bool HasCostTerms => IndirectRate != 0 || IndirectMinor != 0 || AllowsRecharges;

    /// <summary>
    /// The indirect part of a direct cost, in minor units, rounded down: each cost by itself, so that no costs together are charged over
    /// the rate, whichever of them are recharged later.
    /// </summary>
    public long IndirectOf(long directMinor) => (long)((Int128)directMinor * IndirectRate / MaximumIndirectRate);

    /// <summary>The grant after a cost, or after one is taken back when the amounts are negative; null without the budget line.</summary>
    /// <exception cref="OverflowException">The sums do not fit 64 bits.</exception>
    internal GrantRecord? Charged(string line, long directMinor, long indirectMinor) => BudgetLines.Count(one => one.Code == line) != 1 ? null : this with
    {
        BudgetLines = [.. BudgetLines.Select(one => one.Code == line ? one with { SpentMinor = checked(one.SpentMinor + directMinor) } : one)],
        IndirectMinor = checked(IndirectMinor + indirectMinor),
    };

    /// <summary>Equal in every field, budget lines by their elements.</summary>
    internal bool IsAs(GrantRecord? other) =>
        other is not null && this with { BudgetLines = other.BudgetLines } == other && BudgetLines.SequenceEqual(other.BudgetLines);

    /// <summary>What of a budget line is not spent, in minor units; 0 without the line.</summary>
    internal long LeftOf(string line) => BudgetLines.FirstOrDefault(one => one.Code == line) is { } found ? found.LimitMinor - found.SpentMinor : 0;
}
