using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Grains.Commands;

/// <summary>A member takes a role they lack; see <see cref="EmergencyRecord"/>.</summary>
[GenerateSerializer, Immutable, Alias("EmergencyRequest")]
public sealed record EmergencyRequest(
    [property: Orleans.Id(0)] Id Program,
    [property: Orleans.Id(1)] Id Subject,
    [property: Orleans.Id(2)] Roles Role,
    [property: Orleans.Id(3)] long Until,
    [property: Orleans.Id(4)] string Reason);
