namespace Humanitarian.Domain.Programs.Rules;

/// <summary>When a member leaves, the commons fund takes over what is left: a credit as it is, a debt up to a limit.</summary>
/// <param name="DebtMinor">Most debt of one member that the fund takes over, in minor units.</param>
public sealed record RemainderToFund(long DebtMinor) : Rule
{
    public override Refusal? Validate() =>
        DebtMinor >= 0 ? null : new Refusal(RefusalCode.InvalidInput, "debtMinor must not be negative.", "terms");
}
