using Humanitarian.Domain;

namespace Humanitarian.Grains.Commands;

/// <summary>A step of an auditor's sample.</summary>
public enum SampleStep
{
    Commit = 1,
    Reveal = 2,
    Record = 3,
}

/// <summary>What an auditor does with a sample.</summary>
/// <param name="Value">The commitment or the secret.</param>
/// <param name="Lines">With a commitment, how many lines are drawn.</param>
/// <param name="Passed">With a result.</param>
/// <param name="Reason">With a result, a code.</param>
[GenerateSerializer, Immutable, Alias("SampleRequest")]
public sealed record SampleRequest(
    [property: Orleans.Id(0)] SampleStep Step, [property: Orleans.Id(1)] Hash32 Value, [property: Orleans.Id(2)] int Lines, [property: Orleans.Id(3)] bool Passed,
    [property: Orleans.Id(4)] string Reason);
