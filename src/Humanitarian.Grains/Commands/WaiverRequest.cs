using Humanitarian.Domain;
using Humanitarian.Domain.Organisations;

namespace Humanitarian.Grains.Commands;

/// <summary>A proposal to switch the separation of duties off in a program; see <see cref="SeparationWaiver"/>.</summary>
[GenerateSerializer, Immutable, Alias("WaiverRequest")]
public sealed record WaiverRequest(
    [property: Orleans.Id(0)] string Reason,
    [property: Orleans.Id(1)] long From,
    [property: Orleans.Id(2)] long Until,
    [property: Orleans.Id(3)] IReadOnlyList<Id> Members,
    [property: Orleans.Id(4)] int Threshold)
{
    internal SeparationWaiver ToWaiver() => new(Reason, From, Until, Members, Threshold, []);
}
