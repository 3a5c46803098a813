namespace Humanitarian.Grains.Commands;

/// <summary>What whoever drafted a disbursement expects of it; null for what they do not say.</summary>
/// <param name="Lines">How many lines.</param>
/// <param name="TotalMinor">What they sum to, in minor units.</param>
[GenerateSerializer, Immutable, Alias("ControlTotals")]
public sealed record ControlTotals([property: Orleans.Id(0)] long? Lines, [property: Orleans.Id(1)] long? TotalMinor)
{
    /// <summary>Nothing is expected.</summary>
    public static ControlTotals None { get; } = new(null, null);
}
