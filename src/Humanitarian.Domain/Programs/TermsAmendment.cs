namespace Humanitarian.Domain.Programs;

/// <summary>Terms that are proposed for a program, until they take effect.</summary>
/// <param name="Terms">The contract as canonical JSON.</param>
/// <param name="FromTime">Unix milliseconds before which they do not take effect; 0 for none.</param>
/// <param name="FromHeight">Height of the first block that may put them in effect; 0 for none.</param>
/// <param name="ProposedBy">The member who proposed them.</param>
/// <param name="ApprovedBy">Another member, who approved them; none while nobody has.</param>
public sealed record TermsAmendment(string Terms, long FromTime, ulong FromHeight, Id ProposedBy, Id ApprovedBy)
{
    /// <summary>True when somebody has approved them.</summary>
    public bool IsApproved => !ApprovedBy.IsNone;

    /// <summary>True where they may take effect, once approved.</summary>
    /// <param name="at">Unix milliseconds.</param>
    /// <param name="height">Height of the block that they would take effect in.</param>
    public bool IsDue(long at, ulong height) => FromTime <= at && FromHeight <= height;
}
