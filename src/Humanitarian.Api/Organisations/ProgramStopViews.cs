using GraphQL;
using Humanitarian.Api.GraphQL;
using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Api.Organisations;

/// <summary>A program, an area of it or a vendor in it that is stopped: nothing of it pays, redeems, releases or delivers.</summary>
/// <param name="Area">The site of enrolments; null for all of the program or a vendor.</param>
/// <param name="VendorAccountId">The vendor's account; null for all of the program or an area.</param>
/// <param name="Reason">Why.</param>
/// <param name="On">The UTC day of the stop, as YYYY-MM-DD.</param>
/// <param name="StoppedBy">The member who stopped it.</param>
/// <param name="ResumeAskedBy">The member who asked to resume; another confirms. Null before.</param>
[Name("ProgramStop")]
public sealed record ProgramStopView(string? Area, Id? VendorAccountId, StopReason Reason, string On, Id StoppedBy, Id? ResumeAskedBy)
{
    internal static ProgramStopView Of(ProgramStop stop) => new(
        stop.Area.Length == 0 ? null : stop.Area, stop.VendorAccount.IsNone ? null : stop.VendorAccount, stop.Reason,
        Days.Text(stop.OnDay), stop.StoppedBy, stop.ResumeAskedBy.IsNone ? null : stop.ResumeAskedBy);
}

/// <summary>For a time one member may do in the program what separate members do elsewhere, once enough of the named members have signed.</summary>
/// <param name="Reason">Why.</param>
/// <param name="From">When it begins to count.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Threshold">How many members must approve it.</param>
/// <param name="Members">Who may approve it.</param>
/// <param name="ApprovedBy">Who has, in order; the first proposed it.</param>
[Name("SeparationWaiver")]
public sealed record SeparationWaiverView(
    string Reason, DateTimeOffset From, DateTimeOffset Until, int Threshold, IReadOnlyList<Id> Members, IReadOnlyList<Id> ApprovedBy)
{
    /// <summary>True when it counts now.</summary>
    [AsParent]
    public bool InEffect([FromServices] TimeProvider time) => ApprovedBy.Count >= Threshold && time.GetUtcNow() is var now && From <= now && now < Until;

    internal static SeparationWaiverView Of(SeparationWaiver waiver) => new(
        waiver.Reason, DateTimeOffset.FromUnixTimeMilliseconds(waiver.From), DateTimeOffset.FromUnixTimeMilliseconds(waiver.Until), waiver.Threshold,
        waiver.Members, waiver.ApprovedBy);
}
