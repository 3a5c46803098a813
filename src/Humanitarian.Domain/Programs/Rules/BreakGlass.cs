namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// In an emergency a member may take a role they lack, to decide on one disbursement or settlement up to an amount, for a while and with a
/// reason that another member reviews. Without this rule nobody may.
/// </summary>
/// <param name="MaximumMinor">Most that what is decided on may sum to, in minor units.</param>
/// <param name="Seconds">Longest that the role is held.</param>
public sealed record BreakGlass(long MaximumMinor, long Seconds) : Rule
{
    public override Refusal? Validate() =>
        MaximumMinor > 0 && Seconds is > 0 and <= 7 * 86_400
            ? null
            : new Refusal(RefusalCode.InvalidInput, "maximumMinor must be positive, and seconds at most a week.", "terms");
}
