namespace Humanitarian.Domain.Organisations;

/// <summary>Roles of an absent member that another holds between two dates.</summary>
/// <param name="For">The absent member, who has the roles by right.</param>
/// <param name="From">Unix milliseconds from which they are held.</param>
/// <param name="Until">Unix milliseconds from which they are not held any more.</param>
/// <param name="AppointedBy">The administrator who signed it.</param>
public sealed record ActingRole(Roles Roles, Id For, long From, long Until, Id AppointedBy)
{
    /// <param name="at">Unix milliseconds.</param>
    public bool IsInForce(long at) => From <= at && at < Until;
}
