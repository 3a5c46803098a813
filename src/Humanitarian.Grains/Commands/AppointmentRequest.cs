using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Grains.Commands;

/// <summary>A member holds an absent one's roles between two dates; see <see cref="ActingRole"/>.</summary>
[GenerateSerializer, Immutable, Alias("AppointmentRequest")]
public sealed record AppointmentRequest(
    [property: Orleans.Id(0)] Id Member,
    [property: Orleans.Id(1)] Id Absent,
    [property: Orleans.Id(2)] Roles Roles,
    [property: Orleans.Id(3)] long From,
    [property: Orleans.Id(4)] long Until);
