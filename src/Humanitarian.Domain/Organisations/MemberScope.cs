namespace Humanitarian.Domain.Organisations;

/// <summary>Where a member's roles count. A list that is empty leaves its side open.</summary>
/// <param name="Programs">Programs of the organisation; decisions of the whole organisation are then out of scope.</param>
/// <param name="Areas">Sites of enrolments and devices; decisions of money, terms and members, which are of no area, are then out of scope.</param>
public sealed record MemberScope(IReadOnlyList<Id> Programs, IReadOnlyList<string> Areas)
{
    /// <summary>Most programs, and most areas.</summary>
    public const int Maximum = 64;

    /// <param name="program">None for a decision of the whole organisation.</param>
    public bool Covers(Id program) => Programs.Count == 0 || Programs.Contains(program);

    /// <param name="area">Empty for a decision on everywhere.</param>
    public bool CoversArea(string area) => Areas.Count == 0 || Areas.Contains(area);

    internal bool IsSound =>
        Programs.Count + Areas.Count > 0 && Programs.Count <= Maximum && Areas.Count <= Maximum
        && Programs.Distinct().Count() == Programs.Count && Areas.Distinct().Count() == Areas.Count
        && Areas.All(area => area.Length is > 0 and <= Stops.MaximumArea);

    public bool Equals(MemberScope? other) => other is not null && Programs.SequenceEqual(other.Programs) && Areas.SequenceEqual(other.Areas);

    public override int GetHashCode() => HashCode.Combine(Programs.Count, Areas.Count);
}
