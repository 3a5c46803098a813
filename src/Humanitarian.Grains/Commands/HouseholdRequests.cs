using Humanitarian.Domain;
using Humanitarian.Domain.Households;

namespace Humanitarian.Grains.Commands;

/// <summary>Members leave a household; see <see cref="SplitCommand"/>.</summary>
[GenerateSerializer, Immutable, Alias("SplitRequest")]
public sealed record SplitRequest(
    [property: Orleans.Id(0)] Id Household,
    [property: Orleans.Id(1)] IReadOnlyList<Id> Leaving,
    [property: Orleans.Id(2)] IReadOnlyList<Id> Opened,
    [property: Orleans.Id(3)] int Size,
    [property: Orleans.Id(4)] Id NewCollector,
    [property: Orleans.Id(5)] Id Collector);

/// <summary>Households become one.</summary>
/// <param name="Collector">The first household's collector when none.</param>
[GenerateSerializer, Immutable, Alias("MergeRequest")]
public sealed record MergeRequest([property: Orleans.Id(0)] IReadOnlyList<Id> Households, [property: Orleans.Id(1)] Id Collector);

/// <summary>A household's member has died; see <see cref="DeathCommand"/>.</summary>
[GenerateSerializer, Immutable, Alias("DeathRequest")]
public sealed record DeathRequest(
    [property: Orleans.Id(0)] Id Household,
    [property: Orleans.Id(1)] Id Account,
    [property: Orleans.Id(2)] Id Successor);
