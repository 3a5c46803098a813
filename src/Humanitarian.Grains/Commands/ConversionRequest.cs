using Humanitarian.Domain;
using Humanitarian.Domain.Grants;

namespace Humanitarian.Grains.Commands;

/// <summary>What a bank did with a part of a grant; see <see cref="ConvertCommand"/>.</summary>
[GenerateSerializer, Immutable, Alias("ConversionRequest")]
public sealed record ConversionRequest(
    [property: Orleans.Id(0)] Id Grant,
    [property: Orleans.Id(1)] long FromMinor,
    [property: Orleans.Id(2)] long ToMinor,
    [property: Orleans.Id(3)] string Rate,
    [property: Orleans.Id(4)] long OnDay,
    [property: Orleans.Id(5)] Hash32 Evidence)
{
    internal ConvertCommand ToCommand() => new(Grant, FromMinor, ToMinor, Rate, OnDay, Evidence);
}
