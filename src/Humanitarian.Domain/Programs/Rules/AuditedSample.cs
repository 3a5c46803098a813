using Humanitarian.Domain.Disbursements;

namespace Humanitarian.Domain.Programs.Rules;

/// <summary>
/// From a total on, a disbursement is approved only once an auditor has committed to a sample of it, and released only once the sample's
/// result is there.
/// </summary>
/// <param name="FromMinor">The smallest total, in minor units.</param>
/// <param name="Lines">Fewest lines of the sample; all of a shorter list.</param>
public sealed record AuditedSample(long FromMinor, int Lines) : Rule
{
    public override Refusal? Validate() =>
        FromMinor >= 0 && Lines is > 0 and <= SampleRecord.MaximumLines
            ? null
            : new Refusal(RefusalCode.InvalidInput, $"fromMinor is 0 or more, lines 1 to {SampleRecord.MaximumLines}.", "terms");

    /// <summary>The rule of a program where it asks for a sample of such a total; null otherwise.</summary>
    public static AuditedSample? Of(ProgramRecord program, long totalMinor) =>
        TermsJson.Of(program).Find<AuditedSample>() is { } rule && totalMinor >= rule.FromMinor ? rule : null;
}
