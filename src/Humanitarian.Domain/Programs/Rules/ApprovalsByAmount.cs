namespace Humanitarian.Domain.Programs.Rules;

/// <summary>From a total on, a disbursement needs so many approvers.</summary>
/// <param name="FromMinor">The smallest total, in minor units.</param>
/// <param name="Approvals">How many different members approve.</param>
public sealed record ApprovalStep(long FromMinor, int Approvals);

/// <summary>
/// Who decides: the larger a disbursement's total, the more members approve it, each with their own signature. Without this rule, and
/// below its first step, one does.
/// </summary>
/// <param name="Steps">By rising totals, each with more approvers than the one before.</param>
public sealed record ApprovalsByAmount(IReadOnlyList<ApprovalStep> Steps) : Rule
{
    /// <summary>Most approvers of a step.</summary>
    public const int MaximumApprovals = 9;

    public override Refusal? Validate()
    {
        var (from, approvals) = (-1L, 1);
        foreach (var step in Steps)
        {
            if (step.FromMinor <= from || step.Approvals <= approvals || step.Approvals > MaximumApprovals)
            {
                return Invalid();
            }

            (from, approvals) = (step.FromMinor, step.Approvals);
        }

        return Steps.Count == 0 ? Invalid() : null;
    }

    /// <summary>How many different members approve a disbursement of this total.</summary>
    public static int Needed(ProgramRecord program, long totalMinor)
    {
        var needed = 1;
        foreach (var step in TermsJson.Of(program).Find<ApprovalsByAmount>()?.Steps ?? [])
        {
            needed = totalMinor >= step.FromMinor ? step.Approvals : needed;
        }

        return needed;
    }

    private static Refusal Invalid() => new(
        RefusalCode.InvalidInput, $"steps go by rising fromMinor, each with more approvals than the one before, from 2 to {MaximumApprovals}.", "terms");
}
