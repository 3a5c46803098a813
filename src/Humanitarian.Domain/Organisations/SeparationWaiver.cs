namespace Humanitarian.Domain.Organisations;

/// <summary>
/// For a time one member may do in a program what separate members do elsewhere: enrol, approve and release. It counts once enough of the
/// named members have signed.
/// </summary>
/// <param name="Reason">Why, for donors to read; never about a person.</param>
/// <param name="From">Unix milliseconds before which it does not count.</param>
/// <param name="Until">Unix milliseconds from which it does not count any more.</param>
/// <param name="Members">Who may approve it.</param>
/// <param name="Threshold">How many of them must.</param>
/// <param name="ApprovedBy">Who has, in order; the first proposed it.</param>
public sealed record SeparationWaiver(string Reason, long From, long Until, IReadOnlyList<Id> Members, int Threshold, IReadOnlyList<Id> ApprovedBy)
{
    /// <summary>True when enough members have approved it.</summary>
    public bool IsApproved => ApprovedBy.Count >= Threshold;

    /// <summary>True when it counts at a time.</summary>
    /// <param name="at">Unix milliseconds.</param>
    public bool IsInEffect(long at) => IsApproved && From <= at && at < Until;

    public bool Equals(SeparationWaiver? other) =>
        other is not null && (Reason, From, Until, Threshold) == (other.Reason, other.From, other.Until, other.Threshold)
        && Members.SequenceEqual(other.Members) && ApprovedBy.SequenceEqual(other.ApprovedBy);

    public override int GetHashCode() => HashCode.Combine(Reason, From, Until, Threshold);
}
